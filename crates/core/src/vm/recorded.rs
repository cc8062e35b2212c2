//! What a VirtualMachine has to remember of the end of its instances: requests and failed starts (contract 2.1 and 2.2).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kubevirt_api::{
    RunStrategy, StateChangeRequestAction as Request, VirtualMachine, VirtualMachineInstance,
    VirtualMachineInstancePhase as Phase, VirtualMachineStartFailure,
    VirtualMachineStateChangeRequest,
};

use super::{Observed, back_off};

/// The remembered part of the status, brought up to date.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Memory {
    pub(super) strategy: RunStrategy,
    pub(super) requests: Vec<VirtualMachineStateChangeRequest>,
    pub(super) start_failure: Option<VirtualMachineStartFailure>,
}

impl Memory {
    /// A stop of this instance is asked for.
    pub(super) fn stop_requested(&self, instance: &VirtualMachineInstance) -> bool {
        self.requests.first().is_some_and(|request| {
            request.action == Request::Stop
                && request.uid.is_some()
                && request.uid == instance.metadata.uid
        })
    }

    /// A start is asked for and nothing comes before it.
    pub(super) fn start_requested(&self) -> Option<&VirtualMachineStateChangeRequest> {
        self.requests
            .first()
            .filter(|request| request.action == Request::Start)
    }
}

/// Whether the status of `machine` says all that is to be said about `instance`, so that the instance may go.
pub fn has_recorded(machine: &VirtualMachine, instance: &VirtualMachineInstance) -> bool {
    if !super::observed::is_controlled_by(instance, machine)
        || machine.metadata.deletion_timestamp.is_some()
    {
        return true;
    }
    let claims = std::collections::BTreeMap::new();
    let observed = Observed {
        machine,
        instance: Some(instance),
        claims: &claims,
        failure: None,
    };
    let memory = record(&observed, Timestamp::UNIX_EPOCH, 0.0);
    let status = machine.status.as_ref();
    // Times and chance do not matter: an entry that is to be made is missing, one that was made stays.
    status
        .map(|status| status.state_change_requests.as_slice())
        .unwrap_or_default()
        == memory.requests
        && status.and_then(|status| status.start_failure.as_ref()) == memory.start_failure.as_ref()
}

/// Brings requests and failed starts up to date with the instance.
pub(super) fn record(observed: &Observed<'_>, now: Timestamp, chance: f64) -> Memory {
    let status = observed.machine.status.as_ref();
    let instance = observed.owned();
    let mut memory = Memory {
        strategy: observed.machine.spec.effective_run_strategy(),
        requests: status
            .map(|status| status.state_change_requests.clone())
            .unwrap_or_default(),
        start_failure: status.and_then(|status| status.start_failure.clone()),
    };
    drop_done(&mut memory.requests, instance);
    if memory.strategy == RunStrategy::RerunOnFailure
        && memory.requests.is_empty()
        && instance.map(phase) == Some(Phase::Failed)
    {
        memory.requests.push(VirtualMachineStateChangeRequest {
            action: Request::Start,
            ..VirtualMachineStateChangeRequest::default()
        });
    }
    memory.start_failure = start_failure(&memory, instance, now, chance);
    memory
}

/// Takes away requests at the front that have been carried out.
fn drop_done(
    requests: &mut Vec<VirtualMachineStateChangeRequest>,
    instance: Option<&VirtualMachineInstance>,
) {
    while let Some(first) = requests.first() {
        let done = match (first.action, instance) {
            (Request::Stop, None) => true,
            (Request::Stop, Some(instance)) => {
                first.uid.is_none() || first.uid != instance.metadata.uid
            }
            (Request::Start, None) => false,
            (Request::Start, Some(instance)) => {
                !phase(instance).is_final() && instance.metadata.deletion_timestamp.is_none()
            }
            (Request::Unknown, _) => true,
        };
        if !done {
            return;
        }
        requests.remove(0);
    }
}

fn start_failure(
    memory: &Memory,
    instance: Option<&VirtualMachineInstance>,
    now: Timestamp,
    chance: f64,
) -> Option<VirtualMachineStartFailure> {
    if !matches!(
        memory.strategy,
        RunStrategy::Always | RunStrategy::RerunOnFailure | RunStrategy::Once
    ) {
        return None;
    }
    let before = memory.start_failure.clone();
    let Some(instance) = instance else {
        return before;
    };
    if has_run(instance) {
        return None;
    }
    let counted = before
        .as_ref()
        .is_some_and(|failure| failure.last_failed_vmi_uid == instance.metadata.uid);
    if !phase(instance).is_final() || counted {
        return before;
    }
    let count = before
        .and_then(|failure| failure.consecutive_fail_count)
        .unwrap_or(0)
        .max(0)
        .saturating_add(1);
    let retry = back_off::retry_after(now, count, chance);
    Some(VirtualMachineStartFailure {
        consecutive_fail_count: Some(count),
        last_failed_vmi_uid: instance.metadata.uid.clone(),
        retry_after_timestamp: Some(Time(
            Timestamp::from_second(retry.as_second()).unwrap_or(retry),
        )),
    })
}

/// The guest has been Running.
fn has_run(instance: &VirtualMachineInstance) -> bool {
    instance.status.as_ref().is_some_and(|status| {
        status.phase == Phase::Running
            || status
                .phase_transition_timestamps
                .iter()
                .any(|entry| entry.phase == Phase::Running)
    })
}

pub(super) fn phase(instance: &VirtualMachineInstance) -> Phase {
    instance
        .status
        .as_ref()
        .map(|status| status.phase)
        .unwrap_or_default()
}
