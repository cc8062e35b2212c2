//! What went wrong last, for each object. Nothing of it needs to outlive the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kubevirt_core::{vm, vmi};

use crate::back_off;
use crate::key::Key;

/// What is remembered of one object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    /// Failed rounds in a row.
    pub(crate) rounds: u32,
    /// Refusals in a row of what was to be created.
    refusals: u32,
    /// Unrelated objects found under the name of what was to be created.
    pub(crate) attempt: u32,
    /// The last refusal.
    refusal: Option<Refusal>,
}

#[derive(Clone, Debug)]
struct Refusal {
    reason: &'static str,
    message: String,
    retry_at: Timestamp,
}

impl Memory {
    /// The last refusal as plans of VirtualMachineInstances take it.
    pub(crate) fn create_failure(&self) -> Option<vmi::CreateFailure> {
        self.refusal.as_ref().map(|refusal| vmi::CreateFailure {
            message: refusal.message.clone(),
            retry_at: refusal.retry_at,
        })
    }

    /// The last refusal as plans of VirtualMachines take it.
    pub(crate) fn failure(&self) -> Option<vm::Failure> {
        self.refusal.as_ref().map(|refusal| vm::Failure {
            reason: refusal.reason,
            message: refusal.message.clone(),
            retry_at: refusal.retry_at,
        })
    }

    /// Notes a refusal and when to try again.
    pub(crate) fn refused(&mut self, reason: &'static str, message: String, now: Timestamp) {
        self.refusals = self.refusals.saturating_add(1);
        // Each try costs a write that the API server refuses: a second at first.
        let wait = back_off::delay(self.refusals.saturating_add(2));
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_secs(60));
        self.refusal = Some(Refusal {
            reason,
            message,
            retry_at: now.checked_add(wait).unwrap_or(Timestamp::MAX),
        });
    }

    /// What was to be created exists.
    pub(crate) fn created(&mut self) {
        self.refusals = 0;
        self.refusal = None;
    }
}

/// What is remembered of all objects.
#[derive(Default)]
pub(crate) struct Failures {
    memories: Mutex<HashMap<Key, (String, Memory)>>,
}

impl Failures {
    /// What is remembered of the object with this UID.
    pub(crate) fn of(&self, key: &Key, uid: &str) -> Memory {
        let memories = self.lock();
        memories
            .get(key)
            .filter(|(known, _)| known == uid)
            .map(|(_, memory)| memory.clone())
            .unwrap_or_default()
    }

    /// Changes what is remembered.
    pub(crate) fn update(&self, key: &Key, uid: &str, change: impl FnOnce(&mut Memory)) -> Memory {
        let mut memories = self.lock();
        let (known, memory) = memories.entry(key.clone()).or_default();
        if known != uid {
            *known = uid.to_owned();
            *memory = Memory::default();
        }
        change(memory);
        memory.clone()
    }

    /// Forgets an object of which there is nothing to remember.
    pub(crate) fn forget(&self, key: &Key) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, (String, Memory)>> {
        self.memories.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
