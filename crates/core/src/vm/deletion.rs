//! A VirtualMachine that is being deleted.

use kubevirt_api::VirtualMachinePrintableStatus as Printable;
use kubevirt_api::names::{finalizer, reason};
use serde_json::json;

use super::{Action, Observed, Plan, bound};
use crate::vmi::{Notice, merge_patch};

/// The instance goes first, then our finalizer.
pub(super) fn plan(observed: &Observed<'_>) -> Result<Plan, serde_json::Error> {
    let mut plan = Plan::default();
    let finalizers = observed
        .machine
        .metadata
        .finalizers
        .clone()
        .unwrap_or_default();
    let holds = |wanted: &str| finalizers.iter().any(|name| name == wanted);
    // With `orphan`, the instance is to outlive its owner.
    if observed.owned().is_none() || holds(finalizer::ORPHAN) {
        if holds(finalizer::VM_CONTROLLER) {
            let rest: Vec<_> = finalizers
                .iter()
                .filter(|name| *name != finalizer::VM_CONTROLLER)
                .collect();
            plan.actions.push(Action::Patch(bound(
                observed,
                json!({ "metadata": { "finalizers": rest } }),
            )));
        }
        return Ok(plan);
    }
    let before = observed.machine.status.clone().unwrap_or_default();
    let mut status = before.clone();
    status.printable_status = Printable::Terminating;
    if let Some(patch) = merge_patch::between(&before, &status)? {
        plan.actions.push(Action::PatchStatus(bound(
            observed,
            json!({ "status": patch }),
        )));
    }
    plan.actions.extend(delete_instance(observed));
    Ok(plan)
}

/// Deletes the instance unless that has been done.
pub(super) fn delete_instance(observed: &Observed<'_>) -> Vec<Action> {
    let Some(instance) = observed
        .owned()
        .filter(|instance| instance.metadata.deletion_timestamp.is_none())
    else {
        return Vec::new();
    };
    vec![
        Action::DeleteInstance {
            uid: instance.metadata.uid.clone().unwrap_or_default(),
        },
        Action::Notify(Notice {
            warning: false,
            reason: reason::SUCCESSFUL_DELETE,
            message: format!(
                "Stopped the virtual machine by deleting the virtual machine instance {}",
                observed.name()
            ),
        }),
    ]
}
