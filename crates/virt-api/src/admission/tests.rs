use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use kubevirt_api::{KubeVirt, KubeVirtSpec};
use rstest::rstest;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

mod kinds;
mod observing;
mod protected;
mod server;

const USER: &str = "alice";
const CONTROLLER: &str = "system:serviceaccount:kubevirt:kubevirt-controller";

async fn post(path: &str, body: Vec<u8>) -> (StatusCode, Value) {
    let config = ConfigWatch::fixed(KubeVirt::new("kubevirt", KubeVirtSpec::default()));
    let router = router(Admission::new(config, "kubevirt", Figures::default()));
    let request = http::Request::post(path).body(Body::from(body)).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// The response to a review.
async fn review(path: &str, operation: &str, user: &str, object: &Value, old: &Value) -> Value {
    let review = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "u-1", "operation": operation, "namespace": "default", "name": "web",
            "userInfo": { "username": user, "groups": ["system:authenticated"] },
            "object": object, "oldObject": old,
        },
    });
    let (status, mut review) = post(path, review.to_string().into_bytes()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(review["kind"], "AdmissionReview");
    assert_eq!(review["response"]["uid"], "u-1");
    review["response"].take()
}

/// The object as the patch of a response leaves it.
fn patched(object: &Value, response: &Value) -> Value {
    assert_eq!(response["allowed"], true, "{response}");
    let mut object = object.clone();
    if let Some(patch) = response["patch"].as_str() {
        assert_eq!(response["patchType"], "JSONPatch");
        let patch: json_patch::Patch =
            serde_json::from_slice(&STANDARD.decode(patch).unwrap()).unwrap();
        json_patch::patch(&mut object, &patch).unwrap();
    }
    object
}

fn domain() -> Value {
    json!({ "devices": {}, "memory": { "guest": "64Mi" } })
}

fn instance() -> Value {
    json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": { "name": "web", "namespace": "default", "labels": { "app": "web" } },
        "spec": { "domain": domain() },
    })
}

fn machine() -> Value {
    json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
        "metadata": { "name": "web", "namespace": "default", "creationTimestamp": null },
        "spec": { "runStrategy": "Halted", "template": { "metadata": { "creationTimestamp": null }, "spec": { "domain": domain() } } },
    })
}

#[tokio::test]
async fn a_new_instance_gets_finalizer_phase_and_defaults() {
    let mut sent = instance();
    sent["status"] = json!({ "phase": "Running", "nodeName": "stolen" });
    let response = review(
        "/virtualmachineinstances-mutate",
        "CREATE",
        USER,
        &sent,
        &Value::Null,
    )
    .await;
    let made = patched(&sent, &response);
    assert_eq!(
        made["metadata"]["finalizers"],
        json!(["kubevirt.io/foregroundDeleteVirtualMachine"])
    );
    assert_eq!(made["status"]["phase"], "Pending");
    assert_eq!(made["status"]["nodeName"], Value::Null);
    assert_eq!(made["spec"]["domain"]["machine"]["type"], "q35");
    assert!(made["spec"]["domain"]["firmware"]["uuid"].is_string());
    let faults = review(
        "/virtualmachineinstances-validate-create",
        "CREATE",
        USER,
        &made,
        &Value::Null,
    )
    .await;
    assert_eq!(faults["allowed"], true, "{faults}");
    let again = review(
        "/virtualmachineinstances-mutate",
        "CREATE",
        USER,
        &made,
        &Value::Null,
    )
    .await;
    let mut again = patched(&made, &again);
    again["status"]["phaseTransitionTimestamps"] =
        made["status"]["phaseTransitionTimestamps"].clone();
    assert_eq!(again, made, "defaults are set once");
}

