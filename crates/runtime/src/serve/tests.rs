//! A real server on loopback.

use std::sync::Arc;

use axum::routing::get;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;

use super::*;
use crate::identity::{Identity, TrustBundle};
use crate::tls::{ClientRule, server_config};

const NAME: &str = "virt-api.kubevirt.svc";

struct Running {
    address: SocketAddr,
    client: Arc<rustls::ClientConfig>,
    shutdown: CancellationToken,
    served: tokio::task::JoinHandle<()>,
}

/// A server with a certificate that its clients do not verify.
async fn start(router: Router, limits: Limits) -> Running {
    let identity = Identity::self_signed(&[NAME]).unwrap();
    let tls = ServerTls::new(server_config(&identity, &ClientRule::Anonymous).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let served = tokio::spawn(serve(listener, tls, router, limits, shutdown.clone()));
    Running {
        address,
        client: trusting(&identity),
        shutdown,
        served,
    }
}

/// A self-signed certificate is its own root, for rustls' usual verification.
fn trusting(identity: &Identity) -> Arc<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(identity.certified.cert[0].clone()).unwrap();
    let trust = TrustBundle {
        roots: Arc::new(roots),
    };
    let config = rustls::ClientConfig::builder_with_provider(crate::crypto::provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(trust.roots)
        .with_no_client_auth();
    Arc::new(config)
}

type Sender = hyper::client::conn::http1::SendRequest<Empty<Bytes>>;

async fn connect(running: &Running) -> std::io::Result<Sender> {
    let stream = TcpStream::connect(running.address).await?;
    let name = ServerName::try_from(NAME).map_err(std::io::Error::other)?;
    let stream = TlsConnector::from(running.client.clone())
        .connect(name, stream)
        .await?;
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(std::io::Error::other)?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn ask(sender: &mut Sender, path: &str) -> hyper::Result<String> {
    let request = http::Request::get(path)
        .header("host", NAME)
        .body(Empty::new())
        .unwrap();
    let body = sender
        .send_request(request)
        .await?
        .into_body()
        .collect()
        .await?
        .to_bytes();
    Ok(String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn requests_know_their_peer() {
    let router = Router::new().route(
        "/",
        get(|request: http::Request<axum::body::Body>| async move {
            let certificate = request
                .extensions()
                .get::<PeerCertificate>()
                .unwrap()
                .0
                .is_some();
            let address = request.extensions().get::<PeerAddress>().unwrap().0;
            format!("{certificate} {}", address.ip())
        }),
    );
    let running = start(router, Limits::default()).await;
    let mut sender = connect(&running).await.unwrap();
    assert_eq!(ask(&mut sender, "/").await.unwrap(), "false 127.0.0.1");
    running.shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(5), running.served)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn connections_are_bounded() {
    let router = Router::new().route("/", get(|| async { "here" }));
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let running = start(router, limits).await;
    let mut first = connect(&running).await.unwrap();
    assert_eq!(ask(&mut first, "/").await.unwrap(), "here");
    let waiting = tokio::time::timeout(Duration::from_millis(300), connect(&running)).await;
    assert!(waiting.is_err(), "a second connection was served");
    drop(first);
    let mut second = tokio::time::timeout(Duration::from_secs(5), connect(&running))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ask(&mut second, "/").await.unwrap(), "here");
}

#[tokio::test]
async fn silent_clients_are_sent_away() {
    let limits = Limits {
        handshake: Duration::from_millis(200),
        head: Duration::from_millis(200),
        ..Limits::default()
    };
    let running = start(Router::new(), limits).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let mut rest = Vec::new();
    let ended = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest);
    tokio::time::timeout(Duration::from_secs(5), ended)
        .await
        .unwrap()
        .unwrap();
    let mut idle = connect(&running).await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(ask(&mut idle, "/").await.is_err());
}

#[tokio::test]
async fn requests_finish_at_shutdown() {
    let router = Router::new().route(
        "/slow",
        get(|| async {
            tokio::time::sleep(Duration::from_millis(400)).await;
            "finished"
        }),
    );
    let running = start(router, Limits::default()).await;
    let mut sender = connect(&running).await.unwrap();
    let shutdown = running.shutdown.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        shutdown.cancel();
    });
    assert_eq!(ask(&mut sender, "/slow").await.unwrap(), "finished");
    tokio::time::timeout(Duration::from_secs(5), running.served)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn without_a_certificate_nobody_is_served() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    tokio::spawn(serve(
        listener,
        ServerTls::default(),
        Router::new(),
        Limits::default(),
        shutdown.clone(),
    ));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut rest = Vec::new();
    let ended = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest);
    tokio::time::timeout(Duration::from_secs(5), ended)
        .await
        .unwrap()
        .unwrap();
    shutdown.cancel();
}
