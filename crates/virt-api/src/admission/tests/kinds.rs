//! The webhooks of the kinds around virtual machines.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use kube::Client;

use super::*;
use crate::testing;

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

/// An API server with an instance called `good` that can move, and nothing else.
fn quiet() -> Client {
    let answer = |_: &str, path: &str, _: &Value| {
        if path.ends_with("/virtualmachineinstances/good") {
            return (
                200,
                json!({
                    "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
                    "metadata": { "name": "good" }, "spec": {}, "status": { "phase": "Running" },
                }),
            );
        }
        if path
            .rsplit('/')
            .next()
            .is_some_and(|last| last.contains('?'))
        {
            return (200, list(&[]));
        }
        testing::failure(404, "NotFound", "there is none")
    };
    testing::client(answer).0
}

fn list(items: &[Value]) -> Value {
    json!({ "apiVersion": "v1", "kind": "List", "metadata": {}, "items": items })
}

async fn ask(client: Client, path: &str, operation: &str, object: &Value, old: &Value) -> Value {
    ask_as(USER, &[], client, path, operation, object, old).await
}

async fn ask_as(
    user: &str,
    groups: &[&str],
    client: Client,
    path: &str,
    operation: &str,
    object: &Value,
    old: &Value,
) -> Value {
    let review = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "u-1", "operation": operation, "namespace": "default", "name": "web",
            "userInfo": { "username": user, "groups": groups }, "object": object, "oldObject": old,
        },
    });
    let config = ConfigWatch::fixed(KubeVirt::new("kubevirt", KubeVirtSpec::default()));
    let admission = Admission::new(config, "kubevirt", Figures::default()).observing(client);
    let request = http::Request::post(path)
        .body(Body::from(review.to_string()))
        .unwrap();
    let response = router(admission).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let mut review: Value = serde_json::from_slice(&body).unwrap();
    review["response"].take()
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

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
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

fn restore(target: &str) -> Value {
    json!({
        "apiVersion": "snapshot.kubevirt.io/v1beta1", "kind": "VirtualMachineRestore", "metadata": { "name": "back" },
        "spec": {
            "target": { "apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": target },
            "virtualMachineSnapshotName": "before",
        },
    })
}

/// An API server with one restoration into `web` in this state, and a snapshot of `web`, which keeps state of its own.
fn with_restores(status: Value) -> Client {
    let answer = move |_: &str, path: &str, _: &Value| {
        let object = |kind: &str, rest: Value| {
            let mut object = json!({ "apiVersion": "snapshot.kubevirt.io/v1beta1", "kind": kind, "metadata": { "name": "x" } });
            for (key, value) in rest.as_object().unwrap() {
                object[key] = value.clone();
            }
            (200, object)
        };
        let path = path.split('?').next().unwrap();
        match path.rsplit('/').next().unwrap() {
            "virtualmachinerestores" => {
                let mut other = restore("web");
                other["metadata"]["name"] = json!("earlier");
                other["status"] = status.clone();
                (200, list(&[other]))
            }
            "before" => object(
                "VirtualMachineSnapshot",
                json!({ "spec": { "source": { "name": "web" } }, "status": { "virtualMachineSnapshotContentName": "kept" } }),
            ),
            "kept" => object(
                "VirtualMachineSnapshotContent",
                json!({ "spec": { "source": { "virtualMachine": { "spec": {
                    "runStrategy": "Halted",
                    "template": { "spec": { "domain": { "devices": { "tpm": { "persistent": true } } } } },
                } } } } }),
            ),
            _ => testing::failure(404, "NotFound", "there is none"),
        }
    };
    testing::client(answer).0
}

