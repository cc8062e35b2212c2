//! The webhooks of the kinds around virtual machines.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::server::{ask, quiet, text};
use super::*;

/// The paths of the validating webhooks, by kind.
const VALIDATORS: [(&str, &str); 16] = [
    (
        "VirtualMachineInstanceMigration",
        "/migration-validate-create",
    ),
    (
        "VirtualMachineInstanceReplicaSet",
        "/virtualmachinereplicaset-validate",
    ),
    ("VirtualMachineInstancePreset", "/vmipreset-validate"),
    ("VirtualMachinePool", "/virtualmachinepool-validate"),
    (
        "VirtualMachineSnapshot",
        "/virtualmachinesnapshots-validate",
    ),
    ("VirtualMachineRestore", "/virtualmachinerestores-validate"),
    ("VirtualMachineExport", "/virtualmachineexports-validate"),
    ("VirtualMachineClone", "/vm-clone-validate-create"),
    ("MigrationPolicy", "/migration-policy-validate-create"),
    (
        "VirtualMachineInstancetype",
        "/virtualmachineinstancetypes-validate",
    ),
    (
        "VirtualMachineClusterInstancetype",
        "/virtualmachineclusterinstancetypes-validate",
    ),
    (
        "VirtualMachinePreference",
        "/virtualmachinepreferences-validate",
    ),
    (
        "VirtualMachineClusterPreference",
        "/virtualmachineclusterpreferences-validate",
    ),
    ("VirtualMachineBackup", "/virtualmachinebackups-validate"),
    (
        "VirtualMachineBackupTracker",
        "/virtualmachinebackuptrackers-validate",
    ),
    ("Plugin", "/plugin-validate"),
];

fn validator(kind: &str) -> Option<&'static str> {
    VALIDATORS
        .iter()
        .find(|(of, _)| *of == kind)
        .map(|(_, path)| *path)
}

/// The manifests of a folder under `tests/manifests`: file names, texts, objects.
fn manifests(folder: &str) -> Vec<(String, String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/manifests")
        .join(folder);
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let object = serde_saphyr::from_str(&text).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, text, object)
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

#[tokio::test]
async fn a_good_object_of_each_kind_is_accepted_with_a_word_when_nothing_acts_on_it() {
    let mut seen = BTreeSet::new();
    for (file, _, object) in manifests("kinds") {
        let kind = text(&object["kind"]);
        let Some(path) = validator(kind) else {
            continue;
        };
        let response = ask(quiet(), path, "CREATE", &object, &Value::Null).await;
        assert_eq!(response["allowed"], true, "{file}: {response}");
        let told = kubevirt_core::not_acted_on::warnings(kind, &object);
        for word in &told {
            let warnings = response["warnings"].as_array().unwrap();
            assert!(
                warnings.iter().any(|warning| warning == word),
                "{file}: {response}"
            );
        }
        seen.insert(path);
    }
    assert_eq!(seen.len(), VALIDATORS.len());
}

/// The words are about what the user wrote, not about what defaults made of it.
#[tokio::test]
async fn what_a_user_wrote_is_told_and_defaults_are_not() {
    for (path, mut object, below) in [
        (
            "/virtualmachineinstances-mutate",
            instance(),
            "/spec/domain/devices",
        ),
        (
            "/virtualmachines-mutate",
            machine(),
            "/spec/template/spec/domain/devices",
        ),
    ] {
        let response = ask(quiet(), path, "CREATE", &object, &Value::Null).await;
        assert_eq!(response["warnings"], Value::Null, "{response}");
        *object.pointer_mut(below).unwrap() =
            json!({ "gpus": [{ "name": "a", "deviceName": "b" }] });
        let response = ask(quiet(), path, "CREATE", &object, &Value::Null).await;
        let word = text(&response["warnings"][0]);
        assert!(
            word.contains("domain.devices.gpus") && word.contains("accepted, not acted on yet"),
            "{response}"
        );
        let made = patched(&object, &response);
        let response = ask(quiet(), path, "UPDATE", &made, &made).await;
        assert_eq!(response["warnings"], Value::Null, "{response}");
    }
}

#[tokio::test]
async fn a_wrong_object_is_refused_with_its_field() {
    let mut refused = 0;
    for (file, manifest, object) in manifests("wrong") {
        let Some(path) = validator(text(&object["kind"])) else {
            continue;
        };
        let response = ask(quiet(), path, "CREATE", &object, &Value::Null).await;
        assert_eq!(response["allowed"], false, "{file}");
        let message = text(&response["status"]["message"]);
        for word in manifest
            .lines()
            .filter_map(|line| line.strip_prefix("# error: "))
        {
            assert!(message.contains(word), "{file}: no {word:?} in {message}");
        }
        refused += 1;
    }
    assert!(refused >= 15, "{refused}");
}

