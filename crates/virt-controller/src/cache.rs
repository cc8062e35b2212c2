//! What was last seen of objects of one kind.
//!
//! Answers to our own writes go in as well, so that a plan never works with what is older than its own last write. Whatever
//! is older than what is known is ignored.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::key::Key;

/// How many objects that are gone are remembered.
const GONE: usize = 1024;

/// Identity and version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) uid: String,
    /// `metadata.resourceVersion`; numbers that grow with each write of the object.
    pub(crate) number: u64,
}

struct Entry<T> {
    version: Version,
    round: u64,
    value: Arc<T>,
}

struct State<T> {
    entries: HashMap<Key, Entry<T>>,
    /// Counts listings.
    round: u64,
    gone: VecDeque<String>,
}

/// What was last seen of objects of one kind.
pub(crate) struct Cache<T> {
    state: Mutex<State<T>>,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                entries: HashMap::new(),
                round: 0,
                gone: VecDeque::new(),
            }),
        }
    }
}

impl<T> Cache<T> {
    pub(crate) fn get(&self, key: &Key) -> Option<Arc<T>> {
        self.lock()
            .entries
            .get(key)
            .map(|entry| entry.value.clone())
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Those for which `choose` gives something.
    pub(crate) fn collect<R>(&self, mut choose: impl FnMut(&Key, &Arc<T>) -> Option<R>) -> Vec<R> {
        self.lock()
            .entries
            .iter()
            .filter_map(|(key, entry)| choose(key, &entry.value))
            .collect()
    }

    /// Puts an object in, from a watch or as the answer to a write. `None` when something as new or newer is known, else
    /// what was known before.
    pub(crate) fn put(&self, key: Key, version: Version, value: T) -> Option<Option<Arc<T>>> {
        let mut state = self.lock();
        if state.gone.contains(&version.uid) {
            return None;
        }
        let round = state.round;
        let known = state.entries.get_mut(&key);
        if let Some(known) = known {
            known.round = round;
            if known.version.uid == version.uid && known.version.number >= version.number {
                return None;
            }
        }
        let entry = Entry {
            version,
            round,
            value: Arc::new(value),
        };
        Some(state.entries.insert(key, entry).map(|before| before.value))
    }

    /// Takes an object out that is gone. `None` when it was not in.
    pub(crate) fn remove(&self, key: &Key, uid: &str) -> Option<Arc<T>> {
        let mut state = self.lock();
        if state.gone.len() >= GONE {
            state.gone.pop_front();
        }
        state.gone.push_back(uid.to_owned());
        if state
            .entries
            .get(key)
            .is_some_and(|entry| entry.version.uid == uid)
        {
            return state.entries.remove(key).map(|entry| entry.value);
        }
        None
    }

    /// A listing begins.
    pub(crate) fn begin(&self) {
        self.lock().round += 1;
    }

    /// The listing is complete: takes out and returns what was not in it.
    pub(crate) fn complete(&self) -> Vec<(Key, Arc<T>)> {
        let mut state = self.lock();
        let round = state.round;
        let stale: Vec<Key> = state
            .entries
            .iter()
            .filter(|(_, entry)| entry.round < round)
            .map(|(key, _)| key.clone())
            .collect();
        stale
            .into_iter()
            .filter_map(|key| {
                let entry = state.entries.remove(&key)?;
                Some((key, entry.value))
            })
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(uid: &str, number: u64) -> Version {
        Version {
            uid: uid.into(),
            number,
        }
    }

    fn key() -> Key {
        Key::new("default", "gold")
    }

    #[test]
    fn older_news_are_ignored() {
        let cache = Cache::default();
        assert!(cache.put(key(), version("u", 5), "written").is_some());
        assert!(cache.put(key(), version("u", 5), "seen").is_none());
        assert!(cache.put(key(), version("u", 4), "old").is_none());
        assert_eq!(*cache.get(&key()).unwrap(), "written");
        assert!(cache.put(key(), version("u", 6), "new").is_some());
        assert_eq!(*cache.get(&key()).unwrap(), "new");
    }

    #[test]
    fn an_object_made_anew_replaces_the_old_one_and_the_old_one_does_not_return() {
        let cache = Cache::default();
        cache.put(key(), version("u", 9), "first");
        assert!(cache.remove(&key(), "u").is_some());
        assert!(cache.put(key(), version("u", 10), "late answer").is_none());
        assert!(cache.put(key(), version("v", 3), "second").is_some());
        assert!(
            cache.remove(&key(), "u").is_none(),
            "a late deletion of the first"
        );
        assert_eq!(*cache.get(&key()).unwrap(), "second");
    }

    #[test]
    fn a_listing_takes_out_what_it_does_not_contain() {
        let cache = Cache::default();
        cache.put(key(), version("u", 1), "kept");
        cache.put(key().sibling("lost"), version("w", 1), "lost");
        cache.begin();
        cache.put(key(), version("u", 1), "kept");
        cache.put(
            key().sibling("written"),
            version("x", 7),
            "written meanwhile",
        );
        let lost = cache.complete();
        assert_eq!(lost.len(), 1);
        assert_eq!(lost[0].0.name(), "lost");
        assert_eq!(cache.len(), 2);
    }
}
