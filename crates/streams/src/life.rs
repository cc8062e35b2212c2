//! Whether the other end is still there.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// How often the other end is asked whether it is still there.
pub(crate) const PING: Duration = Duration::from_secs(10);
/// How long the other end may say nothing at all: two pings without an answer.
const SILENCE: Duration = Duration::from_secs(24);
/// How long one side may take no byte while the other is held back for it. Somebody may look at one page of output for long;
/// no memory is taken meanwhile.
pub(crate) const STALLED: Duration = Duration::from_secs(600);
/// How often that is looked at. With [`SILENCE`] less than 30 s.
const LOOK: Duration = Duration::from_secs(3);

/// When the other end was last heard of.
pub(crate) struct Life {
    born: Instant,
    /// Milliseconds after `born`.
    heard: AtomicU64,
    /// Input waits for the guest, so nothing is read from the other end, which is then not to blame for its silence.
    pub(crate) holding: AtomicBool,
    /// The other end takes nothing, so that it does not see the pings either.
    pub(crate) pushing: AtomicBool,
}

impl Life {
    pub(crate) fn new() -> Self {
        Self {
            born: Instant::now(),
            heard: AtomicU64::new(0),
            holding: AtomicBool::new(false),
            pushing: AtomicBool::new(false),
        }
    }

    /// Something came.
    pub(crate) fn heard(&self) {
        let now = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heard.store(now, Ordering::Relaxed);
    }

    fn over(&self) -> bool {
        let last = self.born + Duration::from_millis(self.heard.load(Ordering::Relaxed));
        let excused = self.holding.load(Ordering::Relaxed) || self.pushing.load(Ordering::Relaxed);
        last.elapsed() > if excused { STALLED } else { SILENCE }
    }

    /// Waits until the other end is to be given up.
    pub(crate) async fn watch(&self) {
        while !self.over() {
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Sets a flag while a future runs.
pub(crate) async fn during<T>(flag: &AtomicBool, work: impl Future<Output = T>) -> T {
    flag.store(true, Ordering::Relaxed);
    let done = work.await;
    flag.store(false, Ordering::Relaxed);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_is_noticed_within_half_a_minute() {
        let life = Life::new();
        let begun = Instant::now();
        life.watch().await;
        assert!(begun.elapsed() > SILENCE);
        assert!(begun.elapsed() < Duration::from_secs(30));
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_held_back_has_longer() {
        let life = Life::new();
        life.holding.store(true, Ordering::Relaxed);
        let begun = Instant::now();
        life.watch().await;
        assert!(begun.elapsed() > STALLED);
        assert!(begun.elapsed() < STALLED + 2 * LOOK);
    }
}
