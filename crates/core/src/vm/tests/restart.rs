//! One row for each kind of change of a template.

use kubevirt_api::{KubeVirt, VirtualMachineInstanceSpec};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    config::ClusterConfig,
    vm::{TemplateChange, template_change},
};

fn base() -> Value {
    json!({
        "architecture": "amd64",
        "domain": {
            "cpu": {"sockets": 2},
            "memory": {"guest": "1Gi"},
            "devices": {
                "disks": [{"name": "root", "disk": {"bus": "virtio"}}, {"name": "data", "disk": {"bus": "scsi"}}],
                "interfaces": [{"name": "default", "masquerade": {}}, {"name": "second", "bridge": {}}],
            },
        },
        "networks": [{"name": "default", "pod": {}}, {"name": "second", "multus": {"networkName": "blue"}}],
        "volumes": [
            {"name": "root", "persistentVolumeClaim": {"claimName": "root"}},
            {"name": "data", "dataVolume": {"name": "data", "hotpluggable": true}},
        ],
    })
}

/// Sets the value at a JSON pointer; null takes it out, and `-` adds to a list.
fn with(changes: &[(&str, Value)]) -> Value {
    let mut spec = base();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match spec.pointer_mut(parent).unwrap() {
            Value::Array(list) if key == "-" => list.push(value.clone()),
            Value::Array(list) if value.is_null() => {
                list.remove(key.parse().unwrap());
            }
            Value::Array(list) => list[key.parse::<usize>().unwrap()] = value.clone(),
            parent => parent[key] = value.clone(),
        }
    }
    spec
}

fn change(after: &Value, strategy: Option<&str>, settings: Value) -> TemplateChange {
    let settings: KubeVirt = serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": {"name": "kubevirt"},
        "spec": {"configuration": settings},
    }))
    .unwrap();
    let spec = |value: &Value| -> VirtualMachineInstanceSpec {
        serde_json::from_value(value.clone()).unwrap()
    };
    let config = ClusterConfig::new(Some(&settings));
    template_change(&spec(&base()), &spec(after), strategy, &config).unwrap()
}

#[rstest]
#[case::sockets(&[("/domain/cpu/sockets", json!(8))], &["domain.cpu.sockets"])]
#[case::memory(&[("/domain/memory/guest", json!("4Gi"))], &["domain.memory.guest"])]
#[case::place(&[("/nodeSelector", json!({"disk": "ssd"})), ("/tolerations", json!([{"key": "a"}])), ("/affinity", json!({"nodeAffinity": {}}))], &["affinity.nodeAffinity", "nodeSelector.disk", "tolerations"])]
#[case::plug(&[("/volumes/-", json!({"name": "new", "persistentVolumeClaim": {"claimName": "c", "hotpluggable": true}})), ("/domain/devices/disks/-", json!({"name": "new", "disk": {"bus": "scsi"}}))], &["domain.devices.disks[new]", "volumes[new]"])]
#[case::unplug(&[("/volumes/1", Value::Null), ("/domain/devices/disks/1", Value::Null)], &["domain.devices.disks[data]", "volumes[data]"])]
#[case::interface(&[("/networks/-", json!({"name": "third", "multus": {"networkName": "red"}})), ("/domain/devices/interfaces/-", json!({"name": "third", "bridge": {}}))], &["domain.devices.interfaces[third]", "networks[third]"])]
#[case::link(&[("/domain/devices/interfaces/1/state", json!("down"))], &["domain.devices.interfaces[second].state"])]
#[case::other_network(&[("/networks/1/multus/networkName", json!("red"))], &["networks[second].multus.networkName"])]
fn acts_live(#[case] changes: &[(&str, Value)], #[case] fields: &[&str]) {
    let paths: Vec<_> = fields
        .iter()
        .map(|field| format!("spec.template.spec.{field}"))
        .collect();
    let after = with(changes);
    let live = change(&after, None, json!({}));
    assert_eq!((&live.live, &live.restart), (&paths, &vec![]));
    let staged = change(&after, None, json!({"vmRolloutStrategy": "Stage"}));
    assert!(staged.needs_restart());
    assert_eq!((&staged.restart, &staged.live), (&paths, &vec![]));
    assert_eq!(staged.all(), paths);
}

#[rstest]
#[case::model(&[("/domain/cpu/model", json!("host-passthrough"))], &["domain.cpu.model"])]
#[case::too_many_sockets(&[("/domain/cpu/sockets", json!(9))], &["domain.cpu.sockets"])]
#[case::fewer_sockets(&[("/domain/cpu/sockets", json!(1))], &["domain.cpu.sockets"])]
#[case::too_much_memory(&[("/domain/memory/guest", json!("5Gi"))], &["domain.memory.guest"])]
#[case::less_memory(&[("/domain/memory/guest", json!("512Mi"))], &["domain.memory.guest"])]
#[case::fixed_volume(&[("/volumes/-", json!({"name": "new", "emptyDisk": {"capacity": "1Gi"}})), ("/domain/devices/disks/-", json!({"name": "new", "disk": {}}))], &["domain.devices.disks[new]", "volumes[new]"])]
#[case::bus(&[("/domain/devices/disks/1/disk/bus", json!("virtio"))], &["domain.devices.disks[data].disk.bus"])]
#[case::claim(&[("/volumes/0/persistentVolumeClaim/claimName", json!("other"))], &["volumes[root].persistentVolumeClaim.claimName"])]
#[case::binding(&[("/domain/devices/interfaces/0", json!({"name": "default", "bridge": {}}))], &["domain.devices.interfaces[default].bridge", "domain.devices.interfaces[default].masquerade"])]
#[case::left_out(&[("/networks/1", Value::Null), ("/domain/devices/interfaces/1", Value::Null)], &["domain.devices.interfaces[second]", "networks[second]"])]
#[case::hostname(&[("/hostname", json!("other"))], &["hostname"])]
fn waits(#[case] changes: &[(&str, Value)], #[case] fields: &[&str]) {
    let paths: Vec<_> = fields
        .iter()
        .map(|field| format!("spec.template.spec.{field}"))
        .collect();
    let found = change(&with(changes), None, json!({}));
    assert_eq!((found.restart, found.live), (paths, vec![]));
}

#[test]
fn nothing_changes() {
    assert_eq!(change(&base(), None, json!({})), TemplateChange::default());
}

#[test]
fn contents_move_where_the_strategy_says_so() {
    let other = with(&[("/volumes/0/persistentVolumeClaim/claimName", json!("other"))]);
    assert!(change(&other, Some("Replacement"), json!({})).needs_restart());
    assert!(!change(&other, Some("Migration"), json!({})).needs_restart());
}
