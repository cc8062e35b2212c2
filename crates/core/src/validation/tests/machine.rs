use kubevirt_api::{VirtualMachine, VirtualMachineInstance};
use rstest::rstest;
use serde_json::{Value, json};

use super::{base, config, merge};
use crate::validation::*;

fn machine(patch: Value) -> VirtualMachine {
    let mut manifest = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "a"},
        "spec": {"runStrategy": "Always", "template": {"spec": base()}},
    });
    merge(&mut manifest, &patch);
    serde_json::from_value(manifest).unwrap()
}

fn instance(labels: Value) -> VirtualMachineInstance {
    let manifest = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance", "metadata": {"name": "a", "labels": labels}, "spec": base(),
    });
    serde_json::from_value(manifest).unwrap()
}

#[rstest]
#[case::strategy(json!({"spec": {"runStrategy": "Sometimes"}}), "spec.runStrategy", FaultReason::FieldValueNotSupported, "Always, Halted, Manual, RerunOnFailure, Once")]
#[case::neither(json!({"spec": {"runStrategy": null}}), "spec.runStrategy", FaultReason::FieldValueRequired, "use one of Always")]
#[case::both(json!({"spec": {"running": true}}), "spec.running", FaultReason::FieldValueInvalid, "take out running")]
#[case::template(json!({"spec": {"template": {"spec": {"domain": {"devices": {"disks": [{"name": "root", "disk": {"bus": "ide"}}]}}}}}}), "spec.template.spec.domain.devices.disks[0].disk.bus", FaultReason::FieldValueNotSupported, "virtio")]
#[case::label(json!({"spec": {"template": {"metadata": {"labels": {"a": "b c"}}}}}), "spec.template.metadata.labels[a]", FaultReason::FieldValueInvalid, "label value")]
#[case::reserved(json!({"spec": {"template": {"metadata": {"labels": {"kubevirt.io/nodeName": "n"}}}}}), "spec.template.metadata.labels[kubevirt.io/nodeName]", FaultReason::FieldValueInvalid, "reserved")]
#[case::ignition(json!({"spec": {"template": {"metadata": {"annotations": {"kubevirt.io/ignitiondata": "{}"}}}}}), "spec.template.metadata.annotations[kubevirt.io/ignitiondata]", FaultReason::FieldValueInvalid, "ExperimentalIgnitionSupport")]
#[case::hooks(json!({"spec": {"template": {"metadata": {"annotations": {"hooks.kubevirt.io/hookSidecars": "[]"}}}}}), "spec.template.metadata.annotations[hooks.kubevirt.io/hookSidecars]", FaultReason::FieldValueInvalid, "Sidecar")]
fn rules(
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let config = config(json!({}));
    assert_eq!(validate_vm(&machine(json!({})), &config), []);
    let faults = validate_vm(&machine(bad), &config);
    let [fault] = &faults[..] else {
        panic!("expected one fault: {faults:#?}")
    };
    assert_eq!((fault.field.as_str(), fault.reason), (field, reason));
    assert!(fault.message.contains(message), "{}", fault.message);
}

#[test]
fn running_alone_is_good_but_deprecated() {
    let old = machine(json!({"spec": {"runStrategy": null, "running": false}}));
    assert_eq!(validate_vm(&old, &config(json!({}))), []);
    assert_eq!(
        warnings_vm(&old),
        ["spec.running is deprecated, use spec.runStrategy: Halted"]
    );
    assert!(warnings_vm(&machine(json!({}))).is_empty());
}

#[test]
fn warnings_of_a_template() {
    let patch = json!({"spec": {"template": {"spec": {"evictionStrategy": "LiveMigrateIfPossible",
        "domain": {"resources": {"limits": {"memory": "512Mi"}}}}}}});
    let warnings = warnings_vm(&machine(patch));
    assert_eq!(warnings.len(), 2);
    assert!(
        warnings
            .iter()
            .all(|warning| warning.starts_with("spec.template.spec.")),
        "{warnings:?}"
    );
}

#[test]
fn updates() {
    let config = config(json!({}));
    let good = machine(json!({}));
    let mut bad = machine(json!({"spec": {"runStrategy": "Sometimes"}}));
    assert_eq!(validate_vm_update(&good, &bad, &config).len(), 1);
    // One that is bad already may still be labelled, and may go.
    assert_eq!(validate_vm_update(&bad, &bad, &config), []);
    bad.metadata.deletion_timestamp = Some(
        kubevirt_api::k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(
            jiff::Timestamp::UNIX_EPOCH,
        ),
    );
    assert_eq!(validate_vm_update(&good, &bad, &config), []);
}

#[test]
fn instances_are_for_components_to_change() {
    let old = instance(json!({"kubevirt.io/nodeName": "node-1"}));
    let mut new = instance(json!({}));
    new.spec.hostname = Some("other".to_owned());
    let fields: Vec<_> = validate_vmi_update(&old, &new, false)
        .into_iter()
        .map(|fault| fault.field)
        .collect();
    assert_eq!(fields, ["spec", "metadata.labels[kubevirt.io/nodeName]"]);
    assert_eq!(validate_vmi_update(&old, &new, true), []);
    assert_eq!(validate_vmi_update(&old, &old, false), []);
}

#[test]
fn reserved_labels_of_new_instances() {
    let labelled = instance(json!({"kubevirt.io/created-by": "me"}));
    let config = config(json!({}));
    assert_eq!(validate_vmi_create(&labelled, &config, true), []);
    let faults = validate_vmi_create(&labelled, &config, false);
    assert_eq!(faults[0].field, "metadata.labels[kubevirt.io/created-by]");
    assert_eq!(
        faults[0].to_string(),
        "metadata.labels[kubevirt.io/created-by]: is reserved for KubeVirt's components: take it out"
    );
}

#[test]
fn annotations_whose_features_are_on() {
    let config = config(super::gates(&["ExperimentalIgnitionSupport", "Sidecar"]));
    let annotations =
        json!({"kubevirt.io/ignitiondata": "{}", "hooks.kubevirt.io/hookSidecars": "[]"});
    let annotated =
        machine(json!({"spec": {"template": {"metadata": {"annotations": annotations}}}}));
    assert_eq!(validate_vm(&annotated, &config), []);
}
