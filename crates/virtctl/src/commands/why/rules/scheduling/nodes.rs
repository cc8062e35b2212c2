//! What the pod wants of a node, held against what the nodes have.

use serde_json::Value;

use super::super::super::diagnosis::{Finding, State};
use super::super::super::facts::Facts;
use super::super::super::look::{bytes, list, name, size, text};

/// A label of the node.
fn label<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node.pointer("/metadata/labels")?.get(key)?.as_str()
}

/// The sum of what the pod's containers request.
fn requested(pod: &Value, resource: &str) -> f64 {
    list(pod, "/spec/containers")
        .iter()
        .filter_map(|container| {
            container
                .pointer("/resources/requests")?
                .get(resource)?
                .as_str()
                .and_then(bytes)
        })
        .sum()
}

/// There is too little of a resource.
pub(super) fn resource(facts: &Facts, pod: &Value, resource: &str) -> Finding {
    let wanted = requested(pod, resource);
    let largest = facts
        .nodes
        .iter()
        .filter_map(|node| {
            node.pointer("/status/allocatable")?
                .get(resource)?
                .as_str()
                .and_then(bytes)
        })
        .fold(0.0_f64, f64::max);
    let (cause, what, field) = match resource {
        "memory" => (
            "NotEnoughMemory",
            "memory",
            "spec.domain.memory or spec.domain.resources",
        ),
        "cpu" => (
            "NotEnoughCpu",
            "processor time",
            "spec.domain.cpu or spec.domain.resources",
        ),
        "ephemeral-storage" => ("NotEnoughStorage", "local storage", "its ephemeral volumes"),
        other if other.starts_with("hugepages-") => {
            ("NotEnoughHugepages", other, "spec.domain.memory.hugepages")
        }
        other => ("DeviceMissing", other, "spec.domain.devices"),
    };
    let finding = Finding::new(
        State::Blocked,
        cause,
        format!("waits for a node: none has enough {what}"),
    );
    let amount = |value: f64| match resource {
        "memory" | "ephemeral-storage" => size(value),
        other if other.starts_with("hugepages-") => size(value),
        _ => format!("{value}"),
    };
    if facts.nodes.is_empty() || wanted <= 0.0 {
        return finding
            .remedy(format!(
                "stop what is not needed, add a node, or lower {field} in the template"
            ))
            .remedy("$ kubectl describe nodes");
    }
    let finding = finding.because(format!(
        "its pod asks for {}; the largest node can give {} in all",
        amount(wanted),
        amount(largest)
    ));
    if wanted > largest {
        finding
            .remedy(format!(
                "no node is that large: lower {field} in the template, or add a larger node"
            ))
            .remedy(facts.start_anew())
    } else {
        finding
            .remedy(format!("the nodes are full: stop what is not needed, add a node, or lower {field} in the template"))
            .remedy("$ kubectl describe nodes | grep -A 8 'Allocated resources'")
    }
}

/// The pod's node selector or node affinity fits nowhere.
pub(super) fn selector(facts: &Facts, pod: &Value) -> Finding {
    let wanted: Vec<(&String, &str)> = pod
        .pointer("/spec/nodeSelector")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key, value.as_str()?)))
        .collect();
    let fits = |node: &Value, key: &str, value: &str| label(node, key) == Some(value);
    let nowhere: Vec<_> = wanted
        .iter()
        .filter(|(key, value)| {
            !facts.nodes.is_empty() && !facts.nodes.iter().any(|node| fits(node, key, value))
        })
        .collect();
    // KubeVirt's own label first: without a working virt-handler nothing else matters.
    if nowhere
        .iter()
        .any(|(key, _)| *key == "kubevirt.io/schedulable")
    {
        return Finding::new(
            State::Blocked,
            "HandlerMissing",
            "waits for a node: none has a working virt-handler",
        )
        .because("no node has the label kubevirt.io/schedulable=true")
        .remedy("look at the virt-handler pods; the machine goes on by itself when they work:")
        .remedy("$ kubectl -n kubevirt get pods -l kubevirt.io=virt-handler -o wide");
    }
    if let Some((key, value)) = nowhere.first() {
        let (cause, what, remedy) = words(key, value);
        let mut finding = Finding::new(State::Blocked, cause, format!("waits for a node: {what}"))
            .because(format!("no node has the label {key}={value}"));
        if let Some(offered) = offered(facts, key) {
            finding = finding.because(offered);
        }
        return finding
            .remedy(remedy)
            .remedy("when the template is corrected:")
            .remedy(facts.start_anew());
    }
    let together = facts
        .nodes
        .iter()
        .any(|node| wanted.iter().all(|(key, value)| fits(node, key, value)));
    let affine = pod.pointer("/spec/affinity/nodeAffinity").is_some();
    let finding = if together && affine {
        Finding::new(
            State::Blocked,
            "NodeAffinity",
            "waits for a node: its node affinity allows none",
        )
        .remedy(
            "correct spec.affinity.nodeAffinity in the template, or label a node so that it fits",
        )
    } else {
        let own: Vec<String> = wanted
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        Finding::new(
            State::Blocked,
            "NodeSelector",
            "waits for a node: none has all the labels that it asks for",
        )
        .because(format!("it asks for {}", own.join(", ")))
        .remedy("correct spec.nodeSelector in the template, or label a node so that it fits")
    };
    finding
        .remedy("$ kubectl get nodes --show-labels")
        .remedy(facts.start_anew())
}