#[tokio::test]
async fn a_new_machine_gets_defaults_and_its_finalizer_and_keeps_the_rest() {
    let mut sent = machine();
    sent["spec"]["fromTheFuture"] = json!({ "a": 1 });
    let response = review(
        "/virtualmachines-mutate",
        "CREATE",
        USER,
        &sent,
        &Value::Null,
    )
    .await;
    let made = patched(&sent, &response);
    assert_eq!(
        made["metadata"]["finalizers"],
        json!(["kubevirt.io/virtualMachineControllerFinalize"])
    );
    assert_eq!(made["spec"]["fromTheFuture"], json!({ "a": 1 }));
    assert!(made["spec"]["template"]["spec"]["domain"]["firmware"]["serial"].is_string());
    let update = review(
        "/virtualmachines-mutate",
        "UPDATE",
        CONTROLLER,
        &made,
        &made,
    )
    .await;
    assert_eq!(
        update.get("patch"),
        None,
        "an update without need changes nothing"
    );
}

#[tokio::test]
async fn users_change_neither_status_nor_reserved_labels() {
    let mut old = instance();
    old["metadata"]["labels"]["kubevirt.io/nodeName"] = json!("node1");
    old["status"] = json!({ "phase": "Running", "unknownField": 1 });
    let mut new = old.clone();
    new["metadata"]["labels"] = json!({ "app": "other", "kubevirt.io/created-by": "me" });
    new["status"] = json!({ "phase": "Failed" });
    let response = review(
        "/virtualmachineinstances-mutate",
        "UPDATE",
        USER,
        &new,
        &old,
    )
    .await;
    let kept = patched(&new, &response);
    assert_eq!(kept["status"], old["status"]);
    assert_eq!(
        kept["metadata"]["labels"],
        json!({ "app": "other", "kubevirt.io/nodeName": "node1" })
    );
    let verdict = review(
        "/virtualmachineinstances-validate-update",
        "UPDATE",
        USER,
        &kept,
        &old,
    )
    .await;
    assert_eq!(verdict["allowed"], true);

    let mut without = old.clone();
    without["metadata"]
        .as_object_mut()
        .unwrap()
        .remove("labels");
    without.as_object_mut().unwrap().remove("status");
    let response = review(
        "/virtualmachineinstances-mutate",
        "UPDATE",
        USER,
        &without,
        &old,
    )
    .await;
    let kept = patched(&without, &response);
    assert_eq!(
        kept["metadata"]["labels"],
        json!({ "kubevirt.io/nodeName": "node1" })
    );
    assert_eq!(kept["status"], old["status"]);

    let response = review(
        "/virtualmachineinstances-mutate",
        "UPDATE",
        CONTROLLER,
        &new,
        &old,
    )
    .await;
    assert_eq!(response.get("patch"), None, "components may");
}

#[rstest]
#[case("system:serviceaccount:default:kubevirt-controller", false)]
#[case("system:serviceaccount:kubevirt:default", false)]
#[case("kubevirt-controller", false)]
#[case(CONTROLLER, true)]
#[case("system:serviceaccount:kubevirt:kubevirt-handler", true)]
#[tokio::test]
async fn the_specification_is_for_components(#[case] user: &str, #[case] allowed: bool) {
    let mut new = instance();
    new["spec"]["domain"]["memory"]["guest"] = json!("128Mi");
    let response = review(
        "/virtualmachineinstances-validate-update",
        "UPDATE",
        user,
        &new,
        &instance(),
    )
    .await;
    assert_eq!(response["allowed"], allowed);
    if !allowed {
        assert_eq!(response["status"]["code"], 422);
        assert_eq!(response["status"]["details"]["causes"][0]["field"], "spec");
    }
}

