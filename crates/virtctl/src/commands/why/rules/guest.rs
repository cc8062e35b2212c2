//! virt-handler cannot bring the guest up.

use super::super::diagnosis::{Finding, State};
use super::super::facts::Facts;
use super::super::look::{condition_is, name, text};

/// `Synchronized` is False on a node.
pub(super) fn cannot_start(facts: &Facts) -> Option<Finding> {
    let vmi = facts.living()?;
    if facts.phase() == "Running" {
        return None;
    }
    let condition = condition_is(vmi, "Synchronized", "False")?;
    let message = text(condition, "/message");
    let node = text(vmi, "/status/nodeName");
    if message.contains("no hardware virtualization") {
        return Some(no_kvm(
            format!("cannot be started: node {node} has no hardware virtualization"),
            message,
        ));
    }
    let finding = Finding::new(
        State::Blocked,
        "GuestCannotStart",
        if node.is_empty() {
            "cannot be started".to_owned()
        } else {
            format!("cannot be started on node {node}")
        },
    )
    .because(message);
    let finding =
        if message.contains("configuration is not supported") || message.contains("domain XML") {
            finding.remedy(
                "these are libvirt's words: take the setting that they name out of the template",
            )
        } else {
            finding.remedy("correct what the message names")
        };
    let logs = facts
        .pod()
        .map(|pod| facts.kubectl(&format!("logs {} -c compute", name(pod))));
    let finding = finding
        .remedy("it is tried again by itself; a change of the template needs a new start:")
        .remedy(facts.start_anew());
    Some(match logs {
        Some(logs) => finding.remedy("more is in the log:").remedy(logs),
        None => finding,
    })
}

/// Nodes cannot run guests in hardware.
pub(super) fn no_kvm(summary: String, words: &str) -> Finding {
    Finding::new(State::Blocked, "NoKvm", summary)
        .because(words)
        .remedy("enable virtualization in the node's firmware (or nested virtualization, when it is a virtual machine), so that /dev/kvm is there; or, slowly, for tests, emulate:")
        .remedy("$ kubectl -n kubevirt patch kubevirt kubevirt --type=merge -p '{\"spec\":{\"configuration\":{\"developerConfiguration\":{\"useEmulation\":true}}}}'")
        .remedy("then start the machine anew")
}
