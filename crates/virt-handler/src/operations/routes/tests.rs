use axum::http::Request;
use kubevirt_libvirt::{Detail, Error as LibvirtError};
use kubevirt_runtime::CancellationToken;
use tower::ServiceExt;

use super::*;
use crate::guest::AgentError;

fn operations() -> Arc<Operations> {
    let nowhere = kube::Config::new("http://127.0.0.1:9".parse().unwrap());
    let client = kube::Client::try_from(nowhere).unwrap();
    Arc::new(Operations {
        directory: Arc::new(Directory::new("/nonexistent".into())),
        recorder: Recorder::new(client, "test", None, CancellationToken::new()),
    })
}

async fn ask(method: &str, tail: &str, body: &str) -> (u16, String) {
    let path = format!("/v1/namespaces/ns/virtualmachineinstances/vm/{tail}");
    let request = Request::builder()
        .method(method)
        .uri(path)
        .body(Body::from(body.to_owned()))
        .unwrap();
    let response = router(operations()).oneshot(request).await.unwrap();
    let code = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 4096)
        .await
        .unwrap();
    let status: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    if !status.is_null() {
        assert_eq!(status["kind"], "Status");
        assert_eq!(status["code"], code);
    }
    (
        code,
        status["message"].as_str().unwrap_or_default().to_owned(),
    )
}

#[tokio::test]
async fn failures_are_statuses_with_words() {
    let limit = r#"{"unfreezeTimeout":"5m0s"}"#;
    for (method, tail, body, code, words) in [
        ("PUT", "pause", "", 404, "ns/vm does not run on this node"),
        ("PUT", "unpause", "{}", 404, "does not run on this node"),
        ("PUT", "reset", "", 404, "does not run on this node"),
        ("PUT", "softreboot", "", 404, "does not run on this node"),
        ("PUT", "freeze", limit, 404, "does not run on this node"),
        ("PUT", "unfreeze", "", 404, "does not run on this node"),
        ("GET", "guestosinfo", "", 404, "does not run on this node"),
        ("GET", "userlist", "", 404, "does not run on this node"),
        (
            "GET",
            "filesystemlist",
            "",
            404,
            "does not run on this node",
        ),
        (
            "GET",
            "vnc/screenshot?moveCursor=true",
            "",
            404,
            "does not run on this node",
        ),
        ("GET", "vnc/screenshot?moveCursor=5", "", 400, "moveCursor"),
        ("PUT", "freeze", "", 400, "the request has no body"),
        ("PUT", "freeze", "{}", 400, "unfreezeTimeout"),
        (
            "PUT",
            "freeze",
            r#"{"unfreezeTimeout":"-1s"}"#,
            400,
            "no duration of 0 or more",
        ),
        (
            "PUT",
            "freeze",
            r#"{"unfreezeTimeout":"soon"}"#,
            400,
            "\"soon\"",
        ),
        ("GET", "pause", "", 405, ""),
    ] {
        let (found, message) = ask(method, tail, body).await;
        assert_eq!(found, code, "{method} {tail} {body}: {message}");
        assert!(message.contains(words), "{method} {tail} {body}: {message}");
    }
}

#[tokio::test]
async fn codes_tell_what_helps() {
    use axum::response::IntoResponse;
    let detail = |message: &str| Detail {
        call: "virDomainQemuAgentCommand",
        code: 1,
        domain: 10,
        message: message.to_owned(),
    };
    let agent = |error: LibvirtError| Refusal::Agent {
        name: "vm".to_owned(),
        error: AgentError::Libvirt(error),
    };
    for (refusal, code) in [
        (
            Refusal::NotRunning {
                name: String::new(),
            },
            409,
        ),
        (
            Refusal::NoAgent {
                name: String::new(),
            },
            409,
        ),
        (agent(LibvirtError::OperationInvalid(detail("off"))), 409),
        (agent(LibvirtError::AgentUnavailable(detail("asleep"))), 503),
        (
            agent(LibvirtError::AgentRefused(detail("\u{1b}[2J no"))),
            500,
        ),
        (
            Refusal::Agent {
                name: String::new(),
                error: AgentError::Busy,
            },
            503,
        ),
    ] {
        let response = refusal.into_response();
        assert_eq!(response.status().as_u16(), code);
        let body = axum::body::to_bytes(response.into_body(), 4096)
            .await
            .unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("\\u001b"));
    }
}

#[test]
fn how_long_a_freeze_lasts() {
    use std::time::Duration;
    let limit = |text: &str| {
        agent::freeze_limit(format!("{{\"unfreezeTimeout\":{text:?}}}").as_bytes()).ok()
    };
    assert_eq!(limit("5m0s"), Some(Some(Duration::from_secs(300))));
    assert_eq!(limit("0s"), Some(None));
    assert_eq!(limit("1h"), Some(Some(Duration::from_secs(3600))));
    assert_eq!(limit("5"), None);
}
