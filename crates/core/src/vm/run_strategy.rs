//! Run strategies (contract 2.1): whether an instance is to be made, deleted or left alone.

use k8s_openapi::jiff::Timestamp;
use kubevirt_api::{RunStrategy, VirtualMachineInstancePhase as Phase};
use serde_json::{Value, json};

use super::Observed;
use super::recorded::{Memory, phase};

/// What is to happen to the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// It stays as it is, or stays away.
    Nothing,
    /// It is to be made.
    Create,
    /// It is to be deleted.
    Delete,
    /// It is to be made, but not before this time: it has failed to start before.
    WaitUntil(Timestamp),
}

pub(super) fn decide(observed: &Observed<'_>, memory: &Memory, now: Timestamp) -> Decision {
    if observed.is_name_taken() {
        return Decision::Nothing;
    }
    match observed.owned() {
        Some(instance) if instance.metadata.deletion_timestamp.is_some() => Decision::Nothing,
        Some(instance) => {
            let end = phase(instance);
            let stop = memory.stop_requested(instance);
            let delete = match memory.strategy {
                RunStrategy::Always => stop || end.is_final(),
                RunStrategy::RerunOnFailure => {
                    stop || matches!(end, Phase::Failed | Phase::Succeeded)
                }
                RunStrategy::Manual | RunStrategy::Once => stop,
                RunStrategy::Halted => true,
                // A receiver waits for a migration, which is not there yet.
                RunStrategy::WaitAsReceiver | RunStrategy::Unknown => false,
            };
            if delete {
                Decision::Delete
            } else {
                Decision::Nothing
            }
        }
        None => {
            let start = memory.start_requested().is_some();
            let (create, backs_off) = match memory.strategy {
                RunStrategy::Always | RunStrategy::Once => (true, true),
                RunStrategy::RerunOnFailure => (start || just_switched(observed, memory), true),
                RunStrategy::Manual => (start, false),
                RunStrategy::Halted | RunStrategy::WaitAsReceiver | RunStrategy::Unknown => {
                    (false, false)
                }
            };
            match (
                create,
                retry_after(memory).filter(|time| backs_off && *time > now),
            ) {
                (false, _) => Decision::Nothing,
                (true, None) => Decision::Create,
                (true, Some(time)) => Decision::WaitUntil(time),
            }
        }
    }
}

/// A start that is asked for while the strategy is Halted changes the strategy; the request itself stays until the instance
/// exists, for what it says about how to start.
pub(super) fn spec_change(observed: &Observed<'_>, memory: &Memory) -> Option<Value> {
    let asked = memory.strategy == RunStrategy::Halted && observed.owned().is_none();
    (asked && memory.start_requested().is_some()).then(|| {
        if observed.machine.spec.run_strategy.is_some() {
            json!({ "runStrategy": RunStrategy::Always.as_str() })
        } else {
            json!({ "running": true })
        }
    })
}

/// The strategy was changed and no instance has been made since.
pub(super) fn just_switched(observed: &Observed<'_>, memory: &Memory) -> bool {
    let acted_on = observed
        .machine
        .status
        .as_ref()
        .and_then(|status| status.run_strategy.as_deref());
    acted_on != Some(memory.strategy.as_str())
}

fn retry_after(memory: &Memory) -> Option<Timestamp> {
    memory
        .start_failure
        .as_ref()?
        .retry_after_timestamp
        .as_ref()
        .map(|time| time.0)
}