#[tokio::test]
async fn what_goes_or_stays_as_it_was_is_let_be() {
    for (file, _, object) in manifests("wrong") {
        let Some(path) = validator(text(&object["kind"])) else {
            continue;
        };
        let path = path.replace("/migration-validate-create", "/migration-validate-update");
        let mut going = object.clone();
        going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        going["metadata"]["finalizers"] = json!([]);
        let response = ask(quiet(), &path, "UPDATE", &going, &object).await;
        assert_eq!(response["allowed"], true, "{file}: {response}");
    }
    // A specification that rules came after may be labelled still.
    let old = json!({
        "apiVersion": "instancetype.kubevirt.io/v1beta1", "kind": "VirtualMachineInstancetype",
        "metadata": { "name": "old" },
        "spec": { "cpu": { "guest": 0 }, "memory": { "guest": "1Gi" } },
    });
    let mut labelled = old.clone();
    labelled["metadata"]["labels"] = json!({ "a": "b" });
    let path = "/virtualmachineinstancetypes-validate";
    let response = ask(quiet(), path, "UPDATE", &labelled, &old).await;
    assert_eq!(response["allowed"], true, "{response}");
    assert_eq!(response["warnings"], Value::Null);
    labelled["spec"]["cpu"]["guest"] = json!(2);
    labelled["spec"]["memory"]["guest"] = json!("0");
    let response = ask(quiet(), path, "UPDATE", &labelled, &old).await;
    assert_eq!(response["allowed"], false, "{response}");
}

#[rstest]
#[case("VirtualMachineSnapshot", json!({ "deletionPolicy": "Retain" }))]
#[case("VirtualMachineRestore", json!({ "volumeRestorePolicy": "InPlace" }))]
#[case("VirtualMachineExport", json!({ "ttlDuration": "1h" }))]
#[case("VirtualMachineBackup", json!({ "skipQuiesce": true }))]
#[case("VirtualMachineBackupTracker", json!({ "source": { "apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": "other" } }))]
#[tokio::test]
async fn what_was_asked_for_cannot_be_changed(#[case] kind: &str, #[case] change: Value) {
    let (_, _, old) = manifests("kinds")
        .into_iter()
        .find(|(_, _, object)| object["kind"] == kind)
        .unwrap();
    let mut new = old.clone();
    for (key, value) in change.as_object().unwrap() {
        new["spec"][key] = value.clone();
    }
    let path = validator(kind).unwrap();
    let response = ask(quiet(), path, "UPDATE", &new, &old).await;
    assert_eq!(response["allowed"], false);
    assert_eq!(response["status"]["details"]["causes"][0]["field"], "spec");
    new["spec"] = old["spec"].clone();
    new["metadata"]["labels"] = json!({ "a": "b" });
    let response = ask(quiet(), path, "UPDATE", &new, &old).await;
    assert_eq!(response["allowed"], true, "{response}");
}

#[tokio::test]
async fn new_migrations_and_clones_are_completed() {
    let migration = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstanceMigration",
        "metadata": { "name": "m" }, "spec": { "vmiName": "web" },
    });
    let path = "/migration-mutate-create";
    let response = ask(quiet(), path, "CREATE", &migration, &Value::Null).await;
    let made = patched(&migration, &response);
    assert_eq!(
        made["metadata"]["labels"],
        json!({ "kubevirt.io/vmi-name": "web" })
    );
    assert_eq!(
        made["metadata"]["finalizers"],
        json!(["kubevirt.io/migrationJobFinalize"])
    );
    let clone = json!({
        "apiVersion": "clone.kubevirt.io/v1beta1", "kind": "VirtualMachineClone", "metadata": { "name": "c" },
        "spec": { "source": { "apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": "web" } },
    });
    let path = "/vm-clone-mutate-create";
    let response = ask(quiet(), path, "CREATE", &clone, &Value::Null).await;
    let made = patched(&clone, &response);
    let name = text(&made["spec"]["target"]["name"]);
    assert!(name.starts_with("clone-web-") && name.len() == 15, "{name}");
    let response = ask(quiet(), path, "CREATE", &made, &Value::Null).await;
    assert_eq!(response["patch"], Value::Null);
}
