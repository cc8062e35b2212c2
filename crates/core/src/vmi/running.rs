//! Phases Scheduled and Running: virt-handler is in charge, the controller watches the pod.

use k8s_openapi::jiff::SignedDuration;
use kubevirt_api::VirtualMachineInstancePhase as Phase;
use kubevirt_api::names::condition::READY;
use kubevirt_api::names::reason::{
    GUEST_NOT_RUNNING, NODE_UNRESPONSIVE, POD_NOT_EXISTS, POD_TERMINATING,
};

use super::draft::{Action, Draft};
use super::{ComputeState, LauncherPod, NodeState};

/// How long virt-handler has to say how a guest ended after its pod has ended. It normally takes milliseconds; a
/// virt-handler that is being replaced takes seconds.
const HANDLERS_WORD: SignedDuration = SignedDuration::from_secs(60);

pub(super) fn handed_over(draft: &mut Draft<'_>) {
    let Some(pod) = draft.observed.pod() else {
        draft.before.push(Action::ConfirmNoPod);
        return lost(draft);
    };
    if pod.has_ended() {
        return ended_without_word(draft, pod);
    }
    if pod.deleting {
        draft.not_ready(
            POD_TERMINATING,
            "the launcher pod is being deleted, the guest shuts down",
        );
    } else if draft.status.phase == Phase::Running {
        draft.ready_as(pod);
    } else {
        draft.not_ready(GUEST_NOT_RUNNING, "the guest has not been started yet");
    }
}

fn lost(draft: &mut Draft<'_>) {
    draft.enter(Phase::Failed);
    let node = draft.status.node_name.clone().unwrap_or_default();
    if draft.observed.node == NodeState::Unresponsive {
        let message =
            format!("node {node} does not respond and the launcher pod is gone, the guest with it");
        draft.status.reason = Some(NODE_UNRESPONSIVE.to_owned());
        draft.not_ready(POD_NOT_EXISTS, &message);
        draft.notify(true, NODE_UNRESPONSIVE, message);
    } else {
        draft.not_ready(
            POD_NOT_EXISTS,
            "the launcher pod is gone, the guest with it",
        );
    }
}

/// The pod's processes are gone, so the guest is: only how it ended is open, and virt-handler is to say it.
fn ended_without_word(draft: &mut Draft<'_>, pod: &LauncherPod) {
    // Without kubelet's time the object's own last change would have to do; not to wait for ever, wait from now on.
    let ended = match &pod.compute {
        ComputeState::Terminated {
            finished_at: Some(time),
            ..
        } => *time,
        _ => draft.now.checked_sub(HANDLERS_WORD).unwrap_or(draft.now),
    };
    let deadline = ended.checked_add(HANDLERS_WORD).unwrap_or(draft.now);
    if deadline > draft.now {
        if draft.holds(READY) {
            draft.not_ready(GUEST_NOT_RUNNING, "the launcher pod has ended");
        }
        draft.requeue(deadline.duration_since(draft.now));
        return;
    }
    draft.enter(Phase::Failed);
    draft.not_ready(
        GUEST_NOT_RUNNING,
        "the launcher pod has ended and virt-handler did not say how; kubectl logs of the pod tells more",
    );
}
