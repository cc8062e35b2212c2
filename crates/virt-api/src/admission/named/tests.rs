//! Admission of what names an instancetype, a preference or is selected by a preset, with an API that answers.

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use kube::core::DynamicObject;
use kubevirt_api::{KubeVirt, KubeVirtSpec};
use kubevirt_runtime::config_watch::ConfigWatch;
use kubevirt_runtime::instancetypes::Finder;
use rstest::rstest;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::admission::{Admission, Figures, router};
use crate::presets::Presets;
use crate::testing::{Asked, client, failure};

const MUTATE: &str = "/virtualmachines-mutate";
const VALIDATE: &str = "/virtualmachines-validate";

/// What there is, by the end of its URL.
fn objects(path: &str) -> Option<Value> {
    let labels = json!({
        "instancetype.kubevirt.io/default-instancetype": "small",
        "instancetype.kubevirt.io/default-preference": "linux",
        "instancetype.kubevirt.io/default-preference-kind": "VirtualMachinePreference",
    });
    let object = |kind: &str, spec: Value| {
        Some(json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}, "spec": spec}))
    };
    let small = json!({"cpu": {"guest": 2}, "memory": {"guest": "1Gi"}});
    match path {
        "/apis/instancetype.kubevirt.io/v1beta1/virtualmachineclusterinstancetypes/small" => {
            object("VirtualMachineClusterInstancetype", small)
        }
        "/apis/instancetype.kubevirt.io/v1beta1/namespaces/default/virtualmachinepreferences/linux" => {
            object(
                "VirtualMachinePreference",
                json!({"preferredArchitecture": "amd64", "machine": {"preferredMachineType": "pc-q35-9.2"},
                    "volumes": {"preferredStorageClassName": "fast"}, "requirements": {"cpu": {"guest": 2}}}),
            )
        }
        "/apis/instancetype.kubevirt.io/v1beta1/namespaces/default/virtualmachinepreferences/demanding" => {
            object(
                "VirtualMachinePreference",
                json!({"requirements": {"cpu": {"guest": 4}}}),
            )
        }
        "/apis/apps/v1/namespaces/default/controllerrevisions/kept" => Some(json!({
            "apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {"name": "kept"}, "revision": 0,
            "data": {"spec": {"cpu": {"guest": 1}, "memory": {"guest": "64Mi"}}},
        })),
        "/api/v1/namespaces/default/persistentvolumeclaims/labelled" => Some(json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "labelled", "labels": labels},
        })),
        "/api/v1/namespaces/default/persistentvolumeclaims/plain" => Some(json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "plain"},
        })),
        "/apis/cdi.kubevirt.io/v1beta1/namespaces/images/datasources/arm" => Some(json!({
            "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataSource",
            "metadata": {"name": "arm", "labels": {"template.kubevirt.io/architecture": "arm64"}},
        })),
        _ => None,
    }
}

async fn review(path: &str, operation: &str, object: &Value, old: &Value) -> (Value, Asked) {
    let (client, asked) = client(|_, path, _| match objects(path) {
        Some(object) => (200, object),
        None => failure(404, "NotFound", "not found"),
    });
    let preset: DynamicObject = serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstancePreset",
        "metadata": {"name": "p", "namespace": "default"},
        "spec": {"selector": {"matchLabels": {"size": "small"}}, "domain": {"devices": {}, "cpu": {"cores": 4}}},
    }))
    .unwrap();
    let config = ConfigWatch::fixed(KubeVirt::new("kubevirt", KubeVirtSpec::default()));
    let admission = Admission::new(config, "kubevirt", Figures::default())
        .looking_up(Finder::new(client), Presets::fixed(vec![preset]));
    let review = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "u-1", "operation": operation, "namespace": "default", "name": "web",
            "userInfo": {"username": "alice"}, "object": object, "oldObject": old,
        },
    });
    let request = http::Request::post(path)
        .body(Body::from(review.to_string()))
        .unwrap();
    let response = router(admission).oneshot(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let mut answer: Value = serde_json::from_slice(&body).unwrap();
    (answer["response"].take(), asked)
}

fn patched(object: &Value, response: &Value) -> Value {
    assert_eq!(response["allowed"], true, "{response}");
    let mut object = object.clone();
    if let Some(patch) = response["patch"].as_str() {
        let patch: json_patch::Patch =
            serde_json::from_slice(&STANDARD.decode(patch).unwrap()).unwrap();
        json_patch::patch(&mut object, &patch).unwrap();
    }
    object
}

