//! A console from a client through the aggregated API to a virt-handler, all over real TLS on loopback.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use futures::{SinkExt, StreamExt};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use kubevirt_api::{KubeVirt, KubeVirtSpec};
use kubevirt_runtime::config_watch::ConfigWatch;
use kubevirt_runtime::identity::{Identity, TrustBundle};
use kubevirt_runtime::serve::{Limits, serve};
use kubevirt_runtime::tls::{ClientRule, ClientTls, ServerTls, client_config, server_config};
use rustls_pki_types::ServerName;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::*;
use crate::aggregated::{Aggregated, front_proxy::FrontProxy, router};
use crate::certificates::authority::{Pair, create, issue};
use crate::certificates::{API_CLIENT_NAME, HANDLER_NAME, Leaf, Usage, leaves};
use crate::connectivity::Connectivity;
use crate::handler::Handlers;
use crate::testing::{self, failure};

const PATH: &str =
    "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/console";

fn identity(pair: &Pair) -> Identity {
    Identity::from_pem(pair.certificate.as_bytes(), pair.key.as_bytes()).unwrap()
}

/// All that is needed, listening on loopback.
struct World {
    address: std::net::SocketAddr,
    front_proxy: Identity,
    trust: TrustBundle,
    shutdown: CancellationToken,
}

/// `handler` serves what stands for virt-handler, whose certificate is for `handler_leaf`.
async fn world(handler: Router, handler_leaf: usize) -> World {
    let now = Timestamp::now().as_second();
    let (ca, proxy_ca) = (create(now).unwrap(), create(now).unwrap());
    let trust = TrustBundle::from_pem(ca.certificate.as_bytes()).unwrap();
    let made: Vec<Identity> = leaves("kubevirt")
        .iter()
        .map(|leaf| identity(&issue(&ca, leaf, now).unwrap()))
        .collect();
    let leaf = Leaf {
        secret: "",
        common_name: "front-proxy-client".to_owned(),
        dns_names: vec![],
        usage: Usage::Client,
    };
    let front_proxy = identity(&issue(&proxy_ca, &leaf, now).unwrap());
    let shutdown = CancellationToken::new();

    let rule = ClientRule::Named {
        trust: trust.clone(),
        names: vec![API_CLIENT_NAME.to_owned()],
    };
    let handler_tls = ServerTls::new(server_config(&made[handler_leaf], &rule).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve(
        listener,
        handler_tls,
        handler,
        Limits::default(),
        shutdown.clone(),
    ));

    let (client, _) = testing::client(cluster);
    let map = json!({ "data": {
        "requestheader-client-ca-file": proxy_ca.certificate,
        "requestheader-allowed-names": "[\"front-proxy-client\"]",
    }});
    let proxy = FrontProxy::from_config_map(&serde_json::from_value(map).unwrap());
    let rule = ClientRule::Optional(proxy.trust.clone().unwrap());
    let (_, receiver) = watch::channel(Some(Arc::new(proxy)));
    let dialling = client_config(Some(&made[2]), &trust, HANDLER_NAME).unwrap();
    let config = ConfigWatch::fixed(KubeVirt::new("kubevirt", KubeVirtSpec::default()));
    let aggregated = Aggregated {
        client: client.clone(),
        front_proxy: receiver,
        streams: Streams::new(shutdown.clone()),
        connectivity: Connectivity::new(client, config.clone()),
        config,
        handlers: Handlers::new(ClientTls::new(dialling), "kubevirt", port),
        images: crate::aggregated::guestfs::Images::default(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = ServerTls::new(server_config(&made[0], &rule).unwrap());
    tokio::spawn(serve(
        listener,
        tls,
        router(aggregated),
        Limits::default(),
        shutdown.clone(),
    ));
    World {
        address,
        front_proxy,
        trust,
        shutdown,
    }
}

fn cluster(method: &str, path: &str, body: &Value) -> (u16, Value) {
    match (method, path.split('?').next().unwrap()) {
        ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews") => {
            let mut review = body.clone();
            review["status"] = json!({ "allowed": true });
            (201, review)
        }
        ("GET", "/apis/kubevirt.io/v1/namespaces/default/virtualmachineinstances/web") => {
            let instance = json!({
                "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
                "metadata": { "name": "web", "namespace": "default" },
                "spec": { "domain": { "devices": {} } },
                "status": { "phase": "Running", "nodeName": "node1", "interfaces": [{ "ipAddress": "127.0.0.1" }] },
            });
            (200, instance)
        }
        ("GET", "/apis/kubevirt.io/v1/namespaces/default/virtualmachines/web") => {
            let machine = json!({
                "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
                "metadata": { "name": "web", "namespace": "default" },
                "spec": { "runStrategy": "Always", "template": { "spec": { "domain": { "devices": {} } } } },
            });
            (200, machine)
        }
        ("GET", "/api/v1/namespaces/kubevirt/pods") => {
            assert!(
                path.contains("node1"),
                "only the pods of the node are asked for"
            );
            let pod = json!({ "metadata": { "name": "virt-handler-x" }, "status": { "podIP": "127.0.0.1" } });
            (
                200,
                json!({ "kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": [pod] }),
            )
        }
        _ => failure(404, "NotFound", "not found"),
    }
}

/// Echoes what comes, after a greeting.
fn echo() -> Router {
    let console = |mut request: Request<Body>| async move {
        assert_eq!(request.headers()["sec-websocket-key"], "a2V5");
        assert!(!request.headers().contains_key("x-remote-user"));
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let mut stream = TokioIo::new(upgrade.await.unwrap());
            stream.write_all(b"hello").await.unwrap();
            let (mut read, mut write) = tokio::io::split(stream);
            let _ = tokio::io::copy(&mut read, &mut write).await;
            let _ = write.shutdown().await;
        });
        let response = Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-accept", "accepted")
            .header("sec-websocket-protocol", kubevirt_streams::PROTOCOL);
        response.body(Body::empty()).unwrap()
    };
    Router::new().route(
        "/v1/namespaces/default/virtualmachineinstances/web/console",
        get(console),
    )
}

