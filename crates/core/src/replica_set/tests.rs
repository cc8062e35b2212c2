use serde_json::{Value, from_value, json};

use super::*;

fn set(spec: Value) -> VirtualMachineInstanceReplicaSet {
    let mut object = json!({
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachineInstanceReplicaSet",
        "metadata": { "name": "web", "namespace": "ns", "uid": "set", "resourceVersion": "5" },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": { "labels": { "app": "web" }, "annotations": { "note": "x" } },
                "spec": { "domain": { "devices": {} } },
            },
        },
    });
    for (key, value) in spec.as_object().unwrap() {
        object["spec"][key] = value.clone();
    }
    from_value(object).unwrap()
}

fn instance(name: &str, phase: &str, changes: Value) -> VirtualMachineInstance {
    let mut object = json!({
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachineInstance",
        "metadata": {
            "name": name, "uid": format!("uid-{name}"), "resourceVersion": "1", "labels": { "app": "web" },
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "ownerReferences": [{ "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstanceReplicaSet", "name": "web", "uid": "set", "controller": true }],
        },
        "spec": { "domain": { "devices": {} } },
        "status": { "phase": phase },
    });
    if let Some(changes) = changes.as_object() {
        for (key, value) in changes {
            object["metadata"][key] = value.clone();
        }
    }
    if phase == "Running" {
        object["status"]["conditions"] = json!([{ "type": "Ready", "status": "True" }]);
        object["status"]["nodeName"] = "node1".into();
    }
    from_value(object).unwrap()
}

fn decide(
    set: &VirtualMachineInstanceReplicaSet,
    instances: &[VirtualMachineInstance],
) -> Vec<Action> {
    let members: Vec<Member> = instances
        .iter()
        .filter_map(|instance| Member::of(set, instance))
        .collect();
    let observed = Observed {
        set,
        members: &members,
        failure: None,
    };
    plan(&observed, Timestamp::UNIX_EPOCH).unwrap()
}

fn created(actions: &[Action]) -> usize {
    actions
        .iter()
        .filter(|action| matches!(action, Action::CreateInstance(_)))
        .count()
}

fn deleted(actions: &[Action]) -> Vec<String> {
    let name = |action: &Action| match action {
        Action::DeleteInstance { name, .. } => Some(name.clone()),
        _ => None,
    };
    let mut names: Vec<String> = actions.iter().filter_map(name).collect();
    names.sort_unstable();
    names
}

fn status(actions: &[Action]) -> Value {
    let patch = actions.iter().find_map(|action| match action {
        Action::PatchStatus(patch) => Some(patch["status"].clone()),
        _ => None,
    });
    patch.unwrap_or_default()
}

#[test]
fn what_is_missing_is_made() {
    let set = set(json!({}));
    let actions = decide(&set, &[]);
    assert_eq!(created(&actions), 2);
    let Some(Action::CreateInstance(instance)) = actions
        .iter()
        .find(|action| matches!(action, Action::CreateInstance(_)))
    else {
        panic!("nothing is made")
    };
    assert_eq!(instance.metadata.generate_name.as_deref(), Some("web"));
    assert_eq!(instance.metadata.annotations.as_ref().unwrap()["note"], "x");
    assert_eq!(
        instance.metadata.owner_references.as_ref().unwrap()[0].uid,
        "set"
    );
    assert_eq!(
        status(&actions),
        json!({ "replicas": 0, "readyReplicas": 0, "labelSelector": "app=web" })
    );
}

#[test]
fn one_is_meant_when_no_number_is_given() {
    let mut set = set(json!({}));
    set.spec.replicas = None;
    assert_eq!(created(&decide(&set, &[])), 1);
}