fn machine(more: Value) -> Value {
    let mut spec =
        json!({"runStrategy": "Halted", "template": {"spec": {"domain": {"devices": {}}}}});
    for (key, value) in more.as_object().unwrap() {
        spec[key] = value.clone();
    }
    json!({"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "web", "namespace": "default"}, "spec": spec})
}

fn volume(claim: &str) -> Value {
    json!({"spec": {"domain": {"devices": {}}, "volumes": [{"name": "root", "persistentVolumeClaim": {"claimName": claim}}]}})
}

fn template(domain: Value) -> Value {
    json!({"spec": {"domain": domain}})
}

#[tokio::test]
async fn a_machine_without_memory_of_its_own_has_that_of_its_instancetype() {
    let vm = machine(json!({"instancetype": {"name": "small"}}));
    let (response, asked) = review(VALIDATE, "CREATE", &vm, &Value::Null).await;
    assert_eq!(response["allowed"], true, "{response}");
    assert_eq!(asked.lock().unwrap().len(), 1);
    let (response, _) = review(VALIDATE, "CREATE", &machine(json!({})), &Value::Null).await;
    assert_eq!(response["allowed"], false, "without one it has none");
}

#[rstest]
#[case::processors(json!({"instancetype": {"name": "small"}, "template": template(json!({"devices": {}, "cpu": {"cores": 2}}))}), "spec.template.spec.domain.cpu.cores", "conflicts with selected instance type")]
#[case::memory(json!({"instancetype": {"name": "small"}, "template": template(json!({"devices": {}, "memory": {"guest": "1Gi"}}))}), "spec.template.spec.domain.memory.guest", "conflicts with selected instance type")]
#[case::unknown(json!({"instancetype": {"name": "huge"}}), "spec.instancetype", "virtualmachineclusterinstancetypes.instancetype.kubevirt.io \"huge\" not found")]
#[case::unknown_preference(json!({"instancetype": {"name": "small"}, "preference": {"name": "bsd"}}), "spec.preference", "virtualmachineclusterpreferences.instancetype.kubevirt.io \"bsd\" not found")]
#[case::unknown_revision(json!({"instancetype": {"name": "small", "revisionName": "lost"}}), "spec.instancetype", "controllerrevisions.apps \"lost\" not found")]
#[case::unknown_kind(json!({"instancetype": {"name": "small", "kind": "Pod"}}), "spec.instancetype", "use VirtualMachineInstancetype or VirtualMachineClusterInstancetype")]
#[case::nameless(json!({"instancetype": {}}), "spec.instancetype", "has no name")]
#[case::requirement(json!({"instancetype": {"name": "small"}, "preference": {"name": "demanding", "kind": "VirtualMachinePreference"}}), "spec.instancetype", "preference requires 4 vCPU")]
#[tokio::test]
async fn what_cannot_be_is_refused_with_its_field(
    #[case] spec: Value,
    #[case] field: &str,
    #[case] message: &str,
) {
    let (response, _) = review(VALIDATE, "CREATE", &machine(spec), &Value::Null).await;
    assert_eq!(response["allowed"], false);
    let cause = &response["status"]["details"]["causes"][0];
    assert_eq!(cause["field"], field, "{response}");
    let told = cause["message"].as_str().unwrap();
    assert!(told.contains(message), "{told}");
    assert_eq!(
        cause["reason"] == "FieldValueNotFound",
        told.contains("not found") || told.contains("use ") || told.contains("no name")
    );
}

#[tokio::test]
async fn defaults_follow_from_the_preference() {
    let vm = machine(json!({
        "preference": {"name": "linux", "kind": "VirtualMachinePreference"},
        "dataVolumeTemplates": [{"metadata": {"name": "d"}, "spec": {"storage": {}}}],
    }));
    let (response, asked) = review(MUTATE, "CREATE", &vm, &Value::Null).await;
    let made = patched(&vm, &response);
    let spec = &made["spec"]["template"]["spec"];
    assert_eq!(spec["domain"]["machine"]["type"], "pc-q35-9.2");
    assert_eq!(
        made["spec"]["dataVolumeTemplates"][0]["spec"]["storage"]["storageClassName"],
        "fast"
    );
    assert_eq!(
        spec["domain"]["cpu"],
        Value::Null,
        "the template stays small"
    );
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_volume_says_what_is_meant() {
    let vm = machine(json!({
        "instancetype": {"inferFromVolume": "root"}, "preference": {"inferFromVolume": "root"}, "template": volume("labelled"),
    }));
    let (response, _) = review(MUTATE, "CREATE", &vm, &Value::Null).await;
    let made = patched(&vm, &response);
    assert_eq!(made["spec"]["instancetype"], json!({"name": "small"}));
    assert_eq!(
        made["spec"]["preference"],
        json!({"name": "linux", "kind": "VirtualMachinePreference"})
    );
}

#[rstest]
#[case::no_label("plain", json!({"inferFromVolume": "root"}), Some("has no label"))]
#[case::rejected("plain", json!({"inferFromVolume": "root", "inferFromVolumeFailurePolicy": "Reject"}), Some("has no label"))]
#[case::ignored("plain", json!({"inferFromVolume": "root", "inferFromVolumeFailurePolicy": "Ignore"}), None)]
#[case::no_claim("lost", json!({"inferFromVolume": "root", "inferFromVolumeFailurePolicy": "Ignore"}), Some("does not exist"))]
#[case::no_volume("plain", json!({"inferFromVolume": "other"}), Some("is no volume"))]
#[tokio::test]
async fn a_volume_that_says_nothing(
    #[case] claim: &str,
    #[case] matcher: Value,
    #[case] refusal: Option<&str>,
) {
    let vm = machine(json!({"instancetype": matcher, "template": volume(claim)}));
    let (response, _) = review(MUTATE, "CREATE", &vm, &Value::Null).await;
    match refusal {
        Some(text) => {
            assert_eq!(response["allowed"], false);
            let cause = &response["status"]["details"]["causes"][0];
            assert_eq!(cause["field"], "spec.instancetype.inferFromVolume");
            assert!(cause["message"].as_str().unwrap().contains(text), "{cause}");
        }
        None => assert_eq!(patched(&vm, &response)["spec"].get("instancetype"), None),
    }
}

#[tokio::test]
async fn the_boot_disk_says_the_architecture() {
    let vm = machine(json!({
        "dataVolumeTemplates": [{"metadata": {"name": "d"}, "spec": {"storage": {}, "sourceRef": {"kind": "DataSource", "name": "arm", "namespace": "images"}}}],
        "template": {"spec": {"domain": {"devices": {}}, "volumes": [{"name": "root", "dataVolume": {"name": "d"}}]}},
    }));
    let (response, asked) = review(MUTATE, "CREATE", &vm, &Value::Null).await;
    let made = patched(&vm, &response);
    assert_eq!(made["spec"]["template"]["spec"]["architecture"], "arm64");
    assert_eq!(
        made["spec"]["template"]["spec"]["domain"]["machine"]["type"],
        "virt"
    );
    assert_eq!(asked.lock().unwrap().len(), 1);
    // Once it is there nothing is asked.
    let (_, asked) = review(MUTATE, "UPDATE", &made, &made).await;
    assert!(asked.lock().unwrap().is_empty());
}

#[rstest]
#[case(MUTATE, "CREATE")]
#[case(MUTATE, "UPDATE")]
#[case(VALIDATE, "CREATE")]
#[case(VALIDATE, "UPDATE")]
#[tokio::test]
async fn a_machine_that_names_nothing_costs_no_call(#[case] path: &str, #[case] operation: &str) {
    let vm =
        machine(json!({"template": template(json!({"devices": {}, "memory": {"guest": "64Mi"}}))}));
    let (response, asked) = review(path, operation, &vm, &json!({})).await;
    assert_eq!(response["allowed"], true, "{response}");
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_change_of_labels_costs_no_call_and_is_not_judged() {
    let vm = machine(json!({"instancetype": {"name": "deleted-since"}}));
    let mut labelled = vm.clone();
    labelled["metadata"]["labels"] = json!({"a": "b"});
    let (response, asked) = review(VALIDATE, "UPDATE", &labelled, &vm).await;
    assert_eq!(response["allowed"], true, "{response}");
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_revision_that_is_kept_counts_and_not_what_there_is_now() {
    let mut vm = machine(json!({"instancetype": {"name": "deleted-since"}}));
    vm["status"] = json!({"instancetypeRef": {
        "name": "deleted-since", "kind": "VirtualMachineClusterInstancetype", "controllerRevisionRef": {"name": "kept"}}});
    let mut changed = vm.clone();
    changed["spec"]["runStrategy"] = json!("Always");
    let (response, asked) = review(VALIDATE, "UPDATE", &changed, &vm).await;
    assert_eq!(response["allowed"], true, "{response}");
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn presets_are_merged_into_new_instances() {
    let mut vmi = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": {"name": "web", "namespace": "default", "labels": {"size": "small"}},
        "spec": {"domain": {"devices": {}, "memory": {"guest": "64Mi"}}},
    });
    let (response, asked) = review(
        "/virtualmachineinstances-mutate",
        "CREATE",
        &vmi,
        &Value::Null,
    )
    .await;
    let made = patched(&vmi, &response);
    assert_eq!(made["spec"]["domain"]["cpu"]["cores"], 4);
    assert_eq!(
        made["metadata"]["annotations"]["virtualmachinepreset.kubevirt.io/p"],
        "kubevirt.io/v1"
    );
    assert!(asked.lock().unwrap().is_empty(), "they are known before");
    vmi["metadata"]["labels"] = json!({"size": "large"});
    let (response, _) = review(
        "/virtualmachineinstances-mutate",
        "CREATE",
        &vmi,
        &Value::Null,
    )
    .await;
    assert_eq!(
        patched(&vmi, &response)["spec"]["domain"]["cpu"]["cores"],
        1
    );
}
