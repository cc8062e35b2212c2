use kubevirt_api::{ObjectGraphNode, VirtualMachine};
use rstest::rstest;
use serde_json::{Value, json};

use super::select::Wanted;
use super::*;

fn object(kind: &str, spec: Value, status: Value) -> Value {
    json!({
        "apiVersion": "kubevirt.io/v1", "kind": kind, "spec": spec, "status": status,
        "metadata": { "name": "web", "namespace": "default", "uid": "u" },
    })
}

fn spec(more: Value) -> Value {
    let mut spec = json!({ "domain": { "devices": {} } });
    if let (Some(spec), Some(more)) = (spec.as_object_mut(), more.as_object()) {
        spec.extend(more.clone());
    }
    spec
}

fn machine(template: Value, more: Value, status: Value) -> VirtualMachine {
    let mut of = json!({ "runStrategy": "Always", "template": { "spec": spec(template) } });
    if let (Some(of), Some(more)) = (of.as_object_mut(), more.as_object()) {
        of.extend(more.clone());
    }
    serde_json::from_value(object("VirtualMachine", of, status)).unwrap()
}

fn instance(more: Value) -> VirtualMachineInstance {
    let whole = object("VirtualMachineInstance", spec(more), json!({}));
    serde_json::from_value(whole).unwrap()
}

/// Each node as `Kind/name type`, with a `?` when it is optional, and its children in brackets.
fn short(node: &ObjectGraphNode) -> String {
    let reference = &node.object_reference;
    let mut text = format!("{}/{}", reference.kind, reference.name);
    if let Some(what_for) = node.labels.get(builder::DEPENDENCY_TYPE) {
        text.push_str(&format!(" {what_for}"));
    }
    if node.optional == Some(true) {
        text.push('?');
    }
    if !node.children.is_empty() {
        text.push_str(&format!(" [{}]", children(node)));
    }
    text
}

fn children(node: &ObjectGraphNode) -> String {
    let texts: Vec<_> = node.children.iter().map(short).collect();
    texts.join(", ")
}

#[rstest]
#[case(json!({ "name": "a", "persistentVolumeClaim": { "claimName": "c" } }), "PersistentVolumeClaim/c storage")]
#[case(json!({ "name": "a", "dataVolume": { "name": "d" } }), "DataVolume/d storage [PersistentVolumeClaim/d storage]")]
#[case(json!({ "name": "a", "ephemeral": { "persistentVolumeClaim": { "claimName": "c" } } }), "PersistentVolumeClaim/c storage")]
#[case(json!({ "name": "a", "memoryDump": { "claimName": "c" } }), "PersistentVolumeClaim/c storage")]
#[case(json!({ "name": "a", "configMap": { "name": "m", "optional": true } }), "ConfigMap/m config?")]
#[case(json!({ "name": "a", "secret": { "secretName": "s" } }), "Secret/s config")]
#[case(json!({ "name": "a", "serviceAccount": { "serviceAccountName": "s" } }), "ServiceAccount/s config")]
#[case(json!({ "name": "a", "containerDisk": { "image": "i", "imagePullSecret": "s" } }), "Secret/s config")]
#[case(json!({ "name": "a", "containerDisk": { "image": "i" } }), "")]
#[case(json!({ "name": "a", "cloudInitNoCloud": { "secretRef": { "name": "s" }, "networkDataSecretRef": { "name": "n" } } }), "Secret/s config, Secret/n config")]
#[case(json!({ "name": "a", "cloudInitConfigDrive": { "secretRef": { "name": "s" } } }), "Secret/s config")]
#[case(json!({ "name": "a", "sysprep": { "configMap": { "name": "m" } } }), "ConfigMap/m config")]
#[case(json!({ "name": "a", "emptyDisk": { "capacity": "1Gi" } }), "")]
fn volumes(#[case] volume: Value, #[case] expected: &str) {
    let root = tree::instance(&instance(json!({ "volumes": [volume] })), &[]);
    assert_eq!(children(&root), expected);
}

