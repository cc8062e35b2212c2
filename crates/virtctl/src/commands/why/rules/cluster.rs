//! KubeVirt itself.

use super::super::diagnosis::{Finding, State};
use super::super::facts::Facts;
use super::super::look::{condition_is, name, number, text, told};

/// The API server does not know VirtualMachines.
pub(super) fn not_installed(facts: &Facts) -> Option<Finding> {
    facts.not_installed.then(|| {
        Finding::new(
            State::NotFound,
            "NotInstalled",
            "cannot exist: KubeVirt is not installed in this cluster",
        )
        .because("the API server does not know the kind VirtualMachine of kubevirt.io/v1")
        .remedy("install KubeVirt, or choose another cluster with --context or --kubeconfig:")
        .remedy("$ kubectl config get-contexts")
    })
}

/// Something should happen to the machine, and what does it is not there.
pub(super) fn not_ready(facts: &Facts) -> Option<Finding> {
    if !facts.is_to_run() || facts.phase() == "Running" {
        return None;
    }
    let idle: Vec<(&str, String)> = facts
        .components
        .iter()
        .filter(|component| {
            matches!(
                name(component),
                "virt-api" | "virt-controller" | "virt-handler"
            )
        })
        .filter_map(|component| idle(component).map(|says| (name(component), says)))
        .collect();
    let unavailable = facts
        .kubevirts
        .iter()
        .find_map(|kubevirt| condition_is(kubevirt, "Available", "False"));
    if idle.is_empty() && unavailable.is_none() {
        return None;
    }
    let namespace = facts.components.first().map_or("kubevirt", |component| {
        text(component, "/metadata/namespace")
    });
    let mut finding = Finding::new(
        State::Blocked,
        "KubeVirtNotReady",
        "waits for KubeVirt itself, which does not work fully",
    );
    for (component, says) in &idle {
        finding = finding.because(format!("{component}: {says}"));
    }
    if let Some(condition) = unavailable {
        finding = finding.because(format!(
            "the KubeVirt object is not available: {}",
            told(condition)
        ));
    }
    Some(
        finding
            .remedy("look at KubeVirt's own pods; the machine goes on by itself when they run:")
            .remedy(format!("$ kubectl -n {namespace} get pods -o wide"))
            .remedy(format!(
                "$ kubectl -n {namespace} get events --sort-by=.lastTimestamp"
            )),
    )
}

/// What a Deployment or DaemonSet says when none of its pods is ready.
fn idle(component: &serde_json::Value) -> Option<String> {
    let (wanted, ready) = match component.pointer("/status/desiredNumberScheduled") {
        Some(_) => (
            number(component, "/status/desiredNumberScheduled"),
            number(component, "/status/numberReady"),
        ),
        None => (
            number(component, "/spec/replicas"),
            number(component, "/status/readyReplicas"),
        ),
    };
    (ready == 0).then(|| format!("none of {wanted} pods is ready"))
}
