use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use futures::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::super::viewer;
use super::*;
use crate::websocket::testing::{Peer, Server, Step};

/// A viewer: a shell script that is given the port as `$port`.
struct Script(PathBuf);

impl Script {
    fn new(name: &str, text: &str) -> Self {
        let name = format!("virtctl-vnc-{name}-{}", std::process::id());
        let file = std::env::temp_dir().join(name);
        std::fs::write(&file, format!("#!/bin/bash\nport=${{1##*:}}\n{text}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self(file)
    }

    fn viewer(&self) -> Viewer {
        viewer::find(Some(viewer::Kind::Tiger), Some(&self.0)).unwrap()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Greets as a display does, waits for the viewer's greeting, and then ends as told.
fn display(end: Option<(CloseCode, &'static str)>) -> Step {
    Step::open(move |mut peer: Peer| async move {
        let greeting = Message::Binary("RFB 003.008\n".into());
        peer.send(greeting).await.unwrap();
        while let Some(Ok(message)) = peer.next().await {
            if message.is_binary() {
                break;
            }
        }
        if let Some((code, reason)) = end {
            let reason = reason.into();
            peer.close(Some(CloseFrame { code, reason })).await.unwrap();
            while let Some(Ok(_)) = peer.next().await {}
        }
    })
}

async fn proxy(steps: impl IntoIterator<Item = Step>) -> Proxy {
    let server = Server::start(steps).await;
    Proxy::open(server.cluster, "vm1", "/vnc", "127.0.0.1", 0)
        .await
        .unwrap()
}

const GREETS: &str = "exec 3<>/dev/tcp/127.0.0.1/$port\nread -r line <&3\n\
                      [ \"$line\" = 'RFB 003.008' ] || exit 1\necho RFB >&3\nread -r line <&3; sleep 30";

#[tokio::test]
async fn a_viewer_is_started_again_until_the_machine_stops() {
    let script = Script::new("again", GREETS);
    let mut proxy = proxy([
        display(None),
        display(Some((CloseCode::Normal, "VM was migrated"))),
        display(Some((CloseCode::Normal, "VM stopped"))),
    ])
    .await;
    run(&mut proxy, &script.viewer()).await.unwrap();
}

#[tokio::test]
async fn a_viewer_that_is_closed_ends_the_command() {
    let script = Script::new(
        "closed",
        "exec 3<>/dev/tcp/127.0.0.1/$port\nread -r line <&3",
    );
    let mut proxy = proxy([display(None)]).await;
    run(&mut proxy, &script.viewer()).await.unwrap();
}

#[tokio::test]
async fn a_viewer_that_does_not_connect_is_an_error() {
    let script = Script::new("fails", "exit 7");
    let mut proxy = proxy([display(None)]).await;
    let error = run(&mut proxy, &script.viewer()).await.unwrap_err();
    assert!(error.to_string().contains('7'), "{error}");
    let script = Script::new("waits", "sleep 30");
    let limit = Duration::from_millis(300);
    let error = once(&mut proxy, &script.viewer(), limit)
        .await
        .err()
        .unwrap();
    assert!(error.to_string().contains("did not connect"), "{error}");
}