#[test]
fn what_has_ended_is_replaced_and_what_goes_does_not_count() {
    let set = set(json!({}));
    let instances = [
        instance("a", "Running", json!({})),
        instance("b", "Failed", json!({})),
        instance(
            "c",
            "Running",
            json!({ "deletionTimestamp": "2026-01-01T00:00:00Z" }),
        ),
    ];
    let actions = decide(&set, &instances);
    assert_eq!(deleted(&actions), ["b"]);
    assert_eq!(created(&actions), 1);
    assert_eq!(status(&actions)["replicas"], 1);
    assert_eq!(status(&actions)["readyReplicas"], 1);
}

#[test]
fn of_too_many_those_go_that_serve_least() {
    let set = set(json!({ "replicas": 1 }));
    let instances = [
        instance("old", "Running", json!({})),
        instance(
            "young",
            "Running",
            json!({ "creationTimestamp": "2026-02-01T00:00:00Z" }),
        ),
        instance("pending", "Pending", json!({})),
    ];
    assert_eq!(deleted(&decide(&set, &instances)), ["pending", "young"]);
}

#[test]
fn a_paused_set_does_nothing_but_tell() {
    let set = set(json!({ "paused": true, "replicas": 3 }));
    let actions = decide(&set, &[]);
    assert_eq!(created(&actions), 0);
    assert_eq!(status(&actions)["conditions"][0]["type"], "ReplicaPaused");
    assert!(
        matches!(actions.last(), Some(Action::Notify(notice)) if notice.reason == "SuccessfulPaused")
    );
}

#[test]
fn a_refusal_is_told_and_waited_out() {
    let set = set(json!({}));
    let observed = Observed {
        set: &set,
        members: &[],
        failure: Some(Failure {
            reason: "FailedCreate",
            message: "quota",
        }),
    };
    let actions = plan(&observed, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(created(&actions), 0);
    assert_eq!(status(&actions)["conditions"][0]["reason"], "FailedCreate");
}

#[test]
fn orphans_are_adopted_and_strangers_are_left_alone() {
    let set = set(json!({ "replicas": 1 }));
    let stranger = json!([{ "apiVersion": "v1", "kind": "X", "name": "x", "uid": "other", "controller": true }]);
    let instances = [
        instance("orphan", "Running", json!({ "ownerReferences": [] })),
        instance(
            "stranger",
            "Running",
            json!({ "ownerReferences": stranger }),
        ),
        instance(
            "unlabelled",
            "Running",
            json!({ "ownerReferences": [], "labels": {} }),
        ),
    ];
    let actions = decide(&set, &instances);
    assert_eq!((created(&actions), deleted(&actions).len()), (0, 0));
    let adopted: Vec<_> = actions
        .iter()
        .filter_map(|action| match action {
            Action::PatchInstance { name, patch } => Some((
                name.as_str(),
                patch["metadata"]["ownerReferences"][0]["uid"].clone(),
            )),
            _ => None,
        })
        .collect();
    assert_eq!(adopted, [("orphan", json!("set"))]);
}

#[test]
fn what_lost_the_label_is_let_go_and_replaced() {
    let set = set(json!({ "replicas": 1 }));
    let actions = decide(&set, &[instance("a", "Running", json!({ "labels": {} }))]);
    assert_eq!(created(&actions), 1);
    assert!(actions.iter().any(|action| matches!(action, Action::PatchInstance { patch, .. } if patch["metadata"]["ownerReferences"] == json!([]))));
}

#[test]
fn a_set_that_is_deleted_makes_nothing() {
    let mut set = set(json!({}));
    set.metadata.deletion_timestamp = Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(
        Timestamp::UNIX_EPOCH,
    ));
    assert_eq!(created(&decide(&set, &[])), 0);
}

#[test]
fn what_is_as_it_is_to_be_is_left_alone() {
    let mut set = set(json!({}));
    let instances = [
        instance("a", "Running", json!({})),
        instance("b", "Running", json!({})),
    ];
    set.status =
        from_value(json!({ "replicas": 2, "readyReplicas": 2, "labelSelector": "app=web" }))
            .unwrap();
    assert_eq!(decide(&set, &instances), []);
}
