//! Snapshots and their restoration.

use kubevirt_api::{VirtualMachineRestore, VirtualMachineSnapshot};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::validation::FaultReason::{
    FieldValueDuplicate as Duplicate, FieldValueInvalid as Invalid,
    FieldValueNotSupported as NotSupported, FieldValueRequired as Required,
};
use crate::validation::kinds::*;

fn snapshot() -> Value {
    json!({"source": {"apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": "web"}})
}

#[rstest]
#[case::kind(json!({}), json!({"source": {"kind": "Pod"}}), "spec.source.kind", NotSupported, "use VirtualMachine with apiGroup kubevirt.io")]
#[case::group(json!({}), json!({"source": {"apiGroup": "example.org"}}), "spec.source.apiGroup", NotSupported, "use apiGroup kubevirt.io")]
#[case::no_group(json!({}), json!({"source": {"apiGroup": null}}), "spec.source.apiGroup", Required, "kubevirt.io")]
#[case::name(json!({}), json!({"source": {"name": ""}}), "spec.source.name", Required, "must name")]
#[case::deadline(json!({"failureDeadline": "0s"}), json!({"failureDeadline": "-1s"}), "spec.failureDeadline", Invalid, "negative")]
#[case::deadline_text(json!({"failureDeadline": "1h30m"}), json!({"failureDeadline": "300"}), "spec.failureDeadline", Invalid, "not a duration")]
fn snapshots(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let config = config(json!({}));
    let faults = |patch| {
        validate_snapshot(
            &changed::<VirtualMachineSnapshot>(&snapshot(), patch),
            &config,
        )
    };
    assert_eq!(faults(&good), [], "good");
    one(&faults(&bad), field, reason, message);
}

#[test]
fn snapshots_can_be_switched_off() {
    let off = config(json!({"disabledFeatureGates": ["Snapshot"]}));
    let faults = validate_snapshot(&object(&snapshot()), &off);
    one(&faults, "spec", NotSupported, "disabledFeatureGates");
    let faults = validate_restore(&object(&restore()), &Default::default(), &off);
    one(&faults, "spec", NotSupported, "disabledFeatureGates");
}

#[test]
fn what_was_asked_for_stays() {
    let old: VirtualMachineSnapshot = object(&snapshot());
    let new = changed(&snapshot(), &json!({"deletionPolicy": "Retain"}));
    one(
        &validate_snapshot_update(&old, &new),
        "spec",
        Invalid,
        "create another VirtualMachineSnapshot",
    );
    assert_eq!(validate_snapshot_update(&old, &old), []);
    let old: VirtualMachineRestore = object(&restore());
    let new = changed(&restore(), &json!({"patches": []}));
    assert_eq!(validate_restore_update(&old, &new), []);
    let new = changed(&restore(), &json!({"volumeRestorePolicy": "InPlace"}));
    one(
        &validate_restore_update(&old, &new),
        "spec",
        Invalid,
        "create another VirtualMachineRestore",
    );
}

fn restore() -> Value {
    json!({
        "target": {"apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": "web"},
        "virtualMachineSnapshotName": "before",
    })
}

