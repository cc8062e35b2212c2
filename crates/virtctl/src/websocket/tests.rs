use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::testing::{Peer, Server, Step};
use super::*;

const PATH: &str =
    "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/vm1/console";

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

async fn echo(mut peer: Peer) {
    while let Some(Ok(message)) = peer.next().await {
        if message.is_binary() {
            peer.send(message).await.unwrap();
        }
    }
}

async fn stopped(mut peer: Peer) {
    let frame = CloseFrame {
        code: CloseCode::Normal,
        reason: "VM stopped".into(),
    };
    peer.close(Some(frame)).await.unwrap();
    while let Some(Ok(_)) = peer.next().await {}
}

#[tokio::test]
async fn bytes_go_both_ways_and_the_end_of_the_input_is_a_close() {
    let server = Server::start([Step::open(echo)]).await;
    let mut stream = connect(&server.cluster.client, PATH).await.unwrap();
    let (mut user, ours) = tokio::io::duplex(64 * 1024);
    let (mut from, mut to) = tokio::io::split(ours);
    let relaying =
        tokio::spawn(async move { relay(&mut stream, &mut from, &mut to, AfterEnd::Close).await });
    user.write_all(b"hello").await.unwrap();
    let mut answer = [0; 5];
    user.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"hello");
    user.shutdown().await.unwrap();
    assert!(matches!(relaying.await.unwrap().unwrap(), Ended::Local));
    assert_eq!(server.asked(), [PATH]);
}

#[tokio::test]
async fn a_half_closed_input_still_gets_its_answer() {
    let late = |mut peer: Peer| async move {
        let _ = peer.next().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let answer = Message::Binary(Bytes::from_static(b"answer"));
        peer.send(answer).await.unwrap();
        while let Some(Ok(_)) = peer.next().await {}
    };
    let server = Server::start([Step::open(late)]).await;
    let mut stream = connect(&server.cluster.client, PATH).await.unwrap();
    let mut output = Vec::new();
    let after = AfterEnd::Linger(Duration::from_secs(1));
    let ended = relay(&mut stream, &mut &b"question"[..], &mut output, after).await;
    assert!(matches!(ended.unwrap(), Ended::Local));
    assert_eq!(output, b"answer");
}

#[tokio::test]
async fn the_reason_of_the_end_comes_through() {
    let server = Server::start([Step::open(stopped), Step::open(async |peer| drop(peer))]).await;
    for (again, reason) in [(false, "VM stopped"), (true, "")] {
        let mut stream = connect(&server.cluster.client, PATH).await.unwrap();
        let mut output = Vec::new();
        let ended = relay(
            &mut stream,
            &mut tokio::io::empty(),
            &mut output,
            AfterEnd::Stay,
        )
        .await;
        let Ended::Remote(closing) = ended.unwrap() else {
            panic!("the local side ended it")
        };
        assert_eq!(closing.again(Duration::ZERO), again, "{closing:?}");
        assert!(closing.reason.contains(reason), "{closing:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_the_servers_words() {
    let server = Server::start([
        Step::refuse(409, "VMI is in failed status"),
        Step::Answer(502, String::new()),
    ])
    .await;
    let error = connect(&server.cluster.client, PATH).await.unwrap_err();
    assert_eq!(error.to_string(), "VMI is in failed status");
    let error = connect(&server.cluster.client, PATH).await.unwrap_err();
    assert!(error.to_string().contains("502"), "{error}");
}

#[tokio::test]
async fn a_machine_that_does_not_run_yet_is_waited_for() {
    let server = Server::start([
        Step::refuse(404, "no such instance"),
        Step::Answer(200, "{}".to_owned()),
        Step::refuse(400, "VMI is not running"),
        Step::open(echo),
    ])
    .await;
    first(&server.cluster, "vm1", PATH, soon()).await.unwrap();
    let asked = server.asked();
    assert!(asked[1].ends_with("/virtualmachines/vm1"), "{asked:?}");
    assert_eq!(asked.len(), 4);
}

#[tokio::test]
async fn a_machine_without_the_device_is_not_waited_for() {
    let message = "spec.domain.devices.autoattachSerialConsole is false";
    let server = Server::start([Step::refuse(400, message)]).await;
    let error = first(&server.cluster, "vm1", PATH, soon())
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), message);
}

#[tokio::test]
async fn a_wait_has_an_end() {
    let server = Server::start([Step::refuse(400, "VMI is not running")]).await;
    let error = first(&server.cluster, "vm1", PATH, Instant::now()).await;
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("did not run in time")
    );
}

#[tokio::test]
async fn a_broken_stream_is_opened_again_while_the_machine_lives() {
    let alive = r#"{"status": {"phase": "Running"}}"#.to_owned();
    let server = Server::start([
        Step::HangUp,
        Step::refuse(503, "virt-handler is away"),
        Step::Answer(200, alive),
        Step::open(echo),
    ])
    .await;
    let outcome = again(&server.cluster, "vm1", PATH, soon()).await.unwrap();
    assert!(matches!(outcome, Again::Connected(_)));
}

#[tokio::test]
async fn a_broken_stream_of_a_stopped_machine_is_not() {
    let ended = r#"{"status": {"phase": "Succeeded"}}"#.to_owned();
    for (code, object) in [
        (404, Step::refuse(404, "gone")),
        (400, Step::Answer(200, ended)),
    ] {
        let server = Server::start([Step::refuse(code, "VMI is not running"), object]).await;
        let outcome = again(&server.cluster, "vm1", PATH, soon()).await.unwrap();
        let Again::Stopped(reason) = outcome else {
            panic!("connected")
        };
        assert!(reason.contains("stopped"), "{reason}");
    }
}
