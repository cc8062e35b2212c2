mod changes;
mod compute;
mod devices;
mod disks;
mod firmware;
mod growth;
mod host_devices;
mod ibm;
mod launch_security;
mod machine;
mod network;
mod placement;
mod probes;
mod scheduling;
mod volumes;

use kubevirt_api::{KubeVirt, VirtualMachineInstanceSpec};
use serde_json::{Value, json};

use super::{Fault, FaultReason, validate_vmi};
use crate::config::ClusterConfig;

/// JSON merge patch (RFC 7396).
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let target = target.as_object_mut().unwrap();
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// A guest that works: two disks, an interface.
fn base() -> Value {
    json!({
        "domain": {
            "memory": {"guest": "1Gi"},
            "devices": {
                "disks": [{"name": "root", "disk": {"bus": "virtio"}}, {"name": "data", "disk": {"bus": "virtio"}}],
                "interfaces": [{"name": "default", "masquerade": {}}],
            },
        },
        "networks": [{"name": "default", "pod": {}}],
        "volumes": [
            {"name": "root", "containerDisk": {"image": "registry.example/disks/small:1"}},
            {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
        ],
    })
}

fn config(configuration: Value) -> ClusterConfig {
    let settings: KubeVirt = serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": {"name": "kubevirt"},
        "spec": {"configuration": configuration},
    }))
    .unwrap();
    ClusterConfig {
        default_architecture: "amd64".to_owned(),
        ..ClusterConfig::new(Some(&settings))
    }
}

fn faults_with(patch: &Value, config: &ClusterConfig) -> Vec<Fault> {
    let mut spec = base();
    merge(&mut spec, patch);
    let spec: VirtualMachineInstanceSpec = serde_json::from_value(spec).unwrap();
    validate_vmi("spec", &spec, &Default::default(), config)
}

/// The good change of the base has no fault; the bad one has exactly one, at `field`, with words of `message`.
fn check(good: &Value, bad: &Value, field: &str, reason: FaultReason, message: &str) {
    check_with(&json!({}), good, bad, field, reason, message);
}

/// [`check`] under the settings of a cluster.
fn check_with(
    settings: &Value,
    good: &Value,
    bad: &Value,
    field: &str,
    reason: FaultReason,
    message: &str,
) {
    let config = config(settings.clone());
    assert_eq!(faults_with(good, &config), [], "good");
    let faults = faults_with(bad, &config);
    let [fault] = &faults[..] else {
        panic!("expected one fault: {faults:#?}")
    };
    assert_eq!((fault.field.as_str(), fault.reason), (field, reason));
    assert!(fault.message.contains(message), "{}", fault.message);
    let first = fault.message.chars().next().unwrap();
    assert!(
        !first.is_uppercase() && !fault.message.ends_with('.'),
        "{}",
        fault.message
    );
}

#[test]
fn the_base_is_good() {
    assert_eq!(faults_with(&json!({}), &config(json!({}))), []);
}

#[test]
fn all_faults_are_told_together() {
    let bad =
        json!({"hostname": "A_b", "domain": {"memory": {"guest": "0"}, "cpu": {"sockets": 1000}}});
    let fields: Vec<_> = faults_with(&bad, &config(json!({})))
        .into_iter()
        .map(|fault| fault.field)
        .collect();
    assert_eq!(
        fields,
        [
            "spec.hostname",
            "spec.domain.memory.guest",
            "spec.domain.cpu"
        ]
    );
}

/// The settings that switch features on.
fn gates(names: &[&str]) -> Value {
    json!({"developerConfiguration": {"featureGates": names}})
}

/// What is good when the feature is on has one fault, at `field`, when it is off, and the fault names the gate.
fn check_gate(gate: &str, manifest: &Value, field: &str) {
    let on = config(gates(&[gate]));
    assert_eq!(faults_with(manifest, &on), [], "on");
    let off = config(json!({"developerConfiguration": {"disabledFeatureGates": [gate]}}));
    let faults = faults_with(manifest, &off);
    let [fault] = &faults[..] else {
        panic!("expected one fault: {faults:#?}")
    };
    let expected = (field, FaultReason::FieldValueInvalid);
    assert_eq!((fault.field.as_str(), fault.reason), expected);
    assert!(fault.message.contains(gate), "{}", fault.message);
}