#[rstest]
#[case::kind(json!({}), json!({"target": {"kind": "VirtualMachineInstance"}}), "spec.target.kind", NotSupported, "use VirtualMachine")]
#[case::snapshot(json!({}), json!({"virtualMachineSnapshotName": ""}), "spec.virtualMachineSnapshotName", Required, "must name")]
#[case::readiness(json!({"targetReadinessPolicy": "StopTarget"}), json!({"targetReadinessPolicy": "Kill"}), "spec.targetReadinessPolicy", NotSupported, "WaitEventually")]
#[case::volumes(json!({"volumeRestorePolicy": "PrefixTargetName"}), json!({"volumeRestorePolicy": "Rename"}), "spec.volumeRestorePolicy", NotSupported, "InPlace")]
#[case::owner(json!({"volumeOwnershipPolicy": "None"}), json!({"volumeOwnershipPolicy": "Me"}), "spec.volumeOwnershipPolicy", NotSupported, "Vm")]
#[case::override_name(json!({"volumeRestoreOverrides": [{"volumeName": "root", "restoreName": "r"}]}), json!({"volumeRestoreOverrides": [{"restoreName": "r"}]}), "spec.volumeRestoreOverrides[0].volumeName", Required, "must name a volume")]
#[case::override_nothing(json!({"volumeRestoreOverrides": [{"volumeName": "root", "labels": {"a": "b"}}]}), json!({"volumeRestoreOverrides": [{"volumeName": "root"}]}), "spec.volumeRestoreOverrides[0]", Required, "overrides nothing")]
#[case::override_twice(json!({"volumeRestoreOverrides": [{"volumeName": "a", "annotations": {"a": "b"}}, {"volumeName": "b", "restoreName": "c"}]}), json!({"volumeRestoreOverrides": [{"volumeName": "a", "restoreName": "b"}, {"volumeName": "a", "restoreName": "c"}]}), "spec.volumeRestoreOverrides[1].volumeName", Duplicate, "twice")]
#[case::override_claim(json!({}), json!({"volumeRestoreOverrides": [{"volumeName": "a", "restoreName": "A_B"}]}), "spec.volumeRestoreOverrides[0].restoreName", Invalid, "name of a claim")]
#[case::patch_place(json!({"patches": [r#"{"op":"replace","path":"/spec/runStrategy","value":"Halted"}"#, r#"{"op":"remove","path":"/metadata/labels/a"}"#]}), json!({"patches": [r#"{"op":"replace","path":"/status/ready","value":true}"#]}), "spec.patches[0]", NotSupported, "/status/ready")]
#[case::patch_name(json!({"patches": [r#"{"op":"add","path":"/metadata/annotations","value":{}}"#]}), json!({"patches": [r#"{"op":"add","path":"/metadata/name","value":"b"}"#]}), "spec.patches[0]", NotSupported, "/metadata/name")]
#[case::patch_move(json!({"patches": [r#"{"op":"copy","from":"/metadata/name","path":"/spec/template/spec/hostname"}"#]}), json!({"patches": [r#"{"op":"move","from":"/metadata/name","path":"/spec/template/spec/hostname"}"#]}), "spec.patches[0]", NotSupported, "/metadata/name")]
#[case::patch_json(json!({}), json!({"patches": ["{"]}), "spec.patches[0]", Invalid, "is not JSON")]
#[case::patch_list(json!({}), json!({"patches": ["[]"]}), "spec.patches[0]", Invalid, "one JSON patch operation")]
#[case::patch_operation(json!({}), json!({"patches": [r#"{"op":"drop","path":"/spec/running"}"#]}), "spec.patches[0]", NotSupported, "drop")]
#[case::patch_value(json!({}), json!({"patches": [r#"{"op":"add","path":"/spec/running"}"#]}), "spec.patches[0]", Required, "needs value")]
#[case::patch_path(json!({}), json!({"patches": [r#"{"op":"remove"}"#]}), "spec.patches[0]", Invalid, "is not a path")]
fn restores(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let config = config(json!({}));
    let faults = |patch| {
        let restore = changed::<VirtualMachineRestore>(&restore(), patch);
        validate_restore(&restore, &Default::default(), &config)
    };
    assert_eq!(faults(&good), [], "good");
    one(&faults(&bad), field, reason, message);
}

#[test]
fn restorations_look_at_others() {
    let config = config(json!({}));
    let faults = |target: &str, observed: &RestoreObservation| {
        let restore =
            changed::<VirtualMachineRestore>(&restore(), &json!({"target": {"name": target}}));
        validate_restore(&restore, observed, &config)
    };
    let busy = RestoreObservation {
        in_progress: vec!["earlier".to_owned()],
        source: None,
    };
    one(
        &faults("web", &busy),
        "spec.target",
        Invalid,
        "\"earlier\" restores into \"web\" already",
    );
    let domain = json!({"devices": {"tpm": {"persistent": true}}, "memory": {"guest": "64Mi"}});
    let spec = |domain: Value| {
        serde_json::from_value(
            json!({"runStrategy": "Halted", "template": {"spec": {"domain": domain}}}),
        )
        .unwrap()
    };
    let source = SnapshotSource::new("web", &spec(domain));
    assert!(source.keeps_state);
    let keeps = RestoreObservation {
        in_progress: Vec::new(),
        source: Some(source),
    };
    assert_eq!(faults("web", &keeps), []);
    one(
        &faults("other", &keeps),
        "spec.target.name",
        Invalid,
        "restore into \"web\"",
    );
    let efi = json!({"devices": {}, "firmware": {"bootloader": {"efi": {"persistent": true}}}});
    assert!(SnapshotSource::new("web", &spec(efi)).keeps_state);
    let off = json!({"devices": {"tpm": {"persistent": true, "enabled": false}}});
    let plain = RestoreObservation {
        in_progress: Vec::new(),
        source: Some(SnapshotSource::new("web", &spec(off))),
    };
    assert_eq!(faults("other", &plain), []);
}
