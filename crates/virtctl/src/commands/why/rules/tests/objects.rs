//! Objects as a cluster gives them, with what a case is about put in.

use serde_json::{Value, json};

use crate::commands::why::facts::Facts;

/// When the facts are read.
pub(super) const NOW: &str = "2026-11-24T19:20:00Z";

/// Facts of machine `vm1` in namespace `team`, with nothing in them.
pub(super) fn nothing() -> Facts {
    Facts {
        namespace: "team".to_owned(),
        name: "vm1".to_owned(),
        now: NOW.parse().unwrap(),
        ..Facts::default()
    }
}

/// A machine without an instance.
pub(super) fn machine(strategy: &str) -> Facts {
    Facts {
        vm: Some(vm(strategy)),
        ..nothing()
    }
}

/// A machine to run, with an instance in this phase.
pub(super) fn instance(phase: &str) -> Facts {
    Facts {
        vmi: Some(vmi(phase)),
        ..machine("Always")
    }
}

/// The same with its pod.
pub(super) fn with_pod(phase: &str, pod: Value) -> Facts {
    Facts {
        pods: vec![pod],
        ..instance(phase)
    }
}

pub(super) fn vm(strategy: &str) -> Value {
    json!({
        "metadata": {"name": "vm1", "namespace": "team", "uid": "05cc388f", "creationTimestamp": "2026-11-24T19:00:00Z",
            "finalizers": ["kubevirt.io/virtualMachineControllerFinalize"]},
        "spec": {"runStrategy": strategy, "template": {"spec": spec()}},
        "status": {"printableStatus": "Stopped", "conditions": []}
    })
}

pub(super) fn vmi(phase: &str) -> Value {
    let node = if matches!(phase, "Running" | "Scheduled" | "Succeeded" | "Failed") {
        "node2"
    } else {
        ""
    };
    json!({
        "metadata": {"name": "vm1", "namespace": "team", "uid": "e6101f34", "creationTimestamp": "2026-11-24T19:17:16Z",
            "finalizers": ["kubevirt.io/virtualMachineControllerFinalize", "kubevirt.io/foregroundDeleteVirtualMachine"]},
        "spec": spec(),
        "status": {
            "phase": phase, "nodeName": node, "conditions": [],
            "interfaces": [{"name": "default", "ipAddress": "10.88.2.12"}],
            "phaseTransitionTimestamps": [{"phase": phase, "phaseTransitionTimestamp": "2026-11-24T19:18:00Z"}]
        }
    })
}

fn spec() -> Value {
    json!({
        "domain": {"resources": {"requests": {"memory": "64Mi"}}},
        "terminationGracePeriodSeconds": 30,
        "volumes": [{"name": "root", "containerDisk": {"image": "registry.example/guest:1"}}]
    })
}

/// A launcher pod with a node, or without one when `node` is empty.
pub(super) fn pod(phase: &str, node: &str) -> Value {
    json!({
        "metadata": {"name": "virt-launcher-vm1-x", "namespace": "team", "creationTimestamp": "2026-11-24T19:17:16Z"},
        "spec": {"nodeName": node, "containers": [{"name": "compute", "resources": {"requests": {"cpu": "100m", "memory": "921700Mi"}}}],
            "nodeSelector": {"kubernetes.io/arch": "amd64", "kubevirt.io/schedulable": "true"}},
        "status": {"phase": phase, "conditions": []}
    })
}

pub(super) fn node(name: &str) -> Value {
    json!({
        "metadata": {"name": name, "labels": {
            "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": name, "kubevirt.io/schedulable": "true",
            "cpu-model.node.kubevirt.io/Penryn": "true", "cpu-model.node.kubevirt.io/Haswell": "true"}},
        "spec": {},
        "status": {"allocatable": {"cpu": "8", "memory": "32Gi"}, "conditions": [
            {"type": "Ready", "status": "True", "reason": "KubeletReady", "lastTransitionTime": "2026-11-24T10:00:00Z"}]}
    })
}

/// Adds a condition to an object.
pub(super) fn condition(object: &mut Value, kind: &str, status: &str, reason: &str, message: &str) {
    object["status"]["conditions"]
        .as_array_mut()
        .unwrap()
        .push(json!({
            "type": kind, "status": status, "reason": reason, "message": message,
            "lastTransitionTime": "2026-11-24T19:18:00Z"
        }));
}

pub(super) fn event(kind: &str, name: &str, level: &str, reason: &str, message: &str) -> Value {
    json!({
        "involvedObject": {"kind": kind, "name": name}, "type": level, "reason": reason, "message": message,
        "lastTimestamp": "2026-11-24T19:19:00Z"
    })
}

/// A container that waits.
pub(super) fn waits(pod: &mut Value, reason: &str, message: &str) {
    pod["status"]["containerStatuses"] = json!([{
        "name": "compute", "image": "registry.example/virt-launcher:1", "ready": false,
        "state": {"waiting": {"reason": reason, "message": message}}
    }]);
}
