//! A pod that has a node and does not come to run.

use super::super::diagnosis::{Finding, State};
use super::super::facts::Facts;
use super::super::look::{list, name, text};

/// The pod, while it waits on its node.
fn pending(facts: &Facts) -> Option<&serde_json::Value> {
    facts.living()?;
    facts.pod().filter(|pod| {
        text(pod, "/status/phase") == "Pending" && !text(pod, "/spec/nodeName").is_empty()
    })
}

/// A volume cannot be attached or mounted.
pub(super) fn volume_cannot_be_mounted(facts: &Facts) -> Option<Finding> {
    pending(facts)?;
    let event = facts.pod_event(&["FailedMount", "FailedAttachVolume", "FailedMapVolume"])?;
    let message = text(event, "/message");
    let remedy = if message.contains("not found") && message.contains("secret") {
        "create the Secret that the message names; kubelet tries again by itself"
    } else if message.contains("not found") && message.contains("configmap") {
        "create the ConfigMap that the message names; kubelet tries again by itself"
    } else if message.contains("Multi-Attach") {
        "another node still uses the volume: wait until the pod there is gone, or use a ReadWriteMany claim"
    } else {
        "remove what the message names; kubelet tries again by itself"
    };
    Some(
        Finding::new(
            State::Blocked,
            "VolumeMount",
            "waits for a volume that cannot be mounted",
        )
        .because(message)
        .remedy(remedy)
        .remedy(facts.kubectl(&format!("describe pod {}", facts.pod().map_or("", name)))),
    )
}

/// The pod's network or its sandbox cannot be set up.
pub(super) fn sandbox(facts: &Facts) -> Option<Finding> {
    let pod = pending(facts)?;
    let event = facts.pod_event(&["FailedCreatePodSandBox", "NetworkNotReady"])?;
    // An attempt that failed before one that worked leaves its event.
    if list(pod, "/status/conditions").iter().any(|condition| {
        text(condition, "/type") == "PodReadyToStartContainers"
            && text(condition, "/status") == "True"
    }) {
        return None;
    }
    Some(
        Finding::new(
            State::Blocked,
            "PodSandbox",
            format!("waits for its pod's network on node {}, which cannot be set up", text(pod, "/spec/nodeName")),
        )
        .because(text(event, "/message"))
        .remedy("look at the CNI plug-in of that node, and at the networks that the machine names; kubelet tries again by itself")
        .remedy(facts.kubectl(&format!("describe pod {}", name(pod)))),
    )
}

/// kubelet cannot start a container.
pub(super) fn container_cannot_start(facts: &Facts) -> Option<Finding> {
    let pod = facts.living().and_then(|_| facts.pod())?;
    if facts.phase() == "Running" {
        return None;
    }
    let (container, reason, message) =
        ["/status/initContainerStatuses", "/status/containerStatuses"]
            .iter()
            .flat_map(|pointer| list(pod, pointer))
            .find_map(|status| {
                let reason = text(status, "/state/waiting/reason");
                let bad = matches!(
                    reason,
                    "CreateContainerConfigError"
                        | "CreateContainerError"
                        | "RunContainerError"
                        | "CrashLoopBackOff"
                );
                bad.then(|| {
                    (
                        text(status, "/name"),
                        reason,
                        text(status, "/state/waiting/message"),
                    )
                })
            })?;
    Some(
        Finding::new(
            State::Blocked,
            "ContainerCannotStart",
            format!("waits for container {container} of its pod, which cannot be started"),
        )
        .because(format!("{reason}: {message}"))
        .remedy("remove what the message names; kubelet tries again by itself")
        .remedy(facts.kubectl(&format!("describe pod {}", name(pod))))
        .remedy(facts.kubectl(&format!("logs {} -c {container}", name(pod)))),
    )
}
