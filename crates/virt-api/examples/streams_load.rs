//! What streams cost, beside the guest's own socket: `bench/streams.sh` runs it and prints what comes out.
//!
//! A Unix socket stands for QEMU's. In this process there are both servers that a stream goes through, each over TLS as in a
//! cluster: one that carries it over a WebSocket (virt-handler's part) and one that relays that (virt-api's).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use kubevirt_runtime::CancellationToken;
use kubevirt_runtime::identity::Identity;
use kubevirt_runtime::serve::{Limits, serve};
use kubevirt_runtime::tls::{ClientRule, ServerTls, server_config};
use kubevirt_streams::{Ending, Handshake, Sessions, duplex, relay};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Bytes, Message, protocol::Role};

const NAME: &str = "bench";
const PLACES: usize = 1100;
const ROUND_TRIPS: usize = 2000;
/// Bytes of the unpaced run, and what the paced guest says each 10 ms: 16 MiB/s, ten times what a serial port of a fast guest
/// says.
const BULK: usize = 128 * 1024 * 1024;
const PACE: usize = 16 * 1024 * 1024 / 100;
const PACED: usize = 300;
const HALF_CLOSED: usize = 1000;

type Client = WebSocketStream<TokioIo<Upgraded>>;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    kubevirt_runtime::crypto::install();
    let directory = std::env::temp_dir().join(format!("streams-load-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let outcome = measure(&directory.join("guest")).await;
    std::fs::remove_dir_all(&directory)?;
    println!("{}", outcome?);
    Ok(())
}

async fn measure(guest: &Path) -> Result<serde_json::Value> {
    let listener = UnixListener::bind(guest)?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(be_guest(stream));
        }
    });
    let shutdown = CancellationToken::new();
    let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()])?;
    let key = made.signing_key.serialize_pem();
    let identity = Identity::from_pem(made.cert.pem().as_bytes(), key.as_bytes())?;
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone())?;
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let (carried, relayed) = (
        Sessions::new(PLACES, shutdown.clone()),
        Sessions::new(PLACES, shutdown.clone()),
    );
    let inner = listen(
        &identity,
        carrying(guest.to_owned(), carried.clone()),
        &shutdown,
    )
    .await?;
    let router = relaying(inner, connector.clone(), relayed.clone());
    let outer = listen(&identity, router, &shutdown).await?;

    let mut raw = UnixStream::connect(guest).await?;
    let raw_trip = trips_raw(&mut raw).await?;
    let raw_bulk = read_raw(guest, b'b', BULK).await?;
    let raw_paced = read_raw(guest, b'p', PACE * PACED).await?;
    let mut client = open(outer, &connector).await?;
    let trip = trips(&mut client).await?;
    let bulk = read(open(outer, &connector).await?, "b", BULK).await?;
    let paced = read(open(outer, &connector).await?, "p", PACE * PACED).await?;
    drop(client);

    let before = resident()?;
    let mut clients = Vec::new();
    for _ in 0..HALF_CLOSED {
        clients.push(open(outer, &connector).await?);
    }
    let after = resident()?;
    let opened = (carried.open(), relayed.open());
    // They neither read nor end: as those of a machine that lost its network.
    let begun = Instant::now();
    while carried.open() + relayed.open() > 0 && begun.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let cleaned = begun.elapsed();
    drop(clients);
    shutdown.cancel();
    let rate = |bytes: usize, took: Duration| bytes as f64 / 1048576.0 / took.as_secs_f64();
    Ok(serde_json::json!({
        "round_trip_ms": { "raw": millis(raw_trip), "stream": millis(trip) },
        "paced_mib_s": { "raw": rate(PACE * PACED, raw_paced), "stream": rate(PACE * PACED, paced) },
        "bulk_mib_s": { "raw": rate(BULK, raw_bulk), "stream": rate(BULK, bulk) },
        "half_closed": {
            "opened": opened.0.min(opened.1), "left": carried.open() + relayed.open(),
            "seconds": cleaned.as_secs_f64(),
            "kib_each": (after.saturating_sub(before)) as f64 / HALF_CLOSED as f64,
        },
    }))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// A guest: echoes; `b` has it say much, `p` at a pace.
async fn be_guest(mut stream: UnixStream) {
    let mut byte = [0];
    while stream.read_exact(&mut byte).await.is_ok() {
        let (size, count, pause) = match byte[0] {
            b'b' => (64 * 1024, BULK / (64 * 1024), None),
            b'p' => (PACE, PACED, Some(Duration::from_millis(10))),
            _ => (1, 1, None),
        };
        let chunk = vec![byte[0]; size];
        let mut tick = pause.map(tokio::time::interval);
        for _ in 0..count {
            if let Some(tick) = &mut tick {
                tick.tick().await;
            }
            if stream.write_all(&chunk).await.is_err() {
                return;
            }
        }
    }
}

async fn trips_raw(stream: &mut UnixStream) -> Result<Duration> {
    let mut took = Vec::new();
    for _ in 0..ROUND_TRIPS {
        let begun = Instant::now();
        stream.write_all(b"x").await?;
        stream.read_exact(&mut [0]).await?;
        took.push(begun.elapsed());
    }
    median(took)
}

