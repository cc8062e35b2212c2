//! The end: a final phase, deletion, and finalizers.

use kubevirt_api::VirtualMachineInstancePhase as Phase;
use kubevirt_api::names::condition::READY;
use kubevirt_api::names::finalizer;
use kubevirt_api::names::reason::{GUEST_NOT_RUNNING, POD_NOT_EXISTS, SUCCESSFUL_DELETE};

use super::draft::{Action, Draft};
use super::{FINALIZERS, Owner};

/// The guest has ended.
pub(super) fn ended(draft: &mut Draft<'_>) {
    if draft.holds(READY) {
        draft.not_ready(GUEST_NOT_RUNNING, "the guest has ended");
    }
    if draft.observed.is_deleting() {
        delete_pods(draft);
        release(draft);
    }
}

/// The object is being deleted and its guest has not ended as far as is known.
///
/// Deleting the pod makes kubelet send SIGTERM, and virt-handler or the launcher shuts the guest down within its grace
/// period. It is done at once, so that it also works where no virt-handler does.
pub(super) fn deletion(draft: &mut Draft<'_>) {
    delete_pods(draft);
    if draft.observed.pods.is_empty() {
        draft.enter(Phase::Failed);
        draft.not_ready(
            POD_NOT_EXISTS,
            "deleted before the guest ended by itself, and there is no launcher pod any more",
        );
        release(draft);
    }
}

fn delete_pods(draft: &mut Draft<'_>) {
    for pod in draft.observed.pods.iter().filter(|pod| !pod.deleting) {
        draft.after.push(Action::DeletePod {
            name: pod.name.clone(),
            uid: pod.uid.clone(),
        });
        draft.notify(
            false,
            SUCCESSFUL_DELETE,
            format!("Deleted virtual machine pod {}", pod.name),
        );
    }
}

/// Takes our finalizers away once no pod is left and the VirtualMachine has noted how the guest ended. One write does both.
fn release(draft: &mut Draft<'_>) {
    let ours =
        |name: &String| FINALIZERS.contains(&name.as_str()) || name == finalizer::VM_CONTROLLER;
    if !draft.observed.pods.is_empty()
        || draft.observed.owner == Owner::HasNotRecorded
        || !draft.finalizers.iter().any(ours)
    {
        return;
    }
    draft.before.push(Action::ConfirmNoPod);
    draft.finalizers.retain(|name| !ours(name));
}
