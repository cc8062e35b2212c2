//! How long a watch that was interrupted waits before it tries again.

use std::time::{Duration, Instant};

use kube::runtime::utils::Backoff;

/// The first wait.
const FIRST: Duration = Duration::from_millis(500);
/// The longest: an API server that comes back is noticed soon, and a few hundred watches that ask this often do it no harm.
const LONGEST: Duration = Duration::from_secs(5);
/// After this long without an interruption it starts with the first wait again.
const CALM: Duration = Duration::from_secs(60);

/// Half a second, doubling up to 5 s, each 20 % more or less so that components do not ask in step. For
/// `WatchStreamExt::backoff`; kube's own goes up to 30 s, which is long for settings and certificates.
#[derive(Debug)]
pub struct Reconnect {
    wait: Duration,
    last: Option<Instant>,
    random: u32,
}

impl Default for Reconnect {
    fn default() -> Self {
        // Any number will do that differs between processes and watches.
        let seed = std::collections::hash_map::RandomState::new();
        let random = std::hash::BuildHasher::hash_one(&seed, 0_u8);
        Self {
            wait: FIRST,
            last: None,
            random: u32::try_from(random & u64::from(u32::MAX)).unwrap_or(1) | 1,
        }
    }
}

impl Iterator for Reconnect {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        if self.last.is_some_and(|last| last.elapsed() > CALM) {
            self.wait = FIRST;
        }
        self.last = Some(Instant::now());
        let wait = self.wait;
        self.wait = (wait * 2).min(LONGEST);
        // xorshift: good enough to be out of step.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        Some(wait * (80 + self.random % 41) / 100)
    }
}

impl Backoff for Reconnect {
    /// Called after each good event. A watch that begins well and breaks at once must not become a busy loop, so that only
    /// time counts.
    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_five_seconds() {
        let mut reconnect = Reconnect::default();
        let waits: Vec<_> = reconnect.by_ref().take(8).collect();
        assert!(waits[0] >= Duration::from_millis(400) && waits[0] <= Duration::from_millis(600));
        assert!(waits[2] > waits[0]);
        assert!(
            waits[5..]
                .iter()
                .all(|wait| (4..=6).contains(&wait.as_secs()))
        );
        reconnect.reset();
        assert!(reconnect.next().unwrap() >= Duration::from_secs(4));
        reconnect.last = Instant::now().checked_sub(Duration::from_secs(61));
        assert!(reconnect.next().unwrap() <= Duration::from_millis(600));
    }
}
