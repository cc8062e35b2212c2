//! Which connections hang in a call, so that their number is bounded.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::{Error, limits};

/// A socket by device and inode: a path such as `/proc/self/fd/7` means another socket tomorrow.
pub(crate) type Key = (u64, u64);

static STUCK: LazyLock<Mutex<HashMap<Key, usize>>> = LazyLock::new(Mutex::default);

/// The key of a socket's path; `None` when there is nothing, which opening it will say better.
pub(crate) fn key(socket: &Path) -> Option<Key> {
    std::fs::metadata(socket)
        .ok()
        .map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Refuses an open when too many connections hang already.
pub(crate) fn admit(key: Option<Key>) -> Result<(), Error> {
    let stuck = STUCK.lock().unwrap_or_else(PoisonError::into_inner);
    if key
        .and_then(|key| stuck.get(&key))
        .is_some_and(|&count| count >= limits::STUCK_PER_SOCKET)
    {
        return Err(Error::Overloaded {
            call: "open",
            reason: "earlier calls to this socket still hang; they end when its daemon does, delete the pod to end it",
        });
    }
    if stuck.values().sum::<usize>() >= limits::STUCK_IN_ALL {
        return Err(Error::Overloaded {
            call: "open",
            reason: "too many connections hang in calls; delete the launcher pods that do not answer",
        });
    }
    Ok(())
}

/// Counts a hanging connection for as long as it exists.
pub(crate) struct Ticket(Key);

impl Ticket {
    pub(crate) fn new(key: Key) -> Self {
        *STUCK
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(key)
            .or_default() += 1;
        Self(key)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut stuck = STUCK.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = stuck.get_mut(&self.0) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                stuck.remove(&self.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sockets_hangs_do_not_stop_others() {
        let (bad, good) = ((u64::MAX, 1), (u64::MAX, 2));
        let mut tickets: Vec<_> = (0..limits::STUCK_PER_SOCKET)
            .map(|_| Ticket::new(bad))
            .collect();
        assert!(matches!(admit(Some(bad)), Err(Error::Overloaded { .. })));
        assert_eq!(admit(Some(good)), Ok(()));
        tickets.pop();
        assert_eq!(admit(Some(bad)), Ok(()));
    }
}