#[test]
fn what_else_an_instance_names() {
    let instance = instance(json!({
        "serviceAccountName": "robot",
        "networks": [
            { "name": "a", "pod": {} },
            { "name": "b", "multus": { "networkName": "blue" } },
            { "name": "c", "multus": { "networkName": "nets/red" } },
        ],
        "accessCredentials": [
            { "sshPublicKey": { "source": { "secret": { "secretName": "keys" } }, "propagationMethod": { "noCloud": {} } } },
            { "userPassword": { "source": { "secret": { "secretName": "words" } }, "propagationMethod": { "qemuGuestAgent": {} } } },
        ],
    }));
    let root = tree::instance(&instance, &["virt-launcher-web-x".to_owned()]);
    assert_eq!(root.object_reference.kind, "VirtualMachineInstance");
    assert_eq!(
        children(&root),
        "Pod/virt-launcher-web-x compute, Secret/keys config, Secret/words config, ServiceAccount/robot config, \
         NetworkAttachmentDefinition/blue network, NetworkAttachmentDefinition/red network"
    );
    let spaces = root.children.iter().rev();
    let spaces: Vec<_> = spaces
        .take(2)
        .map(|node| node.object_reference.namespace.as_deref())
        .collect();
    assert_eq!(spaces, [Some("nets"), Some("default")]);
}

#[test]
fn an_object_that_is_named_twice_is_there_once_and_needed_if_it_is_once() {
    let secret = |optional| json!({ "secretName": "s", "optional": optional });
    let volumes = json!({ "volumes": [
        { "name": "a", "secret": secret(true) },
        { "name": "b", "secret": secret(false) },
        { "name": "c", "secret": secret(true) },
    ] });
    assert_eq!(
        children(&tree::instance(&instance(volumes), &[])),
        "Secret/s config"
    );
}

fn whole() -> ObjectGraphNode {
    let kept = json!({
        "name": "linux", "kind": "VirtualMachineClusterPreference", "controllerRevisionRef": { "name": "web-linux-1" },
    });
    let machine = machine(
        json!({ "volumes": [
            { "name": "a", "dataVolume": { "name": "d" } },
            { "name": "b", "configMap": { "name": "m", "optional": true } },
        ] }),
        json!({
            "instancetype": { "name": "small", "kind": "VirtualMachineInstancetype", "revisionName": "mine" },
            "preference": { "name": "linux" },
        }),
        json!({ "preferenceRef": kept }),
    );
    tree::machine(&machine, Some(&instance(json!({}))), &["pod".to_owned()])
}

#[test]
fn a_machine_with_all() {
    let root = whole();
    assert_eq!(root.object_reference.kind, "VirtualMachine");
    assert_eq!(
        root.object_reference.api_group.as_deref(),
        Some("kubevirt.io")
    );
    assert_eq!(
        children(&root),
        "VirtualMachineInstancetype/small compute [ControllerRevision/mine compute], \
         VirtualMachineClusterPreference/linux compute [ControllerRevision/web-linux-1 compute], \
         VirtualMachineInstance/web compute? [Pod/pod compute?], \
         DataVolume/d storage [PersistentVolumeClaim/d storage], ConfigMap/m config?"
    );
    assert_eq!(
        root.children[1].object_reference.namespace, None,
        "what belongs to the cluster has no namespace"
    );
}

#[rstest]
#[case(json!({ "includeOptionalNodes": false }), "VirtualMachineInstancetype/small compute [ControllerRevision/mine compute], VirtualMachineClusterPreference/linux compute [ControllerRevision/web-linux-1 compute], DataVolume/d storage [PersistentVolumeClaim/d storage]")]
#[case(json!({ "labelSelector": { "matchLabels": { "kubevirt.io/dependency-type": "storage" } } }), "DataVolume/d storage [PersistentVolumeClaim/d storage]")]
#[case(json!({ "labelSelector": { "matchExpressions": [{ "key": "kubevirt.io/dependency-type", "operator": "NotIn", "values": ["compute", "storage"] }] } }), "ConfigMap/m config?")]
#[case(json!({ "labelSelector": { "matchLabels": { "a": "b" } } }), "")]
fn options_choose(#[case] options: Value, #[case] expected: &str) {
    let options: ObjectGraphOptions = serde_json::from_value(options).unwrap();
    let chosen = Wanted::new(options).unwrap().of(whole());
    assert_eq!(children(&chosen), expected);
}

#[test]
fn a_selector_must_be_one() {
    let options = json!({ "labelSelector": { "matchExpressions": [{ "key": "a", "operator": "Like", "values": ["b"] }] } });
    let options: ObjectGraphOptions = serde_json::from_value(options).unwrap();
    let refusal = Wanted::new(options).err().unwrap();
    assert_eq!(refusal.code, http::StatusCode::BAD_REQUEST);
}

#[test]
fn another_machines_instance_is_not_this_ones() {
    let machine = machine(json!({}), json!({}), json!({}));
    let mut other = instance(json!({}));
    assert!(!tree::is_owned(&other, &machine));
    let owner = json!([{ "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "name": "web", "uid": "u", "controller": true }]);
    other.metadata.owner_references = serde_json::from_value(owner).unwrap();
    assert!(tree::is_owned(&other, &machine));
}