#[rstest]
#[case(json!({}), "web", Some("\"earlier\" restores into \"web\" already"))]
#[case(json!({ "complete": false }), "web", Some("earlier"))]
#[case(json!({ "complete": true }), "web", None)]
#[case(json!({ "conditions": [{ "type": "Failure", "status": "True" }] }), "web", None)]
#[case(json!({ "complete": true }), "other", Some("restore into \"web\""))]
#[tokio::test]
async fn restorations_look_at_others(
    #[case] status: Value,
    #[case] target: &str,
    #[case] refusal: Option<&str>,
) {
    let path = "/virtualmachinerestores-validate";
    let client = with_restores(status);
    let response = ask(client, path, "CREATE", &restore(target), &Value::Null).await;
    match refusal {
        Some(words) => assert!(
            text(&response["status"]["message"]).contains(words),
            "{response}"
        ),
        None => assert_eq!(response["allowed"], true, "{response}"),
    }
}

#[tokio::test]
async fn without_an_answer_what_looks_at_others_is_refused() {
    let (client, _) =
        testing::client(|_, _, _| testing::failure(403, "Forbidden", "you may not look"));
    let path = "/virtualmachinerestores-validate";
    let response = ask(client, path, "CREATE", &restore("web"), &Value::Null).await;
    assert_eq!(response["allowed"], false);
    let message = text(&response["status"]["message"]);
    assert!(
        message.contains("you may not look") && message.contains("try again"),
        "{message}"
    );
    // Nothing needs to be looked at for a change.
    let response = ask(quiet(), path, "UPDATE", &restore("web"), &restore("web")).await;
    assert_eq!(response["allowed"], true);
}

