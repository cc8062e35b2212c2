use std::time::Duration;

use clap::Parser;
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::cli::{Cli, Command};
use crate::websocket::testing::{Peer, Server, Step};

const WAIT: Duration = Duration::from_secs(20);
const GREETING: &[u8] = b"RFB 003.008\n";

fn parsed(arguments: &[&str]) -> Result<Vnc, clap::Error> {
    let cli = Cli::try_parse_from(["virtctl"].iter().chain(arguments))?;
    match cli.command {
        Command::Vnc(vnc) => Ok(vnc),
        other => panic!("{other:?}"),
    }
}

/// Greets and then ends without a word as soon as the viewer says something.
fn display() -> Step {
    Step::open(|mut peer: Peer| async move {
        peer.send(Message::Binary(GREETING.into())).await.unwrap();
        while let Some(Ok(message)) = peer.next().await {
            if message.is_binary() {
                break;
            }
        }
    })
}

async fn greeted(port: u16) -> TcpStream {
    let mut viewer = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut greeting = [0; GREETING.len()];
    let read = viewer.read_exact(&mut greeting);
    tokio::time::timeout(WAIT, read).await.unwrap().unwrap();
    assert_eq!(greeting, GREETING);
    viewer
}

#[test]
fn a_machine_or_a_subcommand_is_needed() {
    let vnc = parsed(&["vnc", "vm1", "--proxy-only", "--address", "0.0.0.0"]).unwrap();
    assert!(vnc.proxy_only && vnc.command.is_none());
    assert!(
        !parsed(&["vnc", "vm1", "--proxy-only=false"])
            .unwrap()
            .proxy_only
    );
    for arguments in [
        &["vnc", "screenshot", "vm1", "-f", "a.png", "-m"][..],
        &["-n", "ns", "vnc", "screenshot", "vm1", "-f", "-", "-m=true"],
        &["vnc", "-n", "ns", "screenshot", "vm1", "-m", "-f", "-"],
    ] {
        let vnc = parsed(arguments).unwrap();
        let Some(VncCommand::Screenshot(screenshot)) = vnc.command else {
            panic!("{arguments:?}")
        };
        assert_eq!(screenshot.name, "vm1");
        assert!(screenshot.move_cursor);
    }
    assert!(parsed(&["vnc"]).is_err());
    assert!(parsed(&["vnc", "screenshot", "vm1"]).is_err());
    let vnc = parsed(&["vnc", "vm1", "--vnc-type", "remote-viewer"]).unwrap();
    assert_eq!(vnc.vnc_type, Some(viewer::Kind::RemoteViewer));
}

#[tokio::test]
async fn an_address_is_only_for_the_proxy() {
    let vnc = parsed(&["vnc", "vm1", "--address", "0.0.0.0"]).unwrap();
    let error = run(&Connection::default(), &vnc).await.unwrap_err();
    assert!(error.to_string().contains("--proxy-only"), "{error}");
}

#[tokio::test]
async fn several_viewers_share_the_port_and_the_last_to_leave_ends_it() {
    let server = Server::start([display(), display()]).await;
    let mut proxy = Proxy::open(server.cluster, "vm1", "/vnc", ADDRESS, 0)
        .await
        .unwrap();
    let port = proxy.port();
    let serving = tokio::spawn(async move { serve(&mut proxy).await });
    let first = greeted(port).await;
    let second = greeted(port).await;
    drop(first);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!serving.is_finished());
    drop(second);
    tokio::time::timeout(WAIT, serving)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn the_port_outlives_a_broken_stream() {
    let server = Server::start([display(), Step::HangUp, display()]).await;
    let mut proxy = Proxy::open(server.cluster, "vm1", "/vnc", ADDRESS, 0)
        .await
        .unwrap();
    let port = proxy.port();
    let serving = tokio::spawn(async move { serve(&mut proxy).await });
    let mut first = greeted(port).await;
    first.write_all(b"x").await.unwrap();
    let mut rest = Vec::new();
    let read = tokio::time::timeout(WAIT, first.read_to_end(&mut rest));
    assert_eq!(read.await.unwrap().unwrap_or_default(), 0);
    assert!(!serving.is_finished());
    drop(greeted(port).await);
    tokio::time::timeout(WAIT, serving)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_refusal_comes_before_a_viewer() {
    let server = Server::start([Step::refuse(400, "no graphics device")]).await;
    let opened = Proxy::open(server.cluster, "vm1", "/vnc", ADDRESS, 0).await;
    assert_eq!(opened.err().unwrap().to_string(), "no graphics device");
}
