//! Operations on guests from the decoded request to a virt-handler, over real TLS on loopback.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::response::{IntoResponse, Response};
use http::{Request, StatusCode};
use jiff::Timestamp;
use kubevirt_api::{KubeVirt, KubeVirtSpec};
use kubevirt_runtime::CancellationToken;
use kubevirt_runtime::config_watch::ConfigWatch;
use kubevirt_runtime::identity::{Identity, TrustBundle};
use kubevirt_runtime::serve::{Limits, serve};
use kubevirt_runtime::tls::{ClientRule, ClientTls, ServerTls, client_config, server_config};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::*;
use crate::aggregated::Aggregated;
use crate::aggregated::guestfs::Images;
use crate::aggregated::route::{Subresource, Target};
use crate::certificates::authority::{create, issue};
use crate::certificates::{API_CLIENT_NAME, HANDLER_NAME, leaves};
use crate::connectivity::Connectivity;
use crate::streams::Streams;
use crate::testing::{self, failure};

/// What virt-handler was asked: method, path with query, body.
type Heard = Arc<Mutex<Vec<(String, String, String)>>>;

struct World {
    context: Aggregated,
    heard: Heard,
    shutdown: CancellationToken,
}

impl Drop for World {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// An instance `web` with the given status, and a virt-handler that gives `answer`.
async fn world(
    status: Value,
    answer: impl Fn() -> Response + Clone + Send + Sync + 'static,
) -> World {
    let now = Timestamp::now().as_second();
    let ca = create(now).unwrap();
    let trust = TrustBundle::from_pem(ca.certificate.as_bytes()).unwrap();
    let made: Vec<Identity> = leaves("kubevirt")
        .iter()
        .map(|leaf| {
            let pair = issue(&ca, leaf, now).unwrap();
            Identity::from_pem(pair.certificate.as_bytes(), pair.key.as_bytes()).unwrap()
        })
        .collect();
    let rule = ClientRule::Named {
        trust: trust.clone(),
        names: vec![API_CLIENT_NAME.to_owned()],
    };
    let heard = Heard::default();
    let hear = heard.clone();
    let router = Router::new().fallback(move |request: Request<Body>| {
        let (hear, answer) = (hear.clone(), answer.clone());
        async move {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, 1 << 20).await.unwrap();
            let body = String::from_utf8_lossy(&body).into_owned();
            let asked = (parts.method.to_string(), parts.uri.to_string(), body);
            hear.lock().unwrap().push(asked);
            answer()
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let shutdown = CancellationToken::new();
    let tls = ServerTls::new(server_config(&made[1], &rule).unwrap());
    tokio::spawn(serve(
        listener,
        tls,
        router,
        Limits::default(),
        shutdown.clone(),
    ));

    let instance = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": { "name": "web", "namespace": "default" },
        "spec": { "domain": { "devices": {} } }, "status": status,
    });
    let (client, _) = testing::client(move |_, path, _| match path.split('?').next().unwrap() {
        "/apis/kubevirt.io/v1/namespaces/default/virtualmachineinstances/web" => {
            (200, instance.clone())
        }
        "/api/v1/namespaces/kubevirt/pods" => {
            let pod = json!({ "metadata": { "name": "a" }, "status": { "podIP": "127.0.0.1" } });
            let list =
                json!({ "kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": [pod] });
            (200, list)
        }
        _ => failure(404, "NotFound", "not found"),
    });
    let config = ConfigWatch::fixed(KubeVirt::new("kubevirt", KubeVirtSpec::default()));
    let dialling = client_config(Some(&made[2]), &trust, HANDLER_NAME).unwrap();
    let context = Aggregated {
        client: client.clone(),
        front_proxy: watch::channel(None).1,
        streams: Streams::new(shutdown.clone()),
        connectivity: Connectivity::new(client, config.clone()),
        config,
        handlers: Handlers::new(ClientTls::new(dialling), "kubevirt", port),
        images: Images::default(),
    };
    World {
        context,
        heard,
        shutdown,
    }
}

fn running(conditions: &[&str]) -> Value {
    let conditions: Vec<_> = conditions
        .iter()
        .map(|condition| json!({ "type": condition, "status": "True" }))
        .collect();
    json!({ "phase": "Running", "nodeName": "one", "conditions": conditions })
}

/// Code, content type and body of the answer.
async fn ask(
    world: &World,
    subresource: Subresource,
    query: Option<&str>,
    body: &str,
) -> (u16, String, String) {
    let target = Target {
        version: "v1",
        namespace: "default".to_owned(),
        name: "web".to_owned(),
        subresource,
        forward: None,
    };
    let answer = crate::guest::carry_out(&world.context, &target, query, body.as_bytes()).await;
    let response = answer.unwrap_or_else(IntoResponse::into_response);
    let code = response.status().as_u16();
    let content_type = response.headers().get("content-type");
    let content_type = content_type
        .map_or("", |value| value.to_str().unwrap())
        .to_owned();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (
        code,
        content_type,
        String::from_utf8_lossy(&body).into_owned(),
    )
}

fn heard(world: &World) -> Vec<(String, String, String)> {
    world.heard.lock().unwrap().clone()
}

const BASE: &str = "/v1/namespaces/default/virtualmachineinstances/web";

#[tokio::test]
async fn a_change_is_passed_on_and_answered_with_200_and_nothing() {
    let world = world(running(&[]), || StatusCode::ACCEPTED.into_response()).await;
    for (subresource, name, body, onward) in [
        (Subresource::Pause, "pause", "", ""),
        (Subresource::Unfreeze, "unfreeze", "", ""),
        (Subresource::Reset, "reset", "", ""),
        (Subresource::SoftReboot, "softreboot", "", ""),
        (
            Subresource::Freeze,
            "freeze",
            "unfreezeTimeout: 5m0s",
            "{\"unfreezeTimeout\":\"5m0s\"}",
        ),
    ] {
        let (code, _, answer) = ask(&world, subresource, None, body).await;
        assert_eq!((code, answer.as_str()), (200, ""), "{name}");
        let asked = (
            "PUT".to_owned(),
            format!("{BASE}/{name}"),
            onward.to_owned(),
        );
        assert_eq!(heard(&world).last(), Some(&asked));
    }
}

#[tokio::test]
async fn a_dry_run_asks_nobody() {
    let world = world(running(&[]), || StatusCode::ACCEPTED.into_response()).await;
    let (code, _, answer) = ask(&world, Subresource::Pause, None, r#"{"dryRun":["All"]}"#).await;
    assert_eq!((code, answer.as_str()), (200, ""));
    let (code, ..) = ask(&world, Subresource::Unpause, None, r#"{"dryRun":["All"]}"#).await;
    assert_eq!(code, 409, "it is not paused");
    let (code, ..) = ask(&world, Subresource::Pause, None, r#"{"dryRun":["Some"]}"#).await;
    assert_eq!(code, 400);
    assert_eq!(heard(&world), []);
}

#[tokio::test]
async fn what_the_agent_tells_is_passed_on_and_every_failure_is_a_500_in_text() {
    let told = || ([("content-type", "application/json")], "{\"items\":[]}").into_response();
    let connected = world(running(&["AgentConnected"]), told).await;
    let (code, kind, body) = ask(&connected, Subresource::UserList, None, "").await;
    assert_eq!(
        (code, kind.as_str(), body.as_str()),
        (200, "application/json", "{\"items\":[]}")
    );
    let asked = ("GET".to_owned(), format!("{BASE}/userlist"), String::new());
    assert_eq!(heard(&connected), [asked]);

    let without = world(running(&[]), told).await;
    let (code, kind, body) = ask(&without, Subresource::UserList, None, "").await;
    assert_eq!((code, kind.starts_with("text/plain")), (500, true));
    assert!(body.contains("guest agent"), "{body}");
    assert_eq!(heard(&without), []);

    let busy = || (StatusCode::CONFLICT, "the agent is busy").into_response();
    let refused = world(running(&["AgentConnected"]), busy).await;
    let (code, kind, body) = ask(&refused, Subresource::GuestOsInfo, None, "").await;
    assert_eq!((code, kind.starts_with("text/plain")), (500, true));
    assert_eq!(body, "the agent is busy\n");
}

#[tokio::test]
async fn a_picture_is_a_picture() {
    let picture = || Bytes::from_static(b"\x89PNG").into_response();
    let world = world(running(&[]), picture).await;
    let query = Some("moveCursor=true&x=/../reset");
    let (code, kind, _) = ask(&world, Subresource::VncScreenshot, query, "").await;
    assert_eq!((code, kind.as_str()), (200, "image/png"));
    let path = format!("{BASE}/vnc/screenshot?moveCursor=true");
    assert_eq!(heard(&world), [("GET".to_owned(), path, String::new())]);
}

#[tokio::test]
async fn a_reset_of_what_does_not_run_says_the_phase() {
    let answer = || {
        let status = json!({ "kind": "Status", "message": "there is no domain", "code": 404 });
        (StatusCode::NOT_FOUND, status.to_string()).into_response()
    };
    let scheduled = json!({ "phase": "Scheduled", "nodeName": "one" });
    let (code, _, body) = ask(
        &world(scheduled, answer).await,
        Subresource::Reset,
        None,
        "",
    )
    .await;
    let status: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(code, 404);
    let message = status["message"].as_str().unwrap();
    assert!(
        message.starts_with("there is no domain (") && message.contains("Scheduled"),
        "{message}"
    );
    let pending = json!({ "phase": "Pending" });
    let (code, _, body) = ask(&world(pending, answer).await, Subresource::Reset, None, "").await;
    assert!(code == 400 && body.contains("Pending"), "{body}");
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let endless = || {
        let chunk = Ok::<_, std::convert::Infallible>(Bytes::from(vec![0; 1 << 20]));
        Body::from_stream(futures::stream::repeat(chunk)).into_response()
    };
    let world = world(running(&[]), endless).await;
    let asked = ask(&world, Subresource::VncScreenshot, None, "");
    let (code, ..) = tokio::time::timeout(Duration::from_secs(9), asked)
        .await
        .unwrap();
    assert_eq!(code, 500);
}
