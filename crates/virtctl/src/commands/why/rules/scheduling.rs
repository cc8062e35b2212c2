//! No node takes the launcher pod.

mod decode;
mod nodes;

use super::super::diagnosis::{Finding, State};
use super::super::facts::Facts;
use super::super::look::{condition_is, name, text};
use super::guest::no_kvm;
use decode::Obstacle;

/// The scheduler says that the pod fits nowhere.
pub(super) fn no_node(facts: &Facts) -> Option<Finding> {
    facts.living()?;
    let pod = facts.pod()?;
    let condition = condition_is(pod, "PodScheduled", "False")?;
    if text(condition, "/reason") == "SchedulingGated" {
        return Some(
            Finding::new(
                State::Blocked,
                "SchedulingGated",
                "waits: its pod is held back from being scheduled",
            )
            .because(text(condition, "/message"))
            .remedy("whoever has set the pod's scheduling gates has to remove them:")
            .remedy(facts.kubectl(&format!(
                "get pod {} -o jsonpath='{{.spec.schedulingGates}}'",
                name(pod)
            ))),
        );
    }
    if text(condition, "/reason") != "Unschedulable" {
        return None;
    }
    let message = text(condition, "/message");
    let parsed = decode::decode(message);
    let main = parsed.obstacles.first();
    let summary = |what: &str| format!("waits for a node: {what}");
    let finding = match main.map(|(obstacle, _, _)| obstacle) {
        // The claim's own rule tells more.
        Some(Obstacle::UnboundClaim) => return None,
        Some(Obstacle::Resource(resource)) if resource == "devices.kubevirt.io/kvm" => {
            no_kvm(summary("none offers hardware virtualization (devices.kubevirt.io/kvm)"), "")
        }
        Some(Obstacle::Resource(resource)) if resource.starts_with("devices.kubevirt.io/") => {
            Finding::new(State::Blocked, "DeviceMissing", summary(&format!("none offers {resource}")))
                .because("virt-handler offers it on its node")
                .remedy("look at the virt-handler pods:")
                .remedy("$ kubectl -n kubevirt get pods -l kubevirt.io=virt-handler -o wide")
        }
        Some(Obstacle::Resource(resource)) => nodes::resource(facts, pod, resource),
        Some(Obstacle::Selector) => nodes::selector(facts, pod),
        Some(Obstacle::Taint) => nodes::taint(facts),
        Some(Obstacle::Affinity) => {
            Finding::new(State::Blocked, "Affinity", summary("its affinity or anti-affinity to other pods allows none"))
                .remedy("make room on the nodes that it may use, or loosen spec.affinity in the template")
                .remedy(facts.start_anew())
        }
        Some(Obstacle::Spread) => {
            Finding::new(State::Blocked, "TopologySpread", summary("its topology spread constraints allow none"))
                .remedy("loosen spec.topologySpreadConstraints in the template")
                .remedy(facts.start_anew())
        }
        Some(Obstacle::Cordoned) => {
            Finding::new(State::Blocked, "NodesCordoned", summary("the nodes are cordoned"))
                .remedy("let a node take pods again:")
                .remedy("$ kubectl uncordon NODE")
        }
        Some(Obstacle::VolumeNode) => {
            Finding::new(State::Blocked, "VolumeOnOtherNode", summary("its volume is on a node that does not take it"))
                .remedy("make room on the node of the volume, or take out of the template what keeps the machine from it:")
                .remedy("$ kubectl get pv -o wide")
        }
        Some(Obstacle::PodCount) => {
            Finding::new(State::Blocked, "TooManyPods", summary("the nodes have as many pods as they may"))
                .remedy("stop what is not needed, or add a node")
        }
        Some(Obstacle::Other) | None => {
            Finding::new(State::Blocked, "Unschedulable", summary("the scheduler finds none"))
                .remedy("the scheduler's words say what is missing:")
                .remedy(facts.kubectl(&format!("describe pod {}", name(pod))))
        }
    };
    let mut finding = finding;
    for (_, nodes, words) in &parsed.obstacles {
        finding = finding.because(format!("{nodes} of {} nodes: {words}", parsed.nodes));
    }
    if parsed.obstacles.is_empty() {
        finding = finding.because(message);
    }
    Some(finding)
}