/// Asks for the console as kube-apiserver would.
async fn ask(world: &World) -> http::Response<hyper::body::Incoming> {
    ask_for(world, PATH).await
}

async fn ask_for(world: &World, path: &str) -> http::Response<hyper::body::Incoming> {
    let tls = client_config(
        Some(&world.front_proxy),
        &world.trust,
        "virt-api.kubevirt.svc",
    )
    .unwrap();
    let stream = TcpStream::connect(world.address).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let stream = tokio_rustls::TlsConnector::from(tls)
        .connect(name, stream)
        .await
        .unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection.with_upgrades());
    let request = Request::get(path)
        .header("host", "virt-api")
        .header("x-remote-user", "alice")
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-key", "a2V5")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-protocol", kubevirt_streams::PROTOCOL)
        .body(Body::empty())
        .unwrap();
    sender.send_request(request).await.unwrap()
}

#[tokio::test]
async fn bytes_go_both_ways_until_one_side_ends() {
    let world = world(echo(), 1).await;
    let mut response = ask(&world).await;
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(response.headers()["sec-websocket-accept"], "accepted");
    assert_eq!(
        response.headers()["sec-websocket-protocol"],
        kubevirt_streams::PROTOCOL
    );
    let mut stream = TokioIo::new(hyper::upgrade::on(&mut response).await.unwrap());
    let mut greeting = [0; 5];
    stream.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"hello");

    let sent: Vec<u8> = (0..1_000_000_u32)
        .map(|number| u8::try_from(number % 251).unwrap())
        .collect();
    let (mut read, mut write) = tokio::io::split(stream);
    let writing = async {
        write.write_all(&sent).await.unwrap();
        write.shutdown().await.unwrap();
    };
    let mut received = Vec::new();
    let reading = read.read_to_end(&mut received);
    let both = tokio::time::timeout(Duration::from_secs(20), async {
        tokio::join!(writing, reading)
    });
    both.await.unwrap().1.unwrap();
    assert!(
        received == sent,
        "{} of {} bytes came back",
        received.len(),
        sent.len()
    );
    world.shutdown.cancel();
}

