//! The status of a VirtualMachine (contract 2.4).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kubevirt_api::names::condition::{FAILURE, MANUAL_RECOVERY_REQUIRED, READY, RESTART_REQUIRED};
use kubevirt_api::names::{annotation, reason};
use kubevirt_api::{
    Condition, RunStrategy, VirtualMachineInstance, VirtualMachineInstancePhase as Phase,
    VirtualMachineStatus,
};

use super::printable_status::printable_status;
use super::recorded::{Memory, phase};
use super::run_strategy::{Decision, just_switched};
use super::{FIRST_NEWS, Failure, Observed, volume_requests};
use crate::vmi::Notice;

/// Conditions that are the VirtualMachine's own and not copied.
const OWN: [&str; 4] = [READY, FAILURE, RESTART_REQUIRED, MANUAL_RECOVERY_REQUIRED];

pub(super) fn status(
    observed: &Observed<'_>,
    memory: &Memory,
    decision: Decision,
    now: Timestamp,
) -> VirtualMachineStatus {
    let mut status = observed.machine.status.clone().unwrap_or_default();
    let instance = observed.owned();
    status.created = Some(instance.is_some());
    status.state_change_requests.clone_from(&memory.requests);
    status.start_failure.clone_from(&memory.start_failure);
    status.volume_requests = volume_requests::waiting(observed.machine);
    status.desired_generation = observed.machine.metadata.generation;
    if let Some(instance) = instance {
        let generation = instance.metadata.annotations.as_ref();
        let generation =
            generation.and_then(|all| all.get(annotation::VM_GENERATION)?.parse().ok());
        status.observed_generation = generation.or(status.observed_generation);
    }
    // A switch to RerunOnFailure starts the machine once: it is noted only when the instance has been made.
    let pending_switch = memory.strategy == RunStrategy::RerunOnFailure
        && instance.is_none()
        && just_switched(observed, memory)
        && !observed.is_name_taken();
    if !pending_switch {
        status.run_strategy = Some(memory.strategy.as_str().to_owned());
    }
    let time = Time(Timestamp::from_second(now.as_second()).unwrap_or(now));
    conditions(&mut status.conditions, observed, &time);
    status.ready = Some(Condition::is_true(&status.conditions, READY));
    status.printable_status = printable_status(observed, memory, decision);
    status
}

fn conditions(conditions: &mut Vec<Condition>, observed: &Observed<'_>, now: &Time) {
    let instance = observed.owned();
    let theirs = instance
        .and_then(|instance| instance.status.as_ref())
        .map(|status| &status.conditions);
    let ready = match (
        instance,
        theirs.and_then(|theirs| Condition::find(theirs, READY)),
    ) {
        (None, _) => condition(
            READY,
            false,
            reason::VMI_NOT_EXISTS,
            "the virtual machine does not run",
        ),
        (Some(_), None) => condition(
            READY,
            false,
            reason::VMI_CONDITION_MISSING,
            "the virtual machine instance says nothing yet",
        ),
        (Some(_), Some(ready)) => ready.clone(),
    };
    put(conditions, ready, now);
    if instance.is_some() {
        let theirs = theirs.map(Vec::as_slice).unwrap_or_default();
        conditions.retain(|own| {
            OWN.contains(&own.type_.as_str()) || Condition::find(theirs, &own.type_).is_some()
        });
        for copied in theirs
            .iter()
            .filter(|condition| !OWN.contains(&condition.type_.as_str()))
        {
            put(conditions, copied.clone(), now);
        }
    }
    match failure(observed) {
        Some(Shown { reason, message }) => {
            put(conditions, condition(FAILURE, true, reason, &message), now)
        }
        None => {
            Condition::remove(conditions, FAILURE);
        }
    }
}

fn condition(kind: &str, holds: bool, reason: &str, message: &str) -> Condition {
    let mut condition = Condition::new(kind, holds, reason);
    condition.message = Some(message.to_owned());
    condition
}

/// Puts a condition in place, unless nothing but its times would change.
fn put(conditions: &mut Vec<Condition>, new: Condition, now: &Time) {
    let same = Condition::find(conditions, &new.type_).is_some_and(|old| {
        old.status == new.status && old.reason == new.reason && old.message == new.message
    });
    if !same {
        Condition::set(conditions, new, now.clone());
    }
}

/// What the condition Failure says.
struct Shown {
    reason: &'static str,
    message: String,
}

fn failure(observed: &Observed<'_>) -> Option<Shown> {
    if observed.is_name_taken() {
        let message = format!(
            "a VirtualMachineInstance {} exists and does not belong to this VirtualMachine: delete it or rename one of the two",
            observed.name()
        );
        return Some(Shown {
            reason: reason::FAILED_CREATE,
            message,
        });
    }
    observed.failure.map(
        |Failure {
             reason, message, ..
         }| Shown {
            reason,
            message: message.clone(),
        },
    )
}

/// A warning for a failure that the status does not show yet.
pub(super) fn failure_notice(
    observed: &Observed<'_>,
    before: &VirtualMachineStatus,
) -> Option<Notice> {
    let Shown { reason, message } = failure(observed)?;
    let known = Condition::find(&before.conditions, FAILURE)
        .is_some_and(|old| old.message.as_ref() == Some(&message));
    (!known).then_some(Notice {
        warning: true,
        reason,
        message,
    })
}

/// How long the status may still wait: an instance that was made just now says more in a moment.
pub(super) fn may_wait(observed: &Observed<'_>, now: Timestamp) -> Option<SignedDuration> {
    let instance = observed.owned().filter(|instance| says_nothing(instance))?;
    let deadline = instance
        .metadata
        .creation_timestamp
        .as_ref()?
        .0
        .checked_add(FIRST_NEWS)
        .ok()?;
    (observed.failure.is_none() && deadline > now).then(|| deadline.duration_since(now))
}

fn says_nothing(instance: &VirtualMachineInstance) -> bool {
    matches!(phase(instance), Phase::Unset | Phase::Pending)
        && instance.metadata.deletion_timestamp.is_none()
        && instance
            .status
            .as_ref()
            .is_none_or(|status| status.conditions.is_empty())
}
