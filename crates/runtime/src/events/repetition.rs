//! When the repetition of an event is worth a write. Pure: time is an argument.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

/// How many different events are remembered; the one not seen for longest is forgotten first.
const REMEMBERED: usize = 1024;

/// After this much silence an event counts as new. Less than the hour after which the API server deletes events.
const FORGET: Duration = Duration::from_secs(30 * 60);

/// A repetition is written at least when this much time has passed since the last write.
const STALE: Duration = Duration::from_secs(10 * 60);

/// What to do with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is new: create it.
    Create,
    /// It exists: patch its count.
    Patch {
        /// Times it happened, this one included.
        count: i32,
    },
    /// It exists and was written not long ago: only remember.
    Hold,
}

#[derive(Clone, Debug)]
struct Entry {
    count: i32,
    written: Duration,
    seen: Duration,
}

/// Counts the repetitions of events with key `K`. Within ten minutes of steady repetition only the 2nd, 4th, 8th, ...
/// is written, so a thousand repetitions cost ten writes.
#[derive(Debug)]
pub struct Repetitions<K> {
    entries: HashMap<K, Entry>,
}

impl<K> Default for Repetitions<K> {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
        }
    }
}

impl<K: Eq + Hash + Clone> Repetitions<K> {
    /// Notes that `key` happened at `now` (since any fixed moment, not going back).
    pub fn note(&mut self, key: &K, now: Duration) -> Decision {
        let known = self
            .entries
            .get_mut(key)
            .filter(|entry| now.saturating_sub(entry.seen) < FORGET);
        let Some(entry) = known else {
            self.make_room();
            self.entries.insert(
                key.clone(),
                Entry {
                    count: 1,
                    written: now,
                    seen: now,
                },
            );
            return Decision::Create;
        };
        entry.seen = now;
        entry.count = entry.count.saturating_add(1);
        let power_of_two = entry.count.unsigned_abs().is_power_of_two();
        if !power_of_two && now.saturating_sub(entry.written) < STALE {
            return Decision::Hold;
        }
        entry.written = now;
        Decision::Patch { count: entry.count }
    }

    /// Forgets `key`: its event is gone, the next one is new.
    pub fn forget(&mut self, key: &K) {
        self.entries.remove(key);
    }

    fn make_room(&mut self) {
        if self.entries.len() < REMEMBERED {
            return;
        }
        let oldest = self
            .entries
            .iter()
            .min_by_key(|(_, entry)| entry.seen)
            .map(|(key, _)| key.clone());
        if let Some(oldest) = oldest {
            self.entries.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn a_thousand_repetitions_cost_ten_writes() {
        let mut repetitions = Repetitions::default();
        let decisions: Vec<_> = (0..1000)
            .map(|number| repetitions.note(&"a", seconds(number / 2)))
            .collect();
        assert_eq!(decisions[0], Decision::Create);
        assert_eq!(decisions[1], Decision::Patch { count: 2 });
        assert_eq!(decisions[2], Decision::Hold);
        assert_eq!(decisions[511], Decision::Patch { count: 512 });
        assert_eq!(
            decisions
                .iter()
                .filter(|decision| **decision != Decision::Hold)
                .count(),
            10
        );
    }

    #[test]
    fn a_slow_repetition_is_written() {
        let mut repetitions = Repetitions::default();
        repetitions.note(&"a", seconds(0));
        repetitions.note(&"a", seconds(1));
        assert_eq!(
            repetitions.note(&"a", seconds(700)),
            Decision::Patch { count: 3 }
        );
        assert_eq!(
            repetitions.note(&"a", seconds(700 + 1800)),
            Decision::Create
        );
    }

    #[test]
    fn memory_is_bounded() {
        let mut repetitions = Repetitions::default();
        for number in 0..5_000_u64 {
            repetitions.note(&number, seconds(number));
        }
        assert_eq!(repetitions.entries.len(), REMEMBERED);
        assert_eq!(
            repetitions.note(&4_999, seconds(5_000)),
            Decision::Patch { count: 2 }
        );
    }

    #[test]
    fn a_vanished_event_is_made_anew() {
        let mut repetitions = Repetitions::default();
        repetitions.note(&"a", seconds(0));
        repetitions.forget(&"a");
        assert_eq!(repetitions.note(&"a", seconds(1)), Decision::Create);
    }
}
