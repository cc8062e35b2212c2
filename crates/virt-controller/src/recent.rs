//! A bounded memory of what happened lately.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// How many UIDs are kept.
const RECENT: usize = 4096;

/// The UIDs that were added last.
#[derive(Default)]
pub(crate) struct Recent {
    state: Mutex<(VecDeque<String>, HashSet<String>)>,
}

impl Recent {
    pub(crate) fn add(&self, uid: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (order, known) = &mut *state;
        if known.insert(uid.to_owned()) {
            order.push_back(uid.to_owned());
            if order.len() > RECENT
                && let Some(oldest) = order.pop_front()
            {
                known.remove(&oldest);
            }
        }
    }

    pub(crate) fn contains(&self, uid: &str) -> bool {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .contains(uid)
    }
}
