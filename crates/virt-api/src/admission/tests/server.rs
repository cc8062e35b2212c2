//! Asks admission for a review, with an API server beside it.

use kube::Client;

use super::*;
use crate::testing;

/// An API server with an instance called `good` that can move, and nothing else.
pub(super) fn quiet() -> Client {
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

pub(super) fn list(items: &[Value]) -> Value {
    json!({ "apiVersion": "v1", "kind": "List", "metadata": {}, "items": items })
}

pub(super) async fn ask(
    client: Client,
    path: &str,
    operation: &str,
    object: &Value,
    old: &Value,
) -> Value {
    ask_as(USER, &[], client, path, operation, object, old).await
}

pub(super) async fn ask_as(
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

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
