//! What start, stop and restart write, as a function of the VirtualMachine, its instance and the options.

use kubevirt_api::{
    Condition, RunStrategy, VirtualMachine, VirtualMachineInstance,
    VirtualMachineInstancePhase as Phase,
};
use serde_json::{Value, json};

use super::options::{RestartOptions, StartOptions, StopOptions};
use crate::patching::unchanged;
use crate::status::Refusal;

/// The kind in the answers.
pub(crate) const KIND: &str = "virtualmachine";

/// Which object a step changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    Machine,
    MachineStatus,
    Instance,
}

/// One JSON patch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) object: Object,
    pub(crate) operations: Value,
    /// What takes it back when a later step fails.
    pub(crate) undo: Option<Value>,
}

type Steps = Result<Vec<Step>, Refusal>;

/// Decides about start.
pub(crate) fn start(
    machine: &VirtualMachine,
    instance: Option<&VirtualMachineInstance>,
    options: &StartOptions,
) -> Steps {
    let refuse = |why: &str| Err(Refusal::conflict(KIND, name(machine), why));
    let conditions = machine
        .status
        .as_ref()
        .map(|status| status.conditions.as_slice())
        .unwrap_or_default();
    if Condition::is_true(conditions, "ManualRecoveryRequired") {
        return refuse("VM recovery required: its condition ManualRecoveryRequired is True");
    }
    if instance.is_some_and(|instance| {
        !phase(instance).is_final() && !matches!(phase(instance), Phase::Unset | Phase::Unknown)
    }) {
        return refuse("VM is already running");
    }
    let finished = instance.filter(|instance| phase(instance).is_final());
    let request = if options.paused {
        json!({ "action": "Start", "data": { "paused": "true" } })
    } else {
        json!({ "action": "Start" })
    };
    let with_stop = |instance: Option<&VirtualMachineInstance>| match instance {
        Some(instance) => vec![stop_request(instance), request.clone()],
        None => vec![request.clone()],
    };
    match machine.spec.effective_run_strategy() {
        RunStrategy::Halted if options.paused => Ok(vec![change_requests(machine, vec![request])?]),
        RunStrategy::Halted => Ok(vec![run_strategy(machine, RunStrategy::Always)]),
        RunStrategy::Manual => Ok(vec![change_requests(machine, with_stop(finished))?]),
        RunStrategy::RerunOnFailure => match finished.map(phase) {
            Some(Phase::Failed) => refuse(
                "runStrategy RerunOnFailure does not support starting a VM whose VMI failed: the controller does",
            ),
            _ => Ok(vec![change_requests(machine, with_stop(finished))?]),
        },
        RunStrategy::Always => refuse("runStrategy Always does not support manual start requests"),
        RunStrategy::Once => refuse("runStrategy Once does not support manual start requests"),
        RunStrategy::WaitAsReceiver => refuse(
            "runStrategy WaitAsReceiver does not support manual start requests: a migration from another cluster starts it",
        ),
        RunStrategy::Unknown => refuse(UNKNOWN_STRATEGY),
    }
}

/// Decides about stop.
pub(crate) fn stop(
    machine: &VirtualMachine,
    instance: Option<&VirtualMachineInstance>,
    options: &StopOptions,
) -> Steps {
    let refuse = |why: &str| Err(Refusal::conflict(KIND, name(machine), why));
    if options.grace_period.is_some_and(|seconds| seconds < 0) {
        return Err(Refusal::bad_request(
            "gracePeriod must be 0 or more seconds",
        ));
    }
    let live = instance.filter(|instance| !phase(instance).is_final());
    let mut steps = Vec::new();
    if let (Some(live), Some(seconds)) = (live, options.grace_period) {
        steps.push(grace_period(live, seconds));
    }
    match machine.spec.effective_run_strategy() {
        RunStrategy::Halted => {
            // It is being stopped already; only an impatient request changes anything.
            let Some(live) = live else {
                return refuse("VM is not running");
            };
            let sooner = options
                .grace_period
                .is_some_and(|seconds| seconds < current_grace_period(live));
            if !sooner {
                return refuse(
                    "VM is not running: it is being stopped already, give a shorter gracePeriod to hurry it",
                );
            }
            steps.push(change_requests(machine, vec![stop_request(live)])?);
        }
        RunStrategy::Manual | RunStrategy::RerunOnFailure => {
            let Some(live) = live else {
                return refuse("VM is not running");
            };
            steps.push(change_requests(machine, vec![stop_request(live)])?);
        }
        RunStrategy::Always | RunStrategy::Once | RunStrategy::WaitAsReceiver => {
            steps.push(run_strategy(machine, RunStrategy::Halted))
        }
        RunStrategy::Unknown => return refuse(UNKNOWN_STRATEGY),
    }
    Ok(steps)
}

