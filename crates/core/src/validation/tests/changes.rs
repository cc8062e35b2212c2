//! Changes of machines, their DataVolumes and their requests.

use kubevirt_api::{VirtualMachine, VirtualMachineInstance};
use rstest::rstest;
use serde_json::{Value, json};

use super::{base, config, merge};
use crate::validation::*;

fn machine(patch: &Value) -> VirtualMachine {
    let mut manifest = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "a", "namespace": "n"},
        "spec": {"runStrategy": "Always", "template": {"spec": base()}},
    });
    merge(&mut manifest, patch);
    serde_json::from_value(manifest).unwrap()
}

/// A machine whose data disk is a DataVolume made from a template.
fn templates(template: &Value) -> VirtualMachine {
    let mut whole =
        json!({"metadata": {"name": "disk"}, "spec": {"storage": {}, "source": {"blank": {}}}});
    merge(&mut whole, template);
    machine(&json!({"spec": {
        "dataVolumeTemplates": [whole],
        "template": {"spec": {"volumes": [
            {"name": "root", "containerDisk": {"image": "registry.example/disks/small:1"}},
            {"name": "data", "dataVolume": {"name": "disk"}},
        ]}},
    }}))
}

fn one(faults: &[Fault], field: &str, message: &str) {
    let [fault] = faults else {
        panic!("expected one fault: {faults:#?}")
    };
    assert_eq!(fault.field, field);
    assert!(fault.message.contains(message), "{}", fault.message);
}

#[rstest]
#[case::name(json!({"metadata": {"name": null}}), "metadata.name", "name the DataVolume")]
#[case::unused(json!({"metadata": {"name": "other"}}), "metadata.name", "no volume uses")]
#[case::namespace(json!({"metadata": {"namespace": "m"}}), "metadata.namespace", "not the namespace")]
#[case::no_claim(json!({"spec": {"storage": null}}), "spec", "add storage or pvc")]
#[case::two_claims(json!({"spec": {"pvc": {}}}), "spec", "exclude each other")]
#[case::no_source(json!({"spec": {"source": null}}), "spec", "add source")]
#[case::two_sources(json!({"spec": {"sourceRef": {"kind": "DataSource", "name": "s"}}}), "spec", "more than one source")]
#[case::empty_source(json!({"spec": {"source": {"blank": null}}}), "spec.source", "is empty")]
#[case::two_kinds(json!({"spec": {"source": {"upload": {}}}}), "spec.source", "keep one")]
fn data_volume_templates(#[case] bad: Value, #[case] field: &str, #[case] message: &str) {
    let config = config(json!({}));
    assert_eq!(validate_vm(&templates(&json!({})), &config), []);
    let field = format!("spec.dataVolumeTemplates[0].{field}");
    one(&validate_vm(&templates(&bad), &config), &field, message);
}

#[test]
fn data_volumes_that_the_storage_fills() {
    let filled =
        json!({"spec": {"source": null, "storage": {"dataSourceRef": {"kind": "A", "name": "b"}}}});
    assert_eq!(validate_vm(&templates(&filled), &config(json!({}))), []);
}

#[test]
fn receivers_need_their_feature() {
    let receiver = machine(&json!({"spec": {"runStrategy": "WaitAsReceiver"}}));
    assert_eq!(validate_vm(&receiver, &config(json!({}))), []);
    assert!(warnings_vm(&receiver)[0].contains("does not start"));
    let off =
        json!({"developerConfiguration": {"disabledFeatureGates": ["DecentralizedLiveMigration"]}});
    one(
        &validate_vm(&receiver, &config(off)),
        "spec.runStrategy",
        "use one of",
    );
}

