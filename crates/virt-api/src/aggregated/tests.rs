use std::sync::Arc;

use http_body_util::BodyExt;
use kubevirt_api::{KubeVirt, KubeVirtSpec};
use kubevirt_runtime::CancellationToken;
use kubevirt_runtime::config_watch::ConfigWatch;
use kubevirt_runtime::tls::ClientTls;
use rstest::rstest;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::testing::{self, Asked, failure};
use front_proxy::tests::{certificate, usual};

const START: &str =
    "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web/start";
const CONSOLE: &str =
    "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/console";

/// An API with one stopped VM `web`, no instance, in which `alice` may do everything.
fn cluster(method: &str, path: &str, body: &Value) -> (u16, Value) {
    let machine = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
        "metadata": { "name": "web", "namespace": "default", "resourceVersion": "7" },
        "spec": { "runStrategy": "Halted", "template": { "spec": { "domain": { "devices": {} } } } },
    });
    match (method, path.split('?').next().unwrap()) {
        ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews") => {
            let allowed = body["spec"]["user"] == "alice";
            let mut review = body.clone();
            review["status"] = json!({ "allowed": allowed, "reason": "RBAC: nothing grants it" });
            (201, review)
        }
        (_, "/apis/kubevirt.io/v1/namespaces/default/virtualmachines/web") => (200, machine),
        ("GET", "/version") => (
            200,
            json!({
                "major": "1", "minor": "36", "gitVersion": "v1.36.3", "gitCommit": "", "gitTreeState": "", "buildDate": "",
                "goVersion": "", "compiler": "gc", "platform": "linux/amd64",
            }),
        ),
        _ => failure(404, "NotFound", "not found"),
    }
}

fn router_with(
    answer: impl Fn(&str, &str, &Value) -> (u16, Value) + Send + Sync + 'static,
) -> (Router, Asked) {
    let (client, asked) = testing::client(answer);
    let (_, front_proxy) = watch::channel(Some(Arc::new(usual())));
    let config = ConfigWatch::fixed(KubeVirt::new("kubevirt", KubeVirtSpec::default()));
    let aggregated = Aggregated {
        client: client.clone(),
        front_proxy,
        streams: Streams::new(CancellationToken::new()),
        connectivity: Connectivity::new(client, config.clone()),
        config,
        handlers: Handlers::new(ClientTls::default(), "kubevirt", 8186),
        images: guestfs::Images::default(),
    };
    (router(aggregated), asked)
}

async fn send(router: Router, request: Request<Body>) -> (StatusCode, String) {
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// A request by `user` as the front proxy passes it on.
fn by(user: &str, method: &str, path: &str, body: &str) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("X-Remote-User", user)
        .header("X-Remote-Group", "system:authenticated")
        .body(Body::from(body.to_owned()))
        .unwrap();
    request
        .extensions_mut()
        .insert(certificate("front-proxy-client"));
    request
}

#[tokio::test]
async fn start_is_accepted_without_a_body() {
    let (router, asked) = router_with(cluster);
    let (status, body) = send(router, by("alice", "PUT", START, "")).await;
    assert_eq!((status, body.as_str()), (StatusCode::ACCEPTED, ""));
    let asked = asked.lock().unwrap();
    let review = &asked[0].2["spec"];
    assert_eq!(
        review["resourceAttributes"],
        json!({
            "group": "subresources.kubevirt.io", "version": "v1", "resource": "virtualmachines", "subresource": "start",
            "verb": "update", "namespace": "default", "name": "web",
        })
    );
    assert_eq!(review["groups"], json!(["system:authenticated"]));
    let (method, _, patch) = asked.last().unwrap();
    assert_eq!(method, "PATCH");
    assert_eq!(
        patch[1],
        json!({ "op": "replace", "path": "/spec/runStrategy", "value": "Always" })
    );
}