/// Decides about restart.
pub(crate) fn restart(
    machine: &VirtualMachine,
    instance: Option<&VirtualMachineInstance>,
    options: &RestartOptions,
) -> Steps {
    let refuse = |why: &str| Err(Refusal::conflict(KIND, name(machine), why));
    if options
        .grace_period_seconds
        .is_some_and(|seconds| seconds != 0)
    {
        return Err(Refusal::bad_request(
            "gracePeriodSeconds can only be 0 (restart without waiting for the guest) or absent",
        ));
    }
    match machine.spec.effective_run_strategy() {
        RunStrategy::Halted => {
            return refuse("runStrategy Halted does not support restart: start the VM");
        }
        RunStrategy::Once => return refuse("runStrategy Once does not support restart"),
        RunStrategy::WaitAsReceiver => {
            return refuse("runStrategy WaitAsReceiver does not support restart");
        }
        RunStrategy::Unknown => return refuse(UNKNOWN_STRATEGY),
        RunStrategy::Always | RunStrategy::Manual | RunStrategy::RerunOnFailure => {}
    }
    let Some(instance) = instance else {
        return refuse("VM is not running");
    };
    let conditions = machine
        .status
        .as_ref()
        .map(|status| status.conditions.as_slice())
        .unwrap_or_default();
    if Condition::is_true(conditions, "VolumesChange") {
        return refuse(
            "VM has a volume change that is not finished: its condition VolumesChange is True",
        );
    }
    let mut steps = Vec::new();
    if options.grace_period_seconds.is_some() {
        // One second: long enough for QEMU to flush, short enough to count as at once.
        steps.push(grace_period(instance, 1));
    }
    steps.push(change_requests(
        machine,
        vec![stop_request(instance), json!({ "action": "Start" })],
    )?);
    Ok(steps)
}

const UNKNOWN_STRATEGY: &str =
    "its run strategy is not one that can be started or stopped by request";

/// Grace period of an instance that names none, seconds.
const DEFAULT_GRACE_PERIOD: i64 = 30;

fn name(machine: &VirtualMachine) -> &str {
    machine.metadata.name.as_deref().unwrap_or_default()
}

fn phase(instance: &VirtualMachineInstance) -> Phase {
    instance
        .status
        .as_ref()
        .map(|status| status.phase)
        .unwrap_or_default()
}

fn stop_request(instance: &VirtualMachineInstance) -> Value {
    json!({ "action": "Stop", "uid": instance.metadata.uid })
}

fn current_grace_period(instance: &VirtualMachineInstance) -> i64 {
    instance
        .spec
        .termination_grace_period_seconds
        .unwrap_or(DEFAULT_GRACE_PERIOD)
}

/// The instance's grace period becomes `seconds`, unless it was changed meanwhile.
fn grace_period(instance: &VirtualMachineInstance, seconds: i64) -> Step {
    const PATH: &str = "/spec/terminationGracePeriodSeconds";
    let (operations, undo) = match instance.spec.termination_grace_period_seconds {
        Some(old) => (
            json!([
                { "op": "test", "path": PATH, "value": old },
                { "op": "replace", "path": PATH, "value": seconds },
            ]),
            json!([
                { "op": "test", "path": PATH, "value": seconds },
                { "op": "replace", "path": PATH, "value": old },
            ]),
        ),
        None => (
            json!([unchanged(instance.metadata.resource_version.as_deref()), { "op": "add", "path": PATH, "value": seconds }]),
            json!([{ "op": "test", "path": PATH, "value": seconds }, { "op": "remove", "path": PATH }]),
        ),
    };
    Step {
        object: Object::Instance,
        operations,
        undo: Some(undo),
    }
}

/// The run strategy becomes `new`, in whichever of the two fields the machine uses.
fn run_strategy(machine: &VirtualMachine, new: RunStrategy) -> Step {
    let operations = match (&machine.spec.run_strategy, machine.spec.running) {
        (Some(old), _) => json!([
            { "op": "test", "path": "/spec/runStrategy", "value": old },
            { "op": "replace", "path": "/spec/runStrategy", "value": new.as_str() },
        ]),
        (None, old) => json!([
            { "op": "test", "path": "/spec/running", "value": old },
            { "op": "replace", "path": "/spec/running", "value": new == RunStrategy::Always },
        ]),
    };
    Step {
        object: Object::Machine,
        operations,
        undo: None,
    }
}

/// Puts requests into the status. A single stop takes the place of what waits there; anything else has to wait.
fn change_requests(machine: &VirtualMachine, requests: Vec<Value>) -> Result<Step, Refusal> {
    const PATH: &str = "/status/stateChangeRequests";
    let version = machine.metadata.resource_version.as_deref();
    let Some(status) = &machine.status else {
        let operations = json!([
            unchanged(version),
            { "op": "add", "path": "/status", "value": { "stateChangeRequests": requests } },
        ]);
        return Ok(Step {
            object: Object::MachineStatus,
            operations,
            undo: None,
        });
    };
    let mut operations = if status.state_change_requests.is_empty() {
        vec![
            unchanged(version),
            json!({ "op": "add", "path": PATH, "value": requests }),
        ]
    } else if matches!(requests.as_slice(), [only] if only["action"] == "Stop") {
        vec![
            json!({ "op": "test", "path": PATH, "value": status.state_change_requests }),
            json!({ "op": "replace", "path": PATH, "value": requests }),
        ]
    } else {
        let why = "a state change request is already underway: wait until it has been carried out";
        return Err(Refusal::conflict(KIND, name(machine), why));
    };
    if status.start_failure.is_some() {
        operations.push(json!({ "op": "remove", "path": "/status/startFailure" }));
    }
    Ok(Step {
        object: Object::MachineStatus,
        operations: Value::Array(operations),
        undo: None,
    })
}

#[cfg(test)]
mod tests;
