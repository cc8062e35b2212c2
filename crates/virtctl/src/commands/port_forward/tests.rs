use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::*;
use crate::websocket::testing::{Peer, Server, Step};

const WAIT: Duration = Duration::from_secs(20);
const LOCAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// Says each message back, in capitals.
fn shout() -> Step {
    Step::open(|mut peer: Peer| async move {
        while let Some(Ok(message)) = peer.next().await {
            if let Message::Binary(bytes) = message {
                let answer = Message::Binary(bytes.to_ascii_uppercase().into());
                peer.send(answer).await.unwrap();
            }
        }
    })
}

fn machine(server: &Server) -> Machine {
    Machine {
        client: server.cluster.client.clone(),
        namespace: "default".to_owned(),
        target: Target::parse("vm/vm1").unwrap(),
    }
}

async fn ask(stream: &mut TcpStream, question: &str) -> String {
    stream.write_all(question.as_bytes()).await.unwrap();
    let mut answer = vec![0; question.len()];
    let read = stream.read_exact(&mut answer);
    tokio::time::timeout(WAIT, read).await.unwrap().unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn each_connection_has_a_stream_and_a_failing_one_does_not_end_the_others() {
    let server = Server::start([
        shout(),
        Step::refuse(500, "connection refused by the guest"),
        shout(),
    ])
    .await;
    let machine = machine(&server);
    let port = Port::parse("0:80").unwrap();
    let listener = tcp::listen(LOCAL, port, &machine).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(tcp::serve(listener, port, machine));

    let mut first = TcpStream::connect(address).await.unwrap();
    assert_eq!(ask(&mut first, "one").await, "ONE");
    let mut failing = TcpStream::connect(address).await.unwrap();
    let mut rest = Vec::new();
    let read = tokio::time::timeout(WAIT, failing.read_to_end(&mut rest));
    assert_eq!(read.await.unwrap().unwrap_or_default(), 0);
    let mut third = TcpStream::connect(address).await.unwrap();
    assert_eq!(ask(&mut third, "three").await, "THREE");
    assert_eq!(ask(&mut first, "again").await, "AGAIN");
    let path = "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/vm1/portforward/80/tcp";
    assert_eq!(server.asked(), [path, path, path]);
}

#[tokio::test]
async fn the_end_of_the_guests_side_ends_the_local_connection() {
    let server = Server::start([Step::open(|mut peer: Peer| async move {
        peer.send(Message::Binary("bye".into())).await.unwrap();
        let frame = CloseFrame {
            code: CloseCode::Normal,
            reason: "".into(),
        };
        peer.close(Some(frame)).await.unwrap();
        while let Some(Ok(_)) = peer.next().await {}
    })])
    .await;
    let machine = machine(&server);
    let port = Port::parse("0:80").unwrap();
    let listener = tcp::listen(LOCAL, port, &machine).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(tcp::serve(listener, port, machine));
    let mut local = TcpStream::connect(address).await.unwrap();
    let mut text = String::new();
    let read = tokio::time::timeout(WAIT, local.read_to_string(&mut text));
    read.await.unwrap().unwrap();
    assert_eq!(text, "bye");
}

#[tokio::test]
async fn each_udp_address_has_a_stream_with_whole_datagrams() {
    let server = Server::start([shout(), shout()]).await;
    let machine = machine(&server);
    let port = Port::parse("udp/0:53").unwrap();
    let socket = udp::listen(LOCAL, port, &machine).await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(udp::serve(socket, port, machine));
    let mut buffer = [0; 64];
    for name in ["first", "second"] {
        let local = UdpSocket::bind((LOCAL, 0)).await.unwrap();
        local.connect(address).await.unwrap();
        for text in [name, "more"] {
            local.send(text.as_bytes()).await.unwrap();
        }
        for text in [name, "more"] {
            let received = tokio::time::timeout(WAIT, local.recv(&mut buffer));
            let count = received.await.unwrap().unwrap();
            assert_eq!(&buffer[..count], text.to_ascii_uppercase().as_bytes());
        }
    }
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].ends_with("/portforward/53/udp"), "{asked:?}");
}

#[test]
fn addresses_may_be_of_both_families() {
    for good in ["127.0.0.1", "localhost", "0.0.0.0", "::1", "[::1]"] {
        assert!(local_address(good).is_ok(), "{good}");
    }
    assert!(local_address("here").is_err());
}