#[tokio::test]
async fn a_dry_run_keeps_nothing() {
    let (router, asked) = router_with(cluster);
    let (status, _) = send(router, by("alice", "PUT", START, r#"{"dryRun":["All"]}"#)).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert!(
        asked
            .lock()
            .unwrap()
            .last()
            .unwrap()
            .1
            .contains("dryRun=All")
    );
}

#[tokio::test]
async fn who_may_not_is_told_why_and_nothing_happens() {
    let (router, asked) = router_with(cluster);
    let (status, body) = send(router, by("bob", "PUT", START, "")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(
        body.contains("\"bob\" cannot update resource \"virtualmachines/start\""),
        "{body}"
    );
    assert!(body.contains("RBAC: nothing grants it"), "{body}");
    assert_eq!(
        asked.lock().unwrap().len(),
        1,
        "only the review was asked for"
    );
}

#[tokio::test]
async fn forged_headers_are_nobody() {
    for path in [START, CONSOLE] {
        let (router, asked) = router_with(cluster);
        let mut forged = by("alice", "PUT", path, "");
        forged.extensions_mut().insert(PeerCertificate(None));
        assert_eq!(
            send(router.clone(), forged).await.0,
            StatusCode::UNAUTHORIZED
        );
        let mut forged = by("alice", "PUT", path, "");
        forged.extensions_mut().insert(certificate("kubelet"));
        assert_eq!(
            send(router.clone(), forged).await.0,
            StatusCode::UNAUTHORIZED
        );
        let mut forged = by("alice", "PUT", path, "");
        forged.extensions_mut().remove::<PeerCertificate>();
        assert_eq!(send(router, forged).await.0, StatusCode::UNAUTHORIZED);
        assert!(asked.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_review_that_fails_is_not_a_permission() {
    let (router, _) = router_with(|_, _, _| failure(503, "ServiceUnavailable", "etcd is away"));
    let (status, body) = send(router, by("alice", "PUT", START, "")).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(body.contains("etcd is away"), "{body}");
}

#[rstest]
#[case("GET")]
#[case("POST")]
#[case("PATCH")]
#[case("DELETE")]
#[case("HEAD")]
#[tokio::test]
async fn other_methods_do_nothing(#[case] method: &str) {
    let (router, asked) = router_with(cluster);
    assert_eq!(
        send(router, by("alice", method, START, "")).await.0,
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert!(
        asked
            .lock()
            .unwrap()
            .iter()
            .all(|(method, ..)| method == "POST"),
        "only a review"
    );
}

#[rstest]
#[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web%2fstart")]
#[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/x%2f..%2fweb/start")]
#[case("/apis/subresources.kubevirt.io/v1//namespaces/default/virtualmachines/web/start")]
#[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web/Start")]
#[case("/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web/start/extra")]
#[case(
    "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/../virtualmachines/web/start"
)]
#[case("/apis/subresources.kubevirt.io/v2/namespaces/default/virtualmachines/web/start")]
#[case(
    "/virtualmachines-mutate/../apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web/start"
)]
#[tokio::test]
async fn paths_are_exact(#[case] path: &str) {
    let (router, asked) = router_with(cluster);
    assert_eq!(
        send(router, by("alice", "PUT", path, "")).await.0,
        StatusCode::NOT_FOUND
    );
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_not_there_is_said_as_a_status() {
    let (router, _) = router_with(cluster);
    let path = START.replace("/web/", "/nothing/");
    let (status, body) = send(router, by("alice", "PUT", &path, "")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["kind"], "Status");
    assert_eq!(body["reason"], "NotFound");
    assert_eq!(
        body["details"],
        json!({ "name": "nothing", "group": "kubevirt.io", "kind": "virtualmachine" })
    );
}

#[tokio::test]
async fn bodies_are_bounded_and_checked() {
    let (router, _) = router_with(cluster);
    let (status, _) = send(router.clone(), by("alice", "PUT", START, "{")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, _) = send(router, by("alice", "PUT", START, &" ".repeat(70_000))).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_changed_object_is_looked_at_again() {
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let (router, asked) = router_with(move |method, path, body| {
        let first =
            method == "PATCH" && tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        if first {
            failure(
                422,
                "Invalid",
                "the server rejected our request due to an error in our request",
            )
        } else {
            cluster(method, path, body)
        }
    });
    assert_eq!(
        send(router, by("alice", "PUT", START, "")).await.0,
        StatusCode::ACCEPTED
    );
    assert_eq!(
        asked
            .lock()
            .unwrap()
            .iter()
            .filter(|(method, ..)| method == "PATCH")
            .count(),
        2
    );
}

#[tokio::test]
async fn a_refused_object_is_told_with_its_reason() {
    let (router, _) = router_with(|method, path, body| match method {
        "PATCH" => failure(
            422,
            "Invalid",
            "admission webhook denied the request: spec.template: too small",
        ),
        _ => cluster(method, path, body),
    });
    let (status, body) = send(router, by("alice", "PUT", START, "")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("too small"));
}

#[tokio::test]
async fn documents_need_nobody() {
    let paths = [
        ("/", "paths"),
        ("/apis", "APIGroupList"),
        ("/apis/subresources.kubevirt.io", "APIGroup"),
        (
            "/apis/subresources.kubevirt.io/v1alpha3",
            "subresources.kubevirt.io/v1alpha3",
        ),
        ("/apis/subresources.kubevirt.io/v1/version", "gitVersion"),
        ("/apis/subresources.kubevirt.io/v1/guestfs", "gsImage"),
        ("/apis/subresources.kubevirt.io/v1/healthz", "v1.36.3"),
        ("/healthz", "config-resource-version"),
        ("/openapi/v2", "swagger"),
        ("/openapi/v3", "serverRelativeURL"),
        ("/openapi/v3/apis/subresources.kubevirt.io/v1", "openapi"),
    ];
    let (router, _) = router_with(cluster);
    for (path, expected) in paths {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (status, body) = send(router.clone(), request).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(body.contains(expected), "{path}: {body}");
        let request = Request::post(path).body(Body::empty()).unwrap();
        assert_eq!(
            send(router.clone(), request).await.0,
            StatusCode::METHOD_NOT_ALLOWED,
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_api_server_that_is_away_is_said() {
    let (router, _) = router_with(|_, _, _| failure(500, "InternalError", "away"));
    let request = Request::get("/healthz").body(Body::empty()).unwrap();
    let (status, body) = send(router, request).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap()["apiserver"]["connectivity"],
        "failed"
    );
}

#[tokio::test]
async fn options_tell_the_method_and_ask_nobody() {
    let (router, asked) = router_with(cluster);
    for (path, code, allowed) in [
        (START, 200, "PUT"),
        (CONSOLE, 200, "GET"),
        ("/apis/subresources.kubevirt.io/v1", 200, "GET"),
        ("/nothing", 404, ""),
    ] {
        let request = Request::options(path).header("origin", "https://evil.example");
        let request = request.body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), code, "{path}");
        let headers = response.headers();
        let said = headers
            .get("allow")
            .map_or("", |value| value.to_str().unwrap());
        assert_eq!(said, allowed, "{path}");
        assert!(!headers.contains_key("access-control-allow-origin"));
    }
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn profiles_are_not_there_yet() {
    let (router, _) = router_with(cluster);
    for path in [
        "/start-profiler",
        "/apis/subresources.kubevirt.io/v1/dump-cluster-profiler",
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (status, body) = send(router.clone(), request).await;
        assert_eq!(status, StatusCode::NOT_IMPLEMENTED);
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (&body["kind"], &body["reason"]),
            (&json!("Status"), &json!("NotImplemented"))
        );
        assert!(body["message"].as_str().unwrap().contains("profiles"));
    }
}

#[tokio::test]
async fn what_comes_later_authorizes_checks_and_says_so() {
    const BASE: &str = "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines";
    let (router, asked) = router_with(cluster);
    let dump = |name: &str| format!("{BASE}/{name}/memorydump");
    let body = r#"{"claimName":"dump"}"#;
    let (status, _) = send(router.clone(), by("bob", "PUT", &dump("web"), body)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(asked.lock().unwrap().len(), 1);
    let (status, _) = send(router.clone(), by("alice", "PUT", &dump("none"), body)).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = send(router.clone(), by("alice", "PUT", &dump("web"), "")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, body) = send(router, by("alice", "PUT", &dump("web"), body)).await;
    assert_eq!(status, StatusCode::NOT_IMPLEMENTED);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert!(body["message"].as_str().unwrap().contains("memory dumps"));
    assert_eq!(
        body["details"],
        json!({ "name": "web", "group": "kubevirt.io", "kind": "virtualmachine" })
    );
}

#[tokio::test]
async fn a_wrong_port_is_a_bad_request() {
    const BASE: &str = "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/web";
    let (router, asked) = router_with(cluster);
    for tail in ["portforward/0", "portforward/70000", "portforward/22/sctp"] {
        let request = by("alice", "GET", &format!("{BASE}/{tail}"), "");
        let (status, body) = send(router.clone(), request).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{tail}");
        assert!(body.contains("Status"), "{body}");
    }
    assert!(asked.lock().unwrap().is_empty());
}