#[tokio::test]
async fn one_backup_of_a_machine_at_a_time() {
    let backup = |name: &str, source: &str, conditions: Value| {
        json!({
            "apiVersion": "backup.kubevirt.io/v1alpha1", "kind": "VirtualMachineBackup", "metadata": { "name": name },
            "spec": { "source": { "apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": source }, "pvcName": "claim" },
            "status": { "conditions": conditions },
        })
    };
    let done = json!([{ "type": "Complete", "status": "True" }]);
    let busy = json!([{ "type": "Progressing", "status": "True" }, { "type": "Complete", "status": "False" }]);
    let all = [
        backup("a", "web", done),
        backup("b", "web", busy),
        backup("c", "other", json!([])),
    ];
    let page = |from: &str| match from.contains("continue=more") {
        false => {
            json!({ "apiVersion": "v1", "kind": "List", "metadata": { "continue": "more" }, "items": [all[0]] })
        }
        true => list(&all[1..]),
    };
    let pages = [page(""), page("continue=more")];
    let (client, asked) = testing::client(move |_, path, _| {
        (
            200,
            pages[usize::from(path.contains("continue=more"))].clone(),
        )
    });
    let path = "/virtualmachinebackups-validate";
    let new = backup("new", "web", json!([]));
    let response = ask(client.clone(), path, "CREATE", &new, &Value::Null).await;
    let message = text(&response["status"]["message"]);
    assert!(message.contains("\"b\" of it is in progress"), "{message}");
    assert_eq!(asked.lock().unwrap().len(), 2, "both pages were read");
    let new = backup("new", "third", json!([]));
    let response = ask(client, path, "CREATE", &new, &Value::Null).await;
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

#[rstest]
#[case(USER, &[], true)]
#[case(USER, &["system:authenticated"], true)]
#[case("admin", &["system:masters"], false)]
#[case(CONTROLLER, &[], false)]
#[tokio::test]
async fn users_leave_finalizers_where_they_are(
    #[case] user: &str,
    #[case] groups: &[&str],
    #[case] kept: bool,
) {
    for (path, finalizer, object) in [
        (
            "/virtualmachineinstances-mutate",
            "kubevirt.io/foregroundDeleteVirtualMachine",
            instance(),
        ),
        (
            "/virtualmachines-mutate",
            "kubevirt.io/virtualMachineControllerFinalize",
            machine(),
        ),
    ] {
        for going in [false, true] {
            let mut old = object.clone();
            if going {
                old["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
            }
            let mut new = old.clone();
            old["metadata"]["finalizers"] = json!(["example.org/a", finalizer]);
            new["metadata"]["finalizers"] = json!(["example.org/b"]);
            let response = ask_as(user, groups, quiet(), path, "UPDATE", &new, &old).await;
            let left = patched(&new, &response)["metadata"]["finalizers"].clone();
            let expected = match kept {
                true => json!([finalizer, "example.org/b"]),
                false => json!(["example.org/b"]),
            };
            assert_eq!(left, expected, "{path} {going}");
        }
    }
}

#[tokio::test]
async fn the_settings_are_one_object_that_may_be_kept() {
    let settings = |name: &str, spec: Value| {
        json!({
            "apiVersion": "kubevirt.io/v1", "kind": "KubeVirt",
            "metadata": { "name": name, "namespace": "kubevirt" }, "spec": spec,
        })
    };
    let block = settings(
        "kubevirt",
        json!({ "uninstallStrategy": "BlockUninstallIfWorkloadsExist" }),
    );
    let path = "/kubevirt-validate-delete";
    let with_machine = |_: &str, path: &str, _: &Value| {
        let items = match path.contains("/virtualmachines?") {
            true => {
                json!([{ "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": { "name": "web" } }])
            }
            false => json!([]),
        };
        (200, list(items.as_array().unwrap()))
    };
    let client = testing::client(with_machine).0;
    let response = ask(client.clone(), path, "DELETE", &Value::Null, &block).await;
    let message = text(&response["status"]["message"]);
    assert!(message.contains("objects of VirtualMachine:"), "{message}");
    let free = settings(
        "kubevirt",
        json!({ "uninstallStrategy": "RemoveWorkloads" }),
    );
    let response = ask(client, path, "DELETE", &Value::Null, &free).await;
    assert_eq!(response["allowed"], true);
    let response = ask(quiet(), path, "DELETE", &Value::Null, &block).await;
    assert_eq!(response["allowed"], true, "{response}");

    let other = settings("other", json!({}));
    let response = review(
        "/kubevirt-validate-create",
        "CREATE",
        USER,
        &other,
        &Value::Null,
    )
    .await;
    assert!(
        text(&response["status"]["message"]).contains("in namespace \"kubevirt\" alone"),
        "{response}"
    );
}

/// The webhooks that the manifest registers are those that are served, and each is bounded and not optional.
#[test]
fn the_manifest_registers_what_is_served() {
    let manifest = include_str!("../../../../../manifests/webhooks.yaml");
    let mut registered = BTreeMap::new();
    for document in manifest.split("\n---\n") {
        let object: Value = serde_saphyr::from_str(document).unwrap();
        for webhook in object["webhooks"].as_array().into_iter().flatten() {
            let name = text(&webhook["name"]);
            let path = text(&webhook["clientConfig"]["service"]["path"]);
            assert_eq!(webhook["timeoutSeconds"], 10, "{name}");
            assert!(
                matches!(webhook["failurePolicy"], Value::Null)
                    || webhook["failurePolicy"] == "Fail",
                "{name}"
            );
            assert_eq!(webhook["sideEffects"], "None", "{name}");
            assert_eq!(
                object["kind"] == "MutatingWebhookConfiguration",
                path.contains("-mutate"),
                "{name}"
            );
            assert_eq!(
                registered.insert(path.to_owned(), name.to_owned()),
                None,
                "{path}"
            );
        }
    }
    let served: BTreeSet<_> = WEBHOOKS
        .iter()
        .map(|(path, _)| (*path).to_owned())
        .collect();
    let registered: BTreeSet<_> = registered.into_keys().collect();
    let unserved: Vec<_> = registered.difference(&served).collect();
    assert!(unserved.is_empty(), "{unserved:?}");
    let unregistered: Vec<_> = served.difference(&registered).collect();
    assert!(unregistered.is_empty(), "{unregistered:?}");
}
