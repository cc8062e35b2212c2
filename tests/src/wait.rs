//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};

use anyhow::bail;

/// How long a guest may take to boot: emulated, on two shared cores, beside other tests.
pub const BOOT: Duration = Duration::from_secs(240);
/// How long the cluster may take for one step.
pub const STEP: Duration = Duration::from_secs(90);

const INTERVAL: Duration = Duration::from_millis(200);

/// Polls until `check` gives a value. An error of `check` counts as "not yet"; the last one is told when the time is over.
pub fn until<T>(
    limit: Duration,
    what: &str,
    mut check: impl FnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let end = Instant::now() + limit;
    loop {
        let last = match check() {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => String::new(),
            Err(error) => format!("; last: {error:#}"),
        };
        if Instant::now() >= end {
            bail!("{what} did not happen within {}s{last}", limit.as_secs());
        }
        std::thread::sleep(INTERVAL);
    }
}

/// Polls until `check` is true.
pub fn within(
    limit: Duration,
    what: &str,
    mut check: impl FnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    until(limit, what, || Ok(check()?.then_some(())))
}