/// Cause, words and remedy for a label that no node has.
fn words(key: &str, value: &str) -> (&'static str, String, String) {
    let of = |prefix: &str| key.strip_prefix(prefix);
    if let Some(model) = of("cpu-model.node.kubevirt.io/") {
        (
            "CpuModel",
            format!("none has a processor that can be a {model}"),
            "name a processor model that the nodes have in spec.domain.cpu.model, or host-model:"
                .to_owned(),
        )
    } else if let Some(feature) = of("cpu-feature.node.kubevirt.io/") {
        (
            "CpuFeature",
            format!("none has a processor with {feature}"),
            format!("take {feature} out of spec.domain.cpu.features"),
        )
    } else if let Some(machine) = of("machine-type.node.kubevirt.io/") {
        (
            "MachineType",
            format!("none has a QEMU with the machine type {machine}"),
            "name another in spec.domain.machine.type, q35 for the newest".to_owned(),
        )
    } else if let Some(feature) = of("hyperv.node.kubevirt.io/") {
        (
            "Hyperv",
            format!("none offers the Hyper-V feature {feature}"),
            "take it out of spec.domain.features.hyperv".to_owned(),
        )
    } else if key == "kubernetes.io/arch" {
        (
            "Architecture",
            format!("none is of the architecture {value}"),
            "correct spec.architecture in the template, or add such a node".to_owned(),
        )
    } else if key == "kubernetes.io/hostname" {
        (
            "NodeSelector",
            format!("there is no node {value}"),
            "correct spec.nodeSelector in the template".to_owned(),
        )
    } else if key == "kubevirt.io/cpumanager" {
        (
            "CpuManager",
            "none gives pods processors of their own".to_owned(),
            "set kubelet's cpuManagerPolicy to static on a node, or do without dedicatedCpuPlacement".to_owned(),
        )
    } else {
        (
            "NodeSelector",
            format!("none has the label {key}={value} that it asks for"),
            format!(
                "label a node ($ kubectl label node NODE {key}={value}), or correct spec.nodeSelector in the template"
            ),
        )
    }
}

/// What the nodes have of the kind that is wanted.
fn offered(facts: &Facts, key: &str) -> Option<String> {
    let (prefix, _) = key.split_once('/')?;
    let kind = match prefix {
        "cpu-model.node.kubevirt.io" => "models",
        "machine-type.node.kubevirt.io" => "machine types",
        _ if matches!(key, "kubernetes.io/hostname" | "kubernetes.io/arch") => {
            let mut values: Vec<&str> = facts
                .nodes
                .iter()
                .filter_map(|node| label(node, key))
                .collect();
            values.sort_unstable();
            values.dedup();
            return Some(format!(
                "there is {}",
                values.into_iter().take(10).collect::<Vec<_>>().join(", ")
            ));
        }
        _ => return None,
    };
    let mut names: Vec<&str> = facts
        .nodes
        .iter()
        .filter_map(|node| node.pointer("/metadata/labels")?.as_object())
        .flatten()
        .filter(|(_, value)| value.as_str() == Some("true"))
        .filter_map(|(key, _)| key.strip_prefix(prefix)?.strip_prefix('/'))
        .collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| {
        let more = names.len().saturating_sub(12);
        let shown = names.into_iter().take(12).collect::<Vec<_>>().join(", ");
        if more > 0 {
            format!("the nodes have the {kind} {shown} and {more} more")
        } else {
            format!("the nodes have the {kind} {shown}")
        }
    })
}

/// Taints that the pod does not tolerate.
pub(super) fn taint(facts: &Facts) -> Finding {
    let mut finding = Finding::new(
        State::Blocked,
        "Taint",
        "waits for a node: they have taints that it does not tolerate",
    );
    for node in facts.nodes.iter().take(10) {
        let taints: Vec<String> = list(node, "/spec/taints")
            .iter()
            .map(|taint| {
                let value = text(taint, "/value");
                let equals = if value.is_empty() { "" } else { "=" };
                format!(
                    "{}{equals}{value}:{}",
                    text(taint, "/key"),
                    text(taint, "/effect")
                )
            })
            .collect();
        if !taints.is_empty() {
            finding = finding.because(format!("{}: {}", name(node), taints.join(", ")));
        }
    }
    finding
        .remedy("add spec.tolerations to the template, or take a taint off ($ kubectl taint node NODE KEY-):")
        .remedy(facts.start_anew())
}