#[rstest]
#[case::volumes("snapshotInProgress", json!({"spec": {"template": {"spec": {"volumes": [{"name": "root", "containerDisk": {"image": "a"}}, {"name": "data", "emptyDisk": {"capacity": "1Gi"}}]}}}}), "spec.template.spec.volumes")]
#[case::disks("snapshotInProgress", json!({"spec": {"template": {"spec": {"domain": {"devices": {"disks": [{"name": "root"}, {"name": "data"}]}}}}}}), "spec.template.spec.domain.devices.disks")]
#[case::strategy("snapshotInProgress", json!({"spec": {"runStrategy": "Halted"}}), "spec.runStrategy")]
#[case::restore("restoreInProgress", json!({"spec": {"runStrategy": "Halted"}}), "spec.runStrategy")]
fn in_progress(#[case] lock: &str, #[case] change: Value, #[case] field: &str) {
    let config = config(json!({}));
    let status = json!({"status": {lock: "s"}});
    let mut locked = change.clone();
    merge(&mut locked, &status);
    one(
        &validate_vm_update(&machine(&status), &machine(&locked), &config),
        field,
        "\"s\"",
    );
    assert_eq!(
        validate_vm_update(&machine(&json!({})), &machine(&change), &config),
        []
    );
    // The rest may change.
    let mut label = json!({"spec": {"template": {"metadata": {"labels": {"a": "b"}}}}});
    merge(&mut label, &status);
    assert_eq!(
        validate_vm_update(&machine(&status), &machine(&label), &config),
        []
    );
}

#[test]
fn a_machine_from_before_keeps_its_binding() {
    let config = config(json!({}));
    let with = |extra: Value| {
        let mut patch = json!({"spec": {"template": {"spec": {"domain": {"devices": {"interfaces": [{"name": "default", "slirp": {}}]}}}}}});
        merge(&mut patch, &extra);
        machine(&patch)
    };
    let (old, new) = (
        with(json!({})),
        with(json!({"spec": {"runStrategy": "Manual"}})),
    );
    assert_eq!(validate_vm_update(&old, &new, &config), []);
    assert_eq!(
        validate_vm_update(&machine(&json!({})), &new, &config).len(),
        1
    );
}

fn add(volume: Value) -> Value {
    let mut whole = json!({"name": "new", "disk": {"name": "new", "disk": {"bus": "scsi"}}, "volumeSource": {"persistentVolumeClaim": {"claimName": "c"}}});
    merge(&mut whole, &volume);
    json!({"addVolumeOptions": whole})
}

fn requests(requests: &[Value]) -> Vec<Fault> {
    let vm = machine(&json!({"status": {"volumeRequests": requests}}));
    validate_volume_requests(&vm, None)
}

#[rstest]
#[case::empty(&[json!({})], "[0]", "is empty")]
#[case::both(&[json!({"addVolumeOptions": add(json!({}))["addVolumeOptions"], "removeVolumeOptions": {"name": "a"}})], "[0]", "exclude each other")]
#[case::twice(&[add(json!({})), json!({"removeVolumeOptions": {"name": "new"}})], "[1].removeVolumeOptions.name", "already")]
#[case::no_name(&[json!({"removeVolumeOptions": {"name": ""}})], "[0].removeVolumeOptions.name", "name the volume")]
#[case::no_source(&[add(json!({"volumeSource": {"persistentVolumeClaim": null}}))], "[0].addVolumeOptions.volumeSource", "is empty")]
#[case::sources(&[add(json!({"volumeSource": {"dataVolume": {"name": "d"}}}))], "[0].addVolumeOptions.volumeSource", "keep one")]
#[case::taken(&[add(json!({"name": "data"}))], "[0].addVolumeOptions.name", "another source")]
#[case::bus(&[add(json!({"disk": {"disk": {"bus": "sata"}}}))], "[0].addVolumeOptions.disk.disk.bus", "scsi, virtio")]
#[case::cdrom(&[add(json!({"disk": {"disk": null, "cdrom": {}}}))], "[0].addVolumeOptions.disk.cdrom", "CD-ROM")]
fn volume_requests(#[case] bad: &[Value], #[case] field: &str, #[case] message: &str) {
    assert_eq!(
        requests(&[
            add(json!({})),
            json!({"removeVolumeOptions": {"name": "data"}})
        ]),
        []
    );
    one(
        &requests(bad),
        &format!("status.volumeRequests{field}"),
        message,
    );
}

#[test]
fn no_requests_while_the_guest_moves() {
    let vm = machine(&json!({"status": {"volumeRequests": [add(json!({}))]}}));
    let instance = |state: Value| -> VirtualMachineInstance {
        serde_json::from_value(json!({
            "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance", "metadata": {"name": "a"},
            "spec": base(), "status": {"migrationState": state},
        }))
        .unwrap()
    };
    let moving = instance(json!({"migrationUid": "u"}));
    one(
        &validate_volume_requests(&vm, Some(&moving)),
        "status.volumeRequests",
        "moves",
    );
    let moved = instance(json!({"migrationUid": "u", "completed": true}));
    assert_eq!(validate_volume_requests(&vm, Some(&moved)), []);
}
