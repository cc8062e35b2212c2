//! One word for the state of a VirtualMachine (contract 2.3): the first rule that holds, in this order.

use kubevirt_api::names::condition::{PAUSED, POD_SCHEDULED, SYNCHRONIZED};
use kubevirt_api::names::reason::{
    ERR_IMAGE_PULL, FAILED_PVC_NOT_FOUND, IMAGE_PULL_BACK_OFF, UNSCHEDULABLE,
};
use kubevirt_api::{
    Condition, ConditionStatus, RunStrategy, VirtualMachineInstance,
    VirtualMachineInstancePhase as Phase, VirtualMachinePrintableStatus as Printable,
};

use super::Observed;
use super::recorded::{Memory, phase};
use super::run_strategy::Decision;

pub(super) fn printable_status(
    observed: &Observed<'_>,
    memory: &Memory,
    decision: Decision,
) -> Printable {
    let instance = observed.owned();
    let stage = instance.map(phase);
    let ended = stage.is_some_and(Phase::is_final);
    let alive = instance.filter(|_| !ended);
    let creating = instance.is_none() && decision == Decision::Create;
    let has_failed = memory
        .start_failure
        .as_ref()
        .and_then(|failure| failure.consecutive_fail_count)
        .unwrap_or(0)
        > 0;
    let retries = matches!(
        memory.strategy,
        RunStrategy::Always | RunStrategy::RerunOnFailure | RunStrategy::Once
    );

    if alive.is_some_and(|instance| {
        decision == Decision::Delete || instance.metadata.deletion_timestamp.is_some()
    }) {
        Printable::Stopping
    } else if stage == Some(Phase::Running) {
        let paused =
            instance.is_some_and(|instance| Condition::is_true(conditions(instance), PAUSED));
        if paused {
            Printable::Paused
        } else {
            Printable::Running
        }
    } else if fails(alive, SYNCHRONIZED, FAILED_PVC_NOT_FOUND) {
        Printable::ErrorPvcNotFound
    } else if fails(alive, POD_SCHEDULED, UNSCHEDULABLE) {
        Printable::ErrorUnschedulable
    } else if (creating || alive.is_some()) && observed.claims.values().any(|claim| !claim.bound) {
        Printable::WaitingForVolumeBinding
    } else if fails(alive, SYNCHRONIZED, ERR_IMAGE_PULL) {
        Printable::ErrImagePull
    } else if fails(alive, SYNCHRONIZED, IMAGE_PULL_BACK_OFF) {
        Printable::ImagePullBackOff
    } else if creating
        || matches!(
            stage,
            Some(Phase::Unset | Phase::Pending | Phase::Scheduling | Phase::Scheduled)
        )
    {
        Printable::Starting
    } else if (instance.is_none() || ended) && has_failed && retries {
        Printable::CrashLoopBackOff
    } else if instance.is_none() || ended {
        Printable::Stopped
    } else {
        Printable::Unknown
    }
}

fn conditions(instance: &VirtualMachineInstance) -> &[Condition] {
    instance
        .status
        .as_ref()
        .map(|status| status.conditions.as_slice())
        .unwrap_or_default()
}

/// The instance has this condition, it is False, and for this reason.
fn fails(instance: Option<&VirtualMachineInstance>, kind: &str, reason: &str) -> bool {
    instance
        .and_then(|instance| Condition::find(conditions(instance), kind))
        .is_some_and(|condition| {
            condition.status == ConditionStatus::False
                && condition.reason.as_deref() == Some(reason)
        })
}
