//! Many cases of a check, each from a seed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Environment variable: how many cases each check gets, without a limit of time.
const CASES: &str = "KUBEVIRT_FUZZ_CASES";
/// Environment variable: the first seed.
const SEED: &str = "KUBEVIRT_FUZZ_SEED";

/// How many cases a check gets. The seeds are the same in each run: a check that passed does not fail without a change.
#[derive(Clone, Copy, Debug)]
pub struct Cases {
    first: u64,
    count: u64,
    limit: Option<Duration>,
}

impl Cases {
    /// So many cases, fewer if they take longer than the limit; as the environment says if it does.
    pub fn new(count: u64, limit: Duration) -> Self {
        let from = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
        let wanted = from(CASES);
        Self {
            first: from(SEED).unwrap_or(1),
            count: wanted.unwrap_or(count),
            limit: wanted.is_none().then_some(limit),
        }
    }

    /// Runs the check with each seed. Returns how many cases there were, or which seed failed and how.
    ///
    /// # Errors
    /// When a check fails or panics.
    pub fn run(
        self,
        what: &str,
        mut check: impl FnMut(u64) -> Result<(), String>,
    ) -> Result<u64, String> {
        let started = Instant::now();
        for done in 0..self.count {
            if self.limit.is_some_and(|limit| started.elapsed() > limit) {
                return Ok(done);
            }
            let seed = self.first.wrapping_add(done);
            let failure = match catch_unwind(AssertUnwindSafe(|| check(seed))) {
                Ok(Ok(())) => continue,
                Ok(Err(failure)) => failure,
                Err(panic) => {
                    let text = panic.downcast_ref::<String>().map(String::as_str);
                    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                    format!("it panicked: {}", text.unwrap_or("without words"))
                }
            };
            return Err(format!(
                "{what}, seed {seed}: {failure}\nonce more: {SEED}={seed} {CASES}=1 cargo test ..."
            ));
        }
        Ok(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_its_seed() {
        let cases = Cases {
            first: 5,
            count: 10,
            limit: None,
        };
        assert_eq!(cases.run("all is well", |_| Ok(())), Ok(10));
        let failed = cases.run("a rule", |seed| {
            if seed == 7 {
                Err("broken".to_owned())
            } else {
                Ok(())
            }
        });
        assert!(failed.unwrap_err().starts_with("a rule, seed 7: broken\n"));
        let panicked = cases.run("a rule", |seed| {
            if seed == 9 {
                std::panic::panic_any("no")
            } else {
                Ok(())
            }
        });
        assert!(
            panicked
                .unwrap_err()
                .starts_with("a rule, seed 9: it panicked: no\n")
        );
    }
}
