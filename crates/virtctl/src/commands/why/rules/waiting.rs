//! Nothing is wrong, it only takes its time.

use super::super::diagnosis::{Finding, State};
use super::super::facts::Facts;
use super::super::look::{list, span, text, time};

/// Seconds after which a step is said to last long.
const LONG: i64 = 300;

/// The steps of a start.
pub(super) fn on_its_way(facts: &Facts) -> Option<Finding> {
    if !facts.is_to_run() || facts.phase() == "Running" {
        return None;
    }
    let Some(vmi) = facts.living() else {
        return Some(
            Finding::new(State::Waiting, "Starting", "is about to be started")
                .because("virt-controller makes its instance")
                .remedy("wait some seconds; if it lasts, look at virt-controller:")
                .remedy("$ kubectl -n kubevirt get pods -l kubevirt.io=virt-controller"),
        );
    };
    let phase = text(vmi, "/status/phase");
    let since = list(vmi, "/status/phaseTransitionTimestamps")
        .iter()
        .find(|entry| text(entry, "/phase") == phase)
        .and_then(|entry| time(entry, "/phaseTransitionTimestamp"))
        .or_else(|| time(vmi, "/metadata/creationTimestamp"))
        .map_or(0, |time| facts.since(time));
    let (cause, what, long) = match phase {
        "Scheduling"
            if facts
                .pod()
                .is_none_or(|pod| text(pod, "/spec/nodeName").is_empty()) =>
        {
            (
                "Scheduling",
                "a node is being chosen for its pod".to_owned(),
                "$ kubectl -n kube-system get pods",
            )
        }
        "Scheduling" => match facts.pod_event(&["Pulling", "Pulled", "Started"]) {
            Some(event) if text(event, "/reason") == "Pulling" => (
                "Pulling",
                format!("an image is being pulled: {}", text(event, "/message")),
                "",
            ),
            _ => (
                "PodStarting",
                "the containers of its pod are being started".to_owned(),
                "",
            ),
        },
        "Scheduled" => (
            "GuestStarting",
            format!(
                "virt-handler on node {} starts the guest",
                text(vmi, "/status/nodeName")
            ),
            "$ kubectl -n kubevirt get pods -l kubevirt.io=virt-handler -o wide",
        ),
        "WaitingForSync" => (
            "WaitingForReceiver",
            "it waits for a guest to be migrated here from another cluster".to_owned(),
            "",
        ),
        _ => (
            "Starting",
            "virt-controller makes its pod".to_owned(),
            "$ kubectl -n kubevirt get pods -l kubevirt.io=virt-controller",
        ),
    };
    let finding = Finding::new(
        State::Waiting,
        cause,
        format!("is being started since {}", span(since)),
    )
    .because(what);
    if since < LONG {
        return Some(finding.remedy("wait some seconds"));
    }
    let finding = finding.because("that lasts longer than it should");
    let finding = if long.is_empty() {
        finding
    } else {
        finding.remedy("look at who does that:").remedy(long)
    };
    Some(finding.remedy(facts.kubectl(&format!("describe vmi {}", facts.name))))
}
