//! The status of a set.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, Time};
use k8s_openapi::jiff::Timestamp;
use kube::core::Selector;
use kubevirt_api::names::{condition, reason};
use kubevirt_api::{Condition, VirtualMachineInstanceReplicaSetStatus};

use super::Observed;
use crate::vmi::Notice;

/// What the status is to be.
pub(super) fn status(
    observed: &Observed<'_>,
    now: Timestamp,
) -> VirtualMachineInstanceReplicaSetStatus {
    let set = observed.set;
    let mut status = set.status.clone().unwrap_or_default();
    let live = || observed.members.iter().filter(|member| member.is_live());
    let count = |count: usize| Some(i32::try_from(count).unwrap_or(i32::MAX));
    status.replicas = count(live().count());
    status.ready_replicas = count(live().filter(|member| member.ready).count());
    status.label_selector = text(&set.spec.selector);
    let now = Time(Timestamp::from_second(now.as_second()).unwrap_or(now));
    if set.spec.paused.unwrap_or_default() {
        let mut paused = Condition::new(condition::REPLICA_PAUSED, true, reason::PAUSED);
        paused.message =
            Some("spec.paused is true: instances are neither made nor deleted".to_owned());
        Condition::set(&mut status.conditions, paused, now.clone());
    } else {
        Condition::remove(&mut status.conditions, condition::REPLICA_PAUSED);
    }
    match &observed.failure {
        Some(failure) => {
            let mut failed = Condition::new(condition::REPLICA_FAILURE, true, failure.reason);
            failed.message = Some(failure.message.to_owned());
            Condition::set(&mut status.conditions, failed, now);
        }
        None => {
            Condition::remove(&mut status.conditions, condition::REPLICA_FAILURE);
        }
    }
    status
}

/// The selector as programs that scale take it.
fn text(selector: &LabelSelector) -> Option<String> {
    let selector = Selector::try_from(selector.clone()).ok()?;
    Some(selector.to_string())
}

/// What a change of the status is worth telling.
pub(super) fn notices(
    before: &VirtualMachineInstanceReplicaSetStatus,
    after: &VirtualMachineInstanceReplicaSetStatus,
) -> Vec<Notice> {
    let paused = |status: &VirtualMachineInstanceReplicaSetStatus| {
        Condition::is_true(&status.conditions, condition::REPLICA_PAUSED)
    };
    let (reason, message) = match (paused(before), paused(after)) {
        (false, true) => (
            reason::SUCCESSFUL_PAUSED,
            "Paused: instances are neither made nor deleted",
        ),
        (true, false) => (
            reason::SUCCESSFUL_RESUMED,
            "Resumed: instances are made and deleted again",
        ),
        _ => return Vec::new(),
    };
    vec![Notice {
        warning: false,
        reason,
        message: message.to_owned(),
    }]
}
