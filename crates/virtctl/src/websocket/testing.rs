//! A server for the tests: it speaks WebSocket on some paths and plain HTTP on the rest.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use kube::{Client, Config};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::client::Cluster;

/// The server's end of a stream.
pub(crate) type Peer = WebSocketStream<TcpStream>;
type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the server does with one request.
pub(crate) enum Step {
    /// Opens the stream and runs this on it.
    Open(Box<dyn FnOnce(Peer) -> Serving + Send>),
    /// Answers with a status and a body.
    Answer(u16, String),
    /// Hangs up.
    HangUp,
}

impl Step {
    pub(crate) fn open<F: Future<Output = ()> + Send + 'static>(
        serve: impl FnOnce(Peer) -> F + Send + 'static,
    ) -> Self {
        Self::Open(Box::new(move |peer| Box::pin(serve(peer))))
    }

    /// A `Status` with this message.
    pub(crate) fn refuse(code: u16, message: &str) -> Self {
        let body = serde_json::json!({
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code,
        });
        Self::Answer(code, body.to_string())
    }
}

/// A server that does its steps one request after the other, and then hangs up on each.
pub(crate) struct Server {
    pub(crate) cluster: Cluster,
    /// The path and query of each request so far.
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) async fn start(steps: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let mut steps: VecDeque<Step> = steps.into_iter().collect();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client may open a connection ahead of its need.
                let Some((stream, path, key)) = request(stream).await else {
                    continue;
                };
                seen.lock().unwrap().push(path);
                match steps.pop_front() {
                    Some(step) => drop(tokio::spawn(answer(stream, key, step))),
                    None => drop(stream),
                }
            }
        });
        let mut config = Config::new(format!("http://{address}").parse().unwrap());
        config.default_retry = false;
        let cluster = Cluster {
            client: Client::try_from(config).unwrap(),
            namespace: "default".to_owned(),
        };
        Self { cluster, asked }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Reads a request's head: its path, and its WebSocket key if it has one.
async fn request(mut stream: TcpStream) -> Option<(TcpStream, String, Option<String>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let path = head.split(' ').nth(1)?.to_owned();
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("sec-websocket-key")
            .then(|| value.to_owned())
    });
    Some((stream, path, key))
}

async fn answer(mut stream: TcpStream, key: Option<String>, step: Step) {
    match step {
        Step::Open(serve) => {
            let accept = derive_accept_key(key.unwrap().as_bytes());
            let head = format!(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: plain.kubevirt.io\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            serve(WebSocketStream::from_raw_socket(stream, Role::Server, None).await).await;
        }
        Step::Answer(code, body) => {
            let head = format!(
                "HTTP/1.1 {code} Answer\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(body.as_bytes()).await;
        }
        Step::HangUp => drop(stream),
    }
}
