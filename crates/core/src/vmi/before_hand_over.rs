//! Phases Pending and Scheduling: from the object to a launcher pod that runs.

use kubevirt_api::VirtualMachineInstancePhase as Phase;
use kubevirt_api::names::condition::{POD_SCHEDULED, SYNCHRONIZED};
use kubevirt_api::names::reason::{
    ERR_IMAGE_PULL, FAILED_CREATE, FAILED_PVC_NOT_FOUND, GUEST_NOT_RUNNING, IMAGE_PULL_BACK_OFF,
    POD_NOT_EXISTS, POD_TERMINATING, SUCCESSFUL_CREATE, UNSCHEDULABLE,
};

use super::draft::{Action, Draft};
use super::{FINALIZERS, LauncherPod, hand_over, unschedulable};
use crate::launcher_pod;

/// Image failures that have a reason of their own; the others are `ErrImagePull` with kubelet's word in the message.
const IMAGE_REASONS: [(&str, &str); 5] = [
    (ERR_IMAGE_PULL, ERR_IMAGE_PULL),
    (IMAGE_PULL_BACK_OFF, IMAGE_PULL_BACK_OFF),
    ("InvalidImageName", ERR_IMAGE_PULL),
    ("ErrImageNeverPull", ERR_IMAGE_PULL),
    ("RegistryUnavailable", ERR_IMAGE_PULL),
];

/// No pod was seen yet.
pub(super) fn pending(draft: &mut Draft<'_>) {
    // The mutating webhook has set it; an object from before the webhook has none.
    if !draft
        .finalizers
        .iter()
        .any(|finalizer| FINALIZERS.contains(&finalizer.as_str()))
    {
        draft.finalizers.push(FINALIZERS[0].to_owned());
    }
    let Some(pod) = draft.observed.pod() else {
        return create_pod(draft);
    };
    draft.enter(Phase::Pending);
    draft.enter(Phase::Scheduling);
    draft
        .status
        .active_pods
        .insert(pod.uid.clone(), pod.node.clone().unwrap_or_default());
    draft.not_ready(GUEST_NOT_RUNNING, "the guest has not been started yet");
    draft.forget(SYNCHRONIZED);
    draft.forget(POD_SCHEDULED);
    progress(draft, pod);
}

/// The pod was there.
pub(super) fn scheduling(draft: &mut Draft<'_>) {
    let Some(pod) = draft.observed.pod() else {
        draft.before.push(Action::ConfirmNoPod);
        return fail(
            draft,
            POD_NOT_EXISTS,
            "the launcher pod was deleted before it ran",
        );
    };
    progress(draft, pod);
}

/// What a pod that exists means for an object that is not handed over.
fn progress(draft: &mut Draft<'_>, pod: &LauncherPod) {
    if pod.deleting {
        fail(
            draft,
            POD_TERMINATING,
            "the launcher pod was deleted before the guest was started",
        );
    } else if pod.has_ended() {
        let message = format!(
            "the launcher pod ended before the guest was started{}",
            how(pod)
        );
        fail(draft, GUEST_NOT_RUNNING, &message);
    } else if pod.can_be_handed_over() {
        hand_over::hand_over(draft, pod);
    } else {
        obstacles(draft, pod);
    }
}

fn how(pod: &LauncherPod) -> String {
    match &pod.compute {
        super::ComputeState::Terminated {
            exit_code, reason, ..
        } if !reason.is_empty() => {
            format!(
                ": container compute exited with {exit_code} ({reason}); kubectl logs {} tells more",
                pod.name
            )
        }
        _ => String::new(),
    }
}

fn fail(draft: &mut Draft<'_>, reason: &str, message: &str) {
    draft.enter(Phase::Failed);
    draft.not_ready(reason, message);
    draft.forget(POD_SCHEDULED);
}

