//! What to do about a VirtualMachineInstance: its launcher pod, its phases up to Scheduled, its end.
//!
//! [`plan`] is a function of what was observed. It returns actions in the order in which they are to be carried out; the
//! first one that fails ends the round. A plan made from the result of another contains nothing.

mod before_hand_over;
mod conditions;
mod draft;
mod end;
mod hand_over;
pub mod merge_patch;
mod observed;
mod pod;
mod running;
#[cfg(test)]
mod tests;
mod unschedulable;

pub use draft::{Action, Notice, Plan};
pub use observed::{Cluster, CreateFailure, NodeState, Observed, Owner};
pub use pod::{COMPUTE_CONTAINER, ComputeState, ConditionFacts, LauncherPod, PodPhase};

use k8s_openapi::jiff::Timestamp;
use kubevirt_api::VirtualMachineInstancePhase as Phase;
use kubevirt_api::names::finalizer;

use draft::Draft;

/// Finalizers that keep a VirtualMachineInstance until its guest has ended: the current and the old spelling.
pub const FINALIZERS: [&str; 2] = [
    finalizer::VMI_FOREGROUND_DELETE,
    finalizer::VMI_FOREGROUND_DELETE_LEGACY,
];

/// Decides what is to be done now.
///
/// # Errors
/// When the object cannot be expressed in JSON.
pub fn plan(observed: &Observed<'_>, now: Timestamp) -> Result<Plan, serde_json::Error> {
    let mut draft = Draft::new(observed, now);
    let phase = draft.status.phase;
    if phase.is_final() {
        end::ended(&mut draft);
    } else if observed.is_deleting() {
        end::deletion(&mut draft);
    } else {
        match phase {
            Phase::Unset | Phase::Pending => before_hand_over::pending(&mut draft),
            Phase::Scheduling => before_hand_over::scheduling(&mut draft),
            Phase::Scheduled | Phase::Running => running::handed_over(&mut draft),
            _ => {}
        }
    }
    draft.finish()
}