#[tokio::test]
async fn faults_come_all_at_once_with_their_fields() {
    let mut sent = machine();
    sent["spec"]["runStrategy"] = json!("Sometimes");
    sent["spec"]["template"]["spec"]["domain"]["devices"] =
        json!({ "disks": [{ "name": "a", "disk": {} }] });
    let response = review(
        "/virtualmachines-validate",
        "CREATE",
        USER,
        &sent,
        &Value::Null,
    )
    .await;
    assert_eq!(response["allowed"], false);
    let causes = response["status"]["details"]["causes"].as_array().unwrap();
    assert!(causes.len() >= 2, "{causes:?}");
    let message = response["status"]["message"].as_str().unwrap();
    for cause in causes {
        assert!(
            message.contains(cause["message"].as_str().unwrap()),
            "{message}"
        );
        assert!(
            message.contains(cause["field"].as_str().unwrap()),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_wrong_type_is_told_with_its_path() {
    let mut sent = machine();
    sent["spec"]["template"]["spec"]["domain"]["cpu"] = json!({ "cores": "two" });
    // The mutating webhook comes before the schema, whose error is better: it lets what it cannot read pass unchanged.
    let response = review(
        "/virtualmachines-mutate",
        "CREATE",
        USER,
        &sent,
        &Value::Null,
    )
    .await;
    assert_eq!(response["allowed"], true);
    assert!(response["patch"].is_null());
    let response = review(
        "/virtualmachines-validate",
        "CREATE",
        USER,
        &sent,
        &Value::Null,
    )
    .await;
    assert_eq!(response["allowed"], false);
    assert_eq!(
        response["status"]["details"]["causes"][0]["field"],
        "spec.template.spec.domain.cpu.cores"
    );
}

#[tokio::test]
async fn what_works_but_deserves_a_word_is_warned_about() {
    let mut sent = machine();
    sent["spec"]["running"] = json!(true);
    sent["spec"].as_object_mut().unwrap().remove("runStrategy");
    let response = review(
        "/virtualmachines-validate",
        "CREATE",
        USER,
        &sent,
        &Value::Null,
    )
    .await;
    assert_eq!(response["allowed"], true, "{response}");
    assert!(
        response["warnings"][0]
            .as_str()
            .unwrap()
            .contains("spec.running is deprecated")
    );
}

#[tokio::test]
async fn deletion_is_always_allowed() {
    for (path, _) in WEBHOOKS {
        let response = review(
            path,
            "DELETE",
            USER,
            &Value::Null,
            &json!({ "anything": true }),
        )
        .await;
        assert_eq!(response["allowed"], true);
    }
    let mut leaving = machine();
    leaving["spec"]["runStrategy"] = json!("Sometimes");
    leaving["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    for path in ["/virtualmachines-mutate", "/virtualmachines-validate"] {
        let response = review(path, "UPDATE", CONTROLLER, &leaving, &machine()).await;
        assert_eq!(response["allowed"], true, "{path}");
    }
}

#[tokio::test]
async fn settings_belong_into_the_install_namespace() {
    let settings = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "KubeVirt",
        "metadata": { "name": "kubevirt", "namespace": "default" }, "spec": {},
    });
    let response = review(
        "/kubevirt-validate-create",
        "CREATE",
        USER,
        &settings,
        &Value::Null,
    )
    .await;
    assert_eq!(response["allowed"], false);
    let response = review(
        "/kubevirt-validate-update",
        "UPDATE",
        USER,
        &settings,
        &settings,
    )
    .await;
    assert_eq!(response["allowed"], true);
}

#[rstest]
#[case(b"".to_vec(), 400)]
#[case(b"{".to_vec(), 400)]
#[case(b"[]".to_vec(), 400)]
#[case(br#"{"apiVersion":"v1","kind":"Pod"}"#.to_vec(), 400)]
#[case(br#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}"#.to_vec(), 400)]
#[case(br#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"operation":1}}"#.to_vec(), 400)]
#[case([b"[".repeat(100_000)].concat(), 400)]
#[case(vec![b' '; 4 * 1024 * 1024], 413)]
#[tokio::test]
async fn what_is_no_review_is_refused(#[case] body: Vec<u8>, #[case] code: u16) {
    for (path, _) in WEBHOOKS {
        assert_eq!(post(path, body.clone()).await.0.as_u16(), code, "{path}");
    }
}

#[tokio::test]
async fn an_empty_object_is_no_reason_to_fall_over() {
    for object in [
        Value::Null,
        json!({}),
        json!([]),
        json!("text"),
        json!({ "metadata": [], "spec": 3 }),
    ] {
        for (path, _) in WEBHOOKS {
            for operation in ["CREATE", "UPDATE"] {
                let response = review(path, operation, USER, &object, &object).await;
                assert!(response["allowed"].is_boolean());
            }
        }
    }
}