/// Says why the pod does not run.
fn obstacles(draft: &mut Draft<'_>, pod: &LauncherPod) {
    match &pod.not_scheduled {
        Some(facts) if !facts.reason.is_empty() => {
            let message = unschedulable::message(&facts.message, draft.observed);
            draft.condition(POD_SCHEDULED, false, &facts.reason, &message);
        }
        _ => draft.forget(POD_SCHEDULED),
    }
    match pod.cannot_start() {
        Some((reason, message)) => {
            let image = IMAGE_REASONS
                .iter()
                .find(|(from, _)| *from == reason)
                .map(|(_, to)| *to);
            let text = if image == Some(reason) {
                message.to_owned()
            } else {
                format!("{reason}: {message}")
            };
            // Without an event: kubelet has sent its own on the pod, and the condition is what users look at.
            draft.condition(SYNCHRONIZED, false, image.unwrap_or(FAILED_CREATE), &text);
        }
        None => draft.forget(SYNCHRONIZED),
    }
}

fn create_pod(draft: &mut Draft<'_>) {
    let observed = draft.observed;
    let missing = launcher_pod::claim_names(&observed.instance.spec)
        .find(|(_, claim)| !observed.claims.contains_key(*claim))
        .map(|(volume, claim)| (volume.to_owned(), claim.to_owned()));
    if let Some((volume, claim)) = missing {
        let message = format!(
            "PersistentVolumeClaim {claim} of volume {volume} does not exist in namespace {}: create it, the virtual machine \
             starts then",
            observed
                .instance
                .metadata
                .namespace
                .as_deref()
                .unwrap_or_default()
        );
        draft.enter(Phase::Pending);
        draft.not_ready(
            POD_NOT_EXISTS,
            "the launcher pod is not made before all volumes exist",
        );
        draft.condition(POD_SCHEDULED, false, UNSCHEDULABLE, &message);
        draft.not_synchronized(FAILED_PVC_NOT_FOUND, message);
        return;
    }
    let filling = launcher_pod::claim_names(&observed.instance.spec).find(|(_, claim)| {
        observed
            .claims
            .get(*claim)
            .is_some_and(|claim| claim.filling)
    });
    if let Some((volume, claim)) = filling {
        draft.enter(Phase::Pending);
        draft.not_ready(
            POD_NOT_EXISTS,
            &format!(
                "PersistentVolumeClaim {claim} of volume {volume} is still being filled: the launcher pod is made when that is done"
            ),
        );
        draft.forget(POD_SCHEDULED);
        draft.forget(SYNCHRONIZED);
        return;
    }
    if let Some(failure) = observed
        .create_failure
        .filter(|failure| failure.retry_at > draft.now)
    {
        refused(
            draft,
            format!("the launcher pod cannot be created: {}", failure.message),
        );
        draft.requeue(failure.retry_at.duration_since(draft.now));
        return;
    }
    match launcher_pod::render(&launcher_pod::Input {
        instance: observed.instance,
        config: observed.config,
        launcher: observed.launcher,
        claims: observed.claims,
        attempt: observed.attempt,
    }) {
        Ok(pod) => {
            let name = pod.metadata.name.clone().unwrap_or_default();
            // The object is touched when the pod is seen, not before: that write carries everything.
            let finalizers = observed
                .instance
                .metadata
                .finalizers
                .clone()
                .unwrap_or_default();
            draft.finalizers = finalizers;
            draft.after.push(Action::CreatePod(Box::new(pod)));
            draft.notify(
                false,
                SUCCESSFUL_CREATE,
                format!("Created virtual machine pod {name}"),
            );
        }
        Err(error) => refused(draft, error.to_string()),
    }
}

fn refused(draft: &mut Draft<'_>, message: String) {
    draft.enter(Phase::Pending);
    draft.not_ready(POD_NOT_EXISTS, "there is no launcher pod");
    draft.forget(POD_SCHEDULED);
    draft.not_synchronized(FAILED_CREATE, message);
}
