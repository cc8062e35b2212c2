use kubevirt_runtime::CancellationToken;
use tower::ServiceExt;

use super::*;

#[derive(Default)]
struct One {
    screen: Arc<Screen>,
}

impl One {
    fn find(&self, namespace: &str, name: &str) -> Result<(), DialError> {
        match name {
            "vm" => Ok(()),
            "stopped" => Err(DialError::NotRunning {
                name: name.to_owned(),
            }),
            _ => Err(DialError::NotHere {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
            }),
        }
    }
}

impl Guests for One {
    fn console(&self, namespace: &str, name: &str) -> Result<Arc<Console>, DialError> {
        self.find(namespace, name).map(|()| Arc::default())
    }

    fn screen(&self, namespace: &str, name: &str) -> Result<Arc<Screen>, DialError> {
        self.find(namespace, name).map(|()| self.screen.clone())
    }

    async fn dial(&self, _: &str, name: &str, port: Port) -> Result<UnixStream, DialError> {
        Err(DialError::Unreachable {
            name: name.to_owned(),
            port,
            text: "no answer".to_owned(),
        })
    }

    fn fate(&self, _: &str, name: &str) -> Fate {
        match name {
            "vm" => Fate::Runs,
            "moved" => Fate::Migrated,
            _ => Fate::Stopped,
        }
    }
}

fn path(tail: &str) -> String {
    format!("/v1/namespaces/ns/virtualmachineinstances/{tail}")
}

async fn ask(one: One, places: usize, path: &str, websocket: bool) -> (u16, String) {
    let mut request = axum::http::Request::get(path);
    if websocket {
        request = request
            .header("Connection", "keep-alive, Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("Sec-WebSocket-Protocol", "plain.kubevirt.io");
    }
    let sessions = Sessions::new(places, CancellationToken::new());
    let response = router(Arc::new(one), sessions)
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let code = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 4096)
        .await
        .unwrap();
    let status: serde_json::Value = serde_json::from_slice(&body).unwrap();
    (code, status["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn failures_are_plain_http() {
    for (tail, websocket, code, words) in [
        ("vm/console", false, 400, "Upgrade: websocket"),
        ("vm/vnc", false, 400, "Upgrade: websocket"),
        (
            "vm/console",
            true,
            503,
            "the serial console of vm: no answer",
        ),
        ("vm/vnc", true, 503, "the display of vm: no answer"),
        ("vm/vnc?preserveSession=maybe", true, 400, "preserveSession"),
        ("stopped/console", true, 400, "not running"),
        ("gone/vnc", true, 404, "ns/gone does not run on this node"),
        ("vm/nothing", true, 404, "no such path"),
    ] {
        let (found, message) = ask(One::default(), 1, &path(tail), websocket).await;
        assert_eq!(found, code, "{tail}: {message}");
        assert!(message.contains(words), "{tail}: {message}");
    }
}

#[tokio::test]
async fn streams_are_bounded() {
    let (code, message) = ask(One::default(), 0, &path("vm/console"), true).await;
    assert_eq!((code, message.contains("all 0 streams")), (503, true));
}

#[tokio::test]
async fn a_display_that_is_looked_at_is_kept_for_who_looks() {
    let one = One::default();
    let _viewer = one.screen.clone().enter(false).unwrap();
    let (code, message) = ask(one, 1, &path("vm/vnc?preserveSession=true"), true).await;
    assert_eq!(code, 503, "{message}");
    assert!(message.contains("preserveSession"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn the_end_tells_what_became_of_the_guest() {
    struct Ended;
    impl Source for Ended {
        async fn next(&mut self) -> Result<kubevirt_streams::Bytes, Ending> {
            Err(GUEST_GONE)
        }
    }
    for (name, expected) in [
        ("vm", HUNG_UP),
        ("moved", Ending::MIGRATED),
        ("gone", Ending::STOPPED),
    ] {
        let mut told = Told {
            source: Ended,
            guests: Arc::new(One::default()),
            about: ("ns".to_owned(), name.to_owned()),
        };
        assert_eq!(told.next().await, Err(expected), "{name}");
    }
}
