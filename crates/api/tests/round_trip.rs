//! Objects as a cluster stores them, through our types and back.

#![allow(clippy::unwrap_used, clippy::panic)]

use kubevirt_api::{
    KubeVirt, RunStrategy, VirtualMachine, VirtualMachineInstance, VirtualMachineInstancePhase,
};
use serde_json::{Value, json};

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// Nulls and absent fields mean the same.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(object) => object
            .into_iter()
            .filter(|(_, v)| !v.is_null())
            .map(|(k, v)| (k, without_nulls(v)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

#[test]
fn virtual_machine() {
    let stored = yaml(include_str!("data/vm.yaml"));
    let vm: VirtualMachine = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(vm.spec.effective_run_strategy(), RunStrategy::Always);
    assert_eq!(serde_json::to_value(&vm).unwrap(), without_nulls(stored));
}

#[test]
fn virtual_machine_instance() {
    let stored = yaml(include_str!("data/vmi.yaml"));
    let vmi: VirtualMachineInstance = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(
        vmi.status.as_ref().unwrap().phase,
        VirtualMachineInstancePhase::Running
    );
    assert_eq!(serde_json::to_value(&vmi).unwrap(), without_nulls(stored));
}

#[test]
fn unknown_values_of_another_version_decode() {
    let vmi: VirtualMachineInstance = serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance", "metadata": {"name": "a"},
        "spec": {"domain": {"devices": {}}},
        "status": {"phase": "Levitating", "conditions": [{"type": "Ready", "status": "Perhaps"}]},
    }))
    .unwrap();
    assert_eq!(
        vmi.status.unwrap().phase,
        VirtualMachineInstancePhase::Unknown
    );
}

#[test]
fn numbers_as_quantities() {
    let vmi: VirtualMachineInstance = serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance", "metadata": {"name": "a"},
        "spec": {"domain": {"devices": {}, "memory": {"guest": 67108864}, "resources": {"requests": {"cpu": 2}}}},
    }))
    .unwrap();
    assert_eq!(vmi.spec.domain.memory.unwrap().guest.unwrap().0, "67108864");
    assert_eq!(
        vmi.spec.domain.resources.unwrap().request("cpu").unwrap().0,
        "2"
    );
}

#[test]
fn settings() {
    let stored = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": {"name": "kubevirt", "namespace": "kubevirt"},
        "spec": {"imagePullPolicy": "Always", "configuration": {
            "developerConfiguration": {"useEmulation": true, "logVerbosity": {"virtAPI": 4, "virtLauncher": 5}},
            "obsoleteCPUModels": {"486": true}, "network": {"permitBridgeInterfaceOnPodNetwork": false}}},
    });
    let settings: KubeVirt = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(serde_json::to_value(&settings).unwrap(), stored);
}

#[test]
fn no_spec_at_all_decodes_in_a_template() {
    let vm: VirtualMachine = serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "a"},
        "spec": {"running": false, "template": {"metadata": {"creationTimestamp": null, "labels": {"a": "b"}}}},
    }))
    .unwrap();
    assert_eq!(vm.spec.effective_run_strategy(), RunStrategy::Halted);
}
