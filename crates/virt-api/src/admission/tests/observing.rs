//! Rules that look at other objects.

use kube::Client;

use super::server::{ask, list, quiet, text};
use super::*;
use crate::testing;

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

/// The migrations of an instance are found by their label, and only those that have not ended count.
#[rstest]
#[case("Running", Some("\"earlier\" already"))]
#[case("", Some("\"earlier\" already"))]
#[case("Failed", None)]
#[case("Succeeded", None)]
#[tokio::test]
async fn one_migration_of_an_instance_at_a_time(
    #[case] phase: &'static str,
    #[case] refusal: Option<&str>,
) {
    let migration = |name: &str, phase: &str| {
        json!({
            "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstanceMigration", "metadata": { "name": name },
            "spec": { "vmiName": "web" }, "status": { "phase": phase },
        })
    };
    let (client, asked) = testing::client(move |_, path, _| match path.contains('?') {
        true => (200, list(&[migration("earlier", phase)])),
        false => (
            200,
            json!({
                "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance", "metadata": { "name": "web" },
                "spec": { "domain": { "devices": {} } }, "status": { "phase": "Running" },
            }),
        ),
    });
    let new = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstanceMigration",
        "metadata": { "name": "new" }, "spec": { "vmiName": "web" },
    });
    let path = "/migration-validate-create";
    let response = ask(client, path, "CREATE", &new, &Value::Null).await;
    match refusal {
        Some(words) => assert!(
            text(&response["status"]["message"]).contains(words),
            "{response}"
        ),
        None => assert_eq!(response["allowed"], true, "{response}"),
    }
    let asked = asked.lock().unwrap();
    let selector = "labelSelector=kubevirt.io%2Fvmi-name%3Dweb";
    assert!(
        asked.iter().any(|(_, path, _)| path.contains(selector)),
        "{asked:?}"
    );
}
