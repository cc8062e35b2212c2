//! Migrations, replica sets and presets.

use kubevirt_api::{
    VirtualMachineInstanceMigration, VirtualMachineInstancePreset, VirtualMachineInstanceReplicaSet,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::validation::FaultReason::{
    FieldValueInvalid as Invalid, FieldValueNotFound as NotFound,
    FieldValueNotSupported as NotSupported, FieldValueRequired as Required,
};
use crate::validation::kinds::*;

fn observed(status: Value, in_flight: &[&str]) -> MigrationObservation {
    let instance = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance", "metadata": {"name": "web"},
        "spec": {"domain": {"devices": {}}}, "status": status,
    });
    MigrationObservation {
        instance: serde_json::from_value(instance).unwrap(),
        in_flight: in_flight.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn migration(spec: Value) -> VirtualMachineInstanceMigration {
    changed(&json!({"vmiName": "web"}), &spec)
}

#[rstest]
#[case::name(json!({}), json!({"vmiName": ""}), "spec.vmiName", Required, "must name")]
#[case::both(json!({"receive": {"migrationID": "a"}}), json!({"receive": {"migrationID": "a"}, "sendTo": {"migrationID": "a", "connectURL": "b:1"}}), "spec", Invalid, "one of sendTo and receive")]
#[case::id(json!({"sendTo": {"migrationID": "a", "connectURL": "b:1"}}), json!({"sendTo": {"migrationID": "", "connectURL": "b:1"}}), "spec.sendTo.migrationID", Required, "same text")]
#[case::url(json!({}), json!({"sendTo": {"migrationID": "a", "connectURL": ""}}), "spec.sendTo.connectURL", Required, "address and port")]
#[case::priority(json!({}), json!({"priority": "system-critical"}), "spec.priority", Invalid, "virt-controller")]
fn migrations(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let config = config(json!({}));
    let observed = observed(json!({"phase": "Running"}), &[]);
    let faults =
        |spec: &Value| validate_migration(&migration(spec.clone()), &observed, &config, false);
    assert_eq!(faults(&good), [], "good");
    one(&faults(&bad), field, reason, message);
}

#[test]
fn migrations_look_at_others() {
    let config = config(json!({}));
    let faults = |observed: &MigrationObservation| {
        validate_migration(&migration(json!({})), observed, &config, false)
    };
    let missing = MigrationObservation::default();
    one(
        &faults(&missing),
        "spec.vmiName",
        NotFound,
        "no VirtualMachineInstance \"web\"",
    );
    let ended = observed(json!({"phase": "Succeeded"}), &[]);
    one(
        &faults(&ended),
        "spec.vmiName",
        Invalid,
        "has ended (Succeeded)",
    );
    let conditions = json!([{"type": "LiveMigratable", "status": "False", "reason": "DisksNotLiveMigratable", "message": "disk root is not shared"}]);
    let stuck = observed(json!({"phase": "Running", "conditions": conditions}), &[]);
    one(
        &faults(&stuck),
        "spec.vmiName",
        Invalid,
        "(DisksNotLiveMigratable) disk root is not shared",
    );
    let able = json!([{"type": "LiveMigratable", "status": "True"}]);
    assert_eq!(
        faults(&observed(
            json!({"phase": "Running", "conditions": able}),
            &[]
        )),
        []
    );
    assert_eq!(faults(&observed(json!({"phase": "Scheduling"}), &[])), []);
    let busy = observed(json!({"phase": "Running"}), &["other"]);
    one(&faults(&busy), "spec.vmiName", Invalid, "\"other\" already");
    let from_controller = validate_migration(
        &migration(json!({"priority": "system-critical"})),
        &observed(json!({"phase": "Running"}), &[]),
        &config,
        true,
    );
    assert_eq!(from_controller, []);
}

#[test]
fn migrations_between_clusters_need_their_gate() {
    let off = config(json!({"disabledFeatureGates": ["DecentralizedLiveMigration"]}));
    let faults = validate_migration(
        &migration(json!({"receive": {"migrationID": "a"}})),
        &observed(json!({"phase": "WaitingForSync"}), &[]),
        &off,
        false,
    );
    one(
        &faults,
        "spec.receive",
        NotSupported,
        "DecentralizedLiveMigration",
    );
}

#[test]
fn migrations_stay_as_they_were_asked_for() {
    let with = |spec: Value, label: &str, phase: &str| -> VirtualMachineInstanceMigration {
        serde_json::from_value(json!({
            "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstanceMigration",
            "metadata": {"name": "m", "labels": {"kubevirt.io/vmi-name": label}},
            "spec": spec, "status": {"phase": phase},
        }))
        .unwrap()
    };
    let web = || json!({"vmiName": "web"});
    let old = with(web(), "web", "Running");
    let new = with(json!({"vmiName": "other"}), "web", "Running");
    one(
        &validate_migration_update(&old, &new),
        "spec",
        Invalid,
        "cannot be changed",
    );
    let new = with(web(), "other", "Running");
    one(
        &validate_migration_update(&old, &new),
        "metadata.labels[kubevirt.io/vmi-name]",
        Invalid,
        "while the migration goes on",
    );
    let old = with(web(), "web", "Failed");
    assert_eq!(validate_migration_update(&old, &new), []);
    assert_eq!(validate_migration_update(&old, &old), []);
}

fn set() -> Value {
    json!({
        "selector": {"matchLabels": {"set": "a"}},
        "template": {
            "metadata": {"labels": {"set": "a"}},
            "spec": {"domain": {"devices": {}, "memory": {"guest": "64Mi"}}},
        },
    })
}

#[rstest]
#[case::selector(json!({"replicas": 3}), json!({"selector": {"matchLabels": {"set": "b"}}}), "spec.selector", Invalid, "does not match template.metadata.labels")]
#[case::replicas(json!({"replicas": 0}), json!({"replicas": -1}), "spec.replicas", Invalid, "negative")]
#[case::label(json!({}), json!({"template": {"metadata": {"labels": {"kubevirt.io/nodeName": "n"}}}}), "spec.template.metadata.labels[kubevirt.io/nodeName]", Invalid, "reserved")]
#[case::guest(json!({}), json!({"template": {"spec": {"hostname": "A_b"}}}), "spec.template.spec.hostname", Invalid, "")]
fn replica_sets(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let config = config(json!({}));
    let set = |patch: &Value| changed::<VirtualMachineInstanceReplicaSet>(&set(), patch);
    assert_eq!(validate_replica_set(&set(&good), &config), [], "good");
    one(
        &validate_replica_set(&set(&bad), &config),
        field,
        reason,
        message,
    );
    let old = set(&json!({}));
    one(
        &validate_replica_set_update(&old, &set(&bad), &config),
        field,
        reason,
        message,
    );
    assert_eq!(
        validate_replica_set_update(&set(&bad), &set(&bad), &config),
        []
    );
}

#[rstest]
#[case::domain(json!({"domain": {"cpu": {"cores": 2}}}), json!({"domain": null}), "spec.domain", Required, "a part of an instance's spec.domain")]
#[case::rules(json!({"domain": {"memory": {"hugepages": {"pageSize": "2Mi"}}}}), json!({"domain": {"machine": {"type": "pdp-11"}}}), "spec.domain.machine.type", NotSupported, "pdp-11")]
#[case::devices(json!({"domain": {"devices": {"disks": [{"name": "root", "disk": {"bus": "virtio"}}], "interfaces": [{"name": "default", "masquerade": {}}]}}}), json!({"domain": {"resources": {"requests": {"memory": "64Mi"}, "limits": {"memory": "32Mi"}}}}), "spec.domain.resources.requests.memory", Invalid, "")]
#[case::selector(json!({}), json!({"selector": {"matchExpressions": [{"key": "a", "operator": "Like"}]}}), "spec.selector", Invalid, "is not a selector")]
fn presets(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let base = json!({"selector": {"matchLabels": {"a": "b"}}, "domain": {"devices": {}}});
    let config = config(json!({}));
    let faults = |patch| {
        validate_preset(
            &changed::<VirtualMachineInstancePreset>(&base, patch),
            &config,
        )
    };
    assert_eq!(faults(&good), [], "good");
    one(&faults(&bad), field, reason, message);
    assert!(warnings_preset(&object(&base))[0].contains("deprecated"));
}
