//! Clones, exports and backups.

use kubevirt_api::{
    VirtualMachineBackup, VirtualMachineBackupTracker, VirtualMachineClone, VirtualMachineExport,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::validation::FaultReason::{
    FieldValueInvalid as Invalid, FieldValueNotSupported as NotSupported,
    FieldValueRequired as Required,
};
use crate::validation::kinds::*;

fn machine(name: &str) -> Value {
    json!({"apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": name})
}

#[rstest]
#[case::source(json!({"source": {"apiGroup": "snapshot.kubevirt.io", "kind": "VirtualMachineSnapshot"}}), json!({"source": {"kind": "Pod"}}), "spec.source.kind", NotSupported, "or VirtualMachineSnapshot with apiGroup snapshot.kubevirt.io")]
#[case::source_group(json!({}), json!({"source": {"kind": "VirtualMachineSnapshot"}}), "spec.source.apiGroup", NotSupported, "use apiGroup snapshot.kubevirt.io")]
#[case::target(json!({"target": machine("copy")}), json!({"target": {"apiGroup": "snapshot.kubevirt.io", "kind": "VirtualMachineSnapshot", "name": "copy"}}), "spec.target.kind", NotSupported, "use VirtualMachine")]
#[case::same(json!({"target": machine("copy")}), json!({"target": machine("web")}), "spec.target.name", Invalid, "is the source")]
#[case::target_name(json!({"target": machine("a.b")}), json!({"target": machine("A")}), "spec.target.name", Invalid, "name of a virtual machine")]
#[case::star(json!({"labelFilters": ["*", "a/b*", "!c"]}), json!({"labelFilters": ["a*b"]}), "spec.labelFilters[0]", Invalid, "at the end only")]
#[case::stars(json!({}), json!({"annotationFilters": ["a", "b**"]}), "spec.annotationFilters[1]", Invalid, "at the end only")]
#[case::not(json!({"template": {"labelFilters": ["!a*"]}}), json!({"template": {"labelFilters": ["a!b"]}}), "spec.template.labelFilters[0]", Invalid, "in front only")]
#[case::letters(json!({"template": {"annotationFilters": ["a.b/C_d-1"]}}), json!({"template": {"annotationFilters": ["a$"]}}), "spec.template.annotationFilters[0]", Invalid, "no key has")]
#[case::empty(json!({}), json!({"labelFilters": [""]}), "spec.labelFilters[0]", Invalid, "is empty")]
#[case::address(json!({"newMacAddresses": {"default": "02:00:00:00:00:01"}}), json!({"newMacAddresses": {"default": "zz"}}), "spec.newMacAddresses[default]", Invalid, "MAC address")]
#[case::patch(json!({"patches": [r#"{"op":"add","path":"/metadata/name","value":"b"}"#]}), json!({"patches": ["nonsense"]}), "spec.patches[0]", Invalid, "is not JSON")]
fn clones(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let base = json!({"source": machine("web")});
    let faults = |patch| validate_clone(&changed::<VirtualMachineClone>(&base, patch));
    assert_eq!(faults(&good), [], "good");
    one(&faults(&bad), field, reason, message);
}

#[rstest]
#[case::claim(json!({"source": {"apiGroup": "", "kind": "PersistentVolumeClaim"}}), json!({"source": {"kind": "PersistentVolumeClaim"}}), "spec.source.apiGroup", NotSupported, "use no apiGroup")]
#[case::snapshot(json!({"source": {"apiGroup": "snapshot.kubevirt.io", "kind": "VirtualMachineSnapshot"}}), json!({"source": {"kind": "Pod"}}), "spec.source.kind", NotSupported, "VirtualMachineTemplate with apiGroup template.kubevirt.io")]
#[case::backup(json!({"source": {"apiGroup": "backup.kubevirt.io", "kind": "VirtualMachineBackup"}}), json!({"source": {"name": ""}}), "spec.source.name", Required, "must name")]
#[case::life(json!({"ttlDuration": "30m"}), json!({"ttlDuration": "0s"}), "spec.ttlDuration", Invalid, "more than 0")]
#[case::token(json!({"tokenSecretRef": "token"}), json!({"tokenSecretRef": "To_ken"}), "spec.tokenSecretRef", Invalid, "name of a Secret")]
fn exports(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let base = json!({"source": machine("web")});
    let faults = |patch| validate_export(&changed::<VirtualMachineExport>(&base, patch));
    assert_eq!(faults(&good), [], "good");
    one(&faults(&bad), field, reason, message);
    let old: VirtualMachineExport = object(&base);
    let new = changed(&base, &json!({"ttlDuration": "1h"}));
    one(
        &validate_export_update(&old, &new),
        "spec",
        Invalid,
        "create another VirtualMachineExport",
    );
}

#[rstest]
#[case::source(json!({"source": {"apiGroup": "backup.kubevirt.io", "kind": "VirtualMachineBackupTracker"}}), json!({"source": {"kind": "Pod"}}), "spec.source.kind", NotSupported, "or VirtualMachineBackupTracker")]
#[case::group(json!({}), json!({"source": {"apiGroup": null}}), "spec.source.apiGroup", Required, "kubevirt.io")]
#[case::claim(json!({}), json!({"pvcName": ""}), "spec.pvcName", Required, "must name the PersistentVolumeClaim")]
#[case::pull(json!({"mode": "Pull", "tokenSecretRef": "token"}), json!({"mode": "Pull"}), "spec.tokenSecretRef", Required, "mode is Pull")]
#[case::life(json!({"ttlDuration": "1h"}), json!({"ttlDuration": "soon"}), "spec.ttlDuration", Invalid, "not a duration")]
fn backups(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let base = json!({"source": machine("web"), "pvcName": "backups"});
    let backup = |patch: &Value| changed::<VirtualMachineBackup>(&base, patch);
    assert_eq!(validate_backup(&backup(&good), &[]), [], "good");
    one(&validate_backup(&backup(&bad), &[]), field, reason, message);
    one(
        &validate_backup(&backup(&json!({})), &["other".to_owned()]),
        "spec.source",
        Invalid,
        "\"other\" of it is in progress",
    );
    let old = backup(&json!({}));
    let new = backup(&json!({"skipQuiesce": true}));
    one(
        &validate_backup_update(&old, &new),
        "spec",
        Invalid,
        "create another VirtualMachineBackup",
    );
}

#[test]
fn trackers() {
    let good: VirtualMachineBackupTracker = object(&json!({"source": machine("web")}));
    assert_eq!(validate_backup_tracker(&good), []);
    let base = json!({"source": machine("web")});
    let bad = changed(
        &base,
        &json!({"source": {"kind": "VirtualMachineInstance"}}),
    );
    one(
        &validate_backup_tracker(&bad),
        "spec.source.kind",
        NotSupported,
        "use VirtualMachine",
    );
    one(
        &validate_backup_tracker_update(&good, &bad),
        "spec",
        Invalid,
        "create another VirtualMachineBackupTracker",
    );
}