#[tokio::test]
async fn what_virt_handler_refuses_is_a_status() {
    let refuse = || async { (StatusCode::NOT_FOUND, "the domain has no serial console\n") };
    let handler = Router::new().fallback(refuse);
    let world = world(handler, 1).await;
    let response = ask(&world).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let status: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(status["message"], "the domain has no serial console");
}

#[tokio::test]
async fn another_server_on_the_address_is_not_virt_handler() {
    // It has a certificate of the installation, but virt-api's.
    let world = world(echo(), 0).await;
    let response = ask(&world).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn consoles_end_at_shutdown() {
    let world = world(echo(), 1).await;
    let mut response = ask(&world).await;
    let mut stream = TokioIo::new(hyper::upgrade::on(&mut response).await.unwrap());
    stream.read_exact(&mut [0; 5]).await.unwrap();
    world.shutdown.cancel();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the console is still open");
}

const BASE: &str = "/apis/subresources.kubevirt.io/v1/namespaces/default";

type Client = tokio_tungstenite::WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

async fn forward(world: &World, tail: &str) -> Client {
    let mut response = ask_for(world, &format!("{BASE}/{tail}")).await;
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    let stream = TokioIo::new(hyper::upgrade::on(&mut response).await.unwrap());
    Client::from_raw_socket(stream, Role::Client, None).await
}

async fn next(client: &mut Client) -> Message {
    loop {
        let message = tokio::time::timeout(Duration::from_secs(10), client.next());
        match message.await.unwrap().unwrap().unwrap() {
            Message::Ping(_) | Message::Pong(_) => {}
            message => return message,
        }
    }
}

#[tokio::test]
async fn a_tcp_port_is_reached_and_its_end_is_told_after_all_was_said() {
    let world = world(Router::new(), 1).await;
    let guest = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = guest.local_addr().unwrap().port();
    for kind in ["virtualmachines", "virtualmachineinstances"] {
        let mut client = forward(&world, &format!("{kind}/web/portforward/{port}")).await;
        let (mut socket, _) = guest.accept().await.unwrap();
        client.send(Message::Binary("GET /".into())).await.unwrap();
        let mut asked = [0; 5];
        socket.read_exact(&mut asked).await.unwrap();
        assert_eq!(&asked, b"GET /");
        socket.write_all(b"hello").await.unwrap();
        drop(socket);
        assert_eq!(next(&mut client).await, Message::Binary("hello".into()));
        let Message::Close(Some(frame)) = next(&mut client).await else {
            panic!("no Close frame");
        };
        assert_eq!(frame.reason, "the guest closed the connection");
    }
    // Nobody listens.
    drop(guest);
    let path = format!("{BASE}/virtualmachineinstances/web/portforward/{port}/tcp");
    let response = ask_for(&world, &path).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    world.shutdown.cancel();
}

#[tokio::test]
async fn a_datagram_is_a_message() {
    let world = world(Router::new(), 1).await;
    let guest = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = guest.local_addr().unwrap().port();
    let tail = format!("virtualmachineinstances/web/portforward/{port}/udp");
    let mut client = forward(&world, &tail).await;
    let large = vec![7; 30_000];
    for datagram in [&b"one"[..], &b"two"[..], &large] {
        let message = Message::Binary(datagram.to_vec().into());
        client.send(message.clone()).await.unwrap();
        let mut buffer = vec![0; 65_536];
        let (length, from) = guest.recv_from(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], datagram);
        guest.send_to(datagram, from).await.unwrap();
        assert_eq!(next(&mut client).await, message);
    }
    // The end of virt-api is told.
    world.shutdown.cancel();
    let Message::Close(Some(frame)) = next(&mut client).await else {
        panic!("no Close frame");
    };
    assert_eq!(frame.code, CloseCode::Restart);
}