async fn trips(client: &mut Client) -> Result<Duration> {
    let mut took = Vec::new();
    for _ in 0..ROUND_TRIPS {
        let begun = Instant::now();
        client
            .send(Message::Binary(Bytes::from_static(b"x")))
            .await?;
        while !client.next().await.context("no answer")??.is_binary() {}
        took.push(begun.elapsed());
    }
    median(took)
}

fn median(mut took: Vec<Duration>) -> Result<Duration> {
    took.sort_unstable();
    took.get(took.len() / 2).copied().context("no round trips")
}

async fn read_raw(guest: &Path, command: u8, total: usize) -> Result<Duration> {
    let mut stream = UnixStream::connect(guest).await?;
    let begun = Instant::now();
    stream.write_all(&[command]).await?;
    let mut buffer = vec![0; 64 * 1024];
    let mut seen = 0;
    while seen < total {
        let count = stream.read(&mut buffer).await?;
        ensure!(count > 0, "the guest ended early");
        seen += count;
    }
    Ok(begun.elapsed())
}

async fn read(mut client: Client, command: &'static str, total: usize) -> Result<Duration> {
    let begun = Instant::now();
    client.send(Message::Binary(command.into())).await?;
    let mut seen = 0;
    while seen < total {
        if let Message::Binary(bytes) = client.next().await.context("it ended early")?? {
            seen += bytes.len();
        }
    }
    Ok(begun.elapsed())
}

async fn listen(
    identity: &Identity,
    router: Router,
    shutdown: &CancellationToken,
) -> Result<std::net::SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let tls = ServerTls::new(server_config(identity, &ClientRule::Anonymous)?);
    let limits = Limits {
        connections: PLACES,
        ..Limits::default()
    };
    tokio::spawn(serve(listener, tls, router, limits, shutdown.clone()));
    Ok(address)
}

/// virt-handler's part.
fn carrying(guest: PathBuf, sessions: Sessions) -> Router {
    Router::new().fallback(move |mut request: Request| {
        let (guest, sessions) = (guest.clone(), sessions.clone());
        async move {
            let answer = async {
                let handshake = Handshake::read(request.headers()).map_err(anyhow::Error::msg)?;
                let place = sessions.place().map_err(|_| anyhow::anyhow!("full"))?;
                let stream = UnixStream::connect(&guest).await?;
                let (read, write) = stream.into_split();
                let upgrade = hyper::upgrade::on(&mut request);
                let shutdown = sessions.shutdown().clone();
                sessions.spawn(place, async move {
                    if let Ok(upgraded) = upgrade.await {
                        let (mut input, mut output) = duplex(read, write, Ending::STOPPED);
                        let stream = TokioIo::new(upgraded);
                        kubevirt_streams::serve(stream, &mut input, &mut output, &shutdown).await;
                    }
                });
                anyhow::Ok(switching(handshake.answer()))
            };
            answer.await.unwrap_or_else(failure)
        }
    })
}

/// virt-api's part.
fn relaying(inner: std::net::SocketAddr, connector: TlsConnector, sessions: Sessions) -> Router {
    Router::new().fallback(move |mut request: Request| {
        let (connector, sessions) = (connector.clone(), sessions.clone());
        async move {
            let answer = async {
                let handshake = Handshake::read(request.headers()).map_err(anyhow::Error::msg)?;
                let place = sessions.place().map_err(|_| anyhow::anyhow!("full"))?;
                let mut response = ask(inner, &connector, handshake.onward()).await?;
                let headers = response.headers().clone();
                let server = hyper::upgrade::on(&mut response);
                let client = hyper::upgrade::on(&mut request);
                let shutdown = sessions.shutdown().clone();
                sessions.spawn(place, async move {
                    if let Ok((client, server)) = tokio::try_join!(client, server) {
                        relay(TokioIo::new(client), TokioIo::new(server), &shutdown).await;
                    }
                });
                anyhow::Ok(switching(headers))
            };
            answer.await.unwrap_or_else(failure)
        }
    })
}

fn switching(headers: http::HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
    *response.headers_mut() = headers;
    response
}

fn failure(error: anyhow::Error) -> Response {
    let mut response = Response::new(Body::from(format!("{error:#}")));
    *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
    response
}

async fn ask(
    address: std::net::SocketAddr,
    connector: &TlsConnector,
    headers: http::HeaderMap,
) -> Result<http::Response<hyper::body::Incoming>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let stream = connector
        .connect(ServerName::try_from(NAME)?, stream)
        .await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake::<_, Body>(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    let mut request = http::Request::get("/")
        .header("host", NAME)
        .body(Body::empty())?;
    request.headers_mut().extend(headers);
    let response = sender.send_request(request).await?;
    ensure!(
        response.status() == http::StatusCode::SWITCHING_PROTOCOLS,
        "the server answered {}",
        response.status()
    );
    Ok(response)
}

async fn open(address: std::net::SocketAddr, connector: &TlsConnector) -> Result<Client> {
    let mut headers = http::HeaderMap::new();
    for (name, value) in [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-protocol", kubevirt_streams::PROTOCOL),
    ] {
        headers.insert(name, value.parse()?);
    }
    let response = ask(address, connector, headers).await?;
    let upgraded = hyper::upgrade::on(response).await?;
    Ok(Client::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await)
}

/// Memory of this process, in KiB.
fn resident() -> Result<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.context("no VmRSS")?.parse()?)
}
