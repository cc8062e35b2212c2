//! The streams of the aggregated API: console, display, ports, USB.
//!
//! All are WebSockets with the sub-protocol `plain.kubevirt.io`: the stream's bytes go in binary messages, without a channel
//! byte, and text is no part of it. The target is checked before the `101`, so that a refusal is an ordinary HTTP answer with
//! a `Status`.

mod closing;
mod relay;
#[cfg(test)]
pub(crate) mod testing;
mod waiting;

pub(crate) use closing::Closing;
pub(crate) use relay::{AfterEnd, Ended, close, relay};
pub(crate) use waiting::{Again, again, first};

use std::time::Duration;

use anyhow::Context;
use http::{HeaderValue, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use kube::Client;
use kube::client::Body;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::subresource;

/// The sub-protocol of all of KubeVirt's streams.
const PROTOCOL: &str = "plain.kubevirt.io";
/// How long the answer to a handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest message that is taken, in bytes. Servers send at most 64 KiB, the largest datagram.
const MAX_MESSAGE: usize = 1024 * 1024;
/// What is read from the connection at once, in bytes.
const READ_BUFFER: usize = 32 * 1024;
/// The most of a refusal's text that is shown, in characters.
const MAX_REFUSAL: usize = 500;

/// An open stream.
pub(crate) type Stream = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

/// What the server said to a handshake.
pub(crate) enum Attempt {
    /// The stream is open.
    Connected(Box<Stream>),
    /// The server does not open it.
    Refused(Refusal),
}

/// Why the server does not open a stream.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The server's words.
    pub(crate) message: String,
}

/// Opens the stream at `path`, which may have a query.
///
/// # Errors
/// When the server says no, in its words, and when there is no answer.
pub(crate) async fn connect(client: &Client, path: &str) -> anyhow::Result<Stream> {
    match attempt(client, path).await? {
        Attempt::Connected(stream) => Ok(*stream),
        Attempt::Refused(refusal) => Err(anyhow::anyhow!("{}", refusal.message)),
    }
}

/// Asks once for the stream at `path`.
///
/// # Errors
/// When there is no answer, or none that is a WebSocket handshake or an HTTP error.
pub(crate) async fn attempt(client: &Client, path: &str) -> anyhow::Result<Attempt> {
    attempt_with(client, path, PROTOCOL).await
}

/// Like [`attempt`], for streams of Kubernetes itself, with their own sub-protocols.
///
/// # Errors
/// As those of [`attempt`].
pub(crate) async fn attempt_with(
    client: &Client,
    path: &str,
    protocols: &str,
) -> anyhow::Result<Attempt> {
    let key = generate_key();
    let request = Request::get(path)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, HeaderValue::from_str(&key)?)
        .header(header::SEC_WEBSOCKET_PROTOCOL, protocols)
        .body(Body::empty())?;
    let response = tokio::time::timeout(HANDSHAKE_TIMEOUT, client.send(request))
        .await
        .with_context(|| {
            format!(
                "no answer from the cluster within {}s",
                HANDSHAKE_TIMEOUT.as_secs()
            )
        })?
        .map_err(subresource::plain)?;
    let status = response.status();
    if status != StatusCode::SWITCHING_PROTOCOLS {
        let message = refusal(status, response.into_body()).await;
        return Ok(Attempt::Refused(Refusal { status, message }));
    }
    let accepted = response
        .headers()
        .get(header::SEC_WEBSOCKET_ACCEPT)
        .map(HeaderValue::as_bytes);
    anyhow::ensure!(
        accepted == Some(derive_accept_key(key.as_bytes()).as_bytes()),
        "the server's WebSocket handshake is wrong: a proxy may be in the way"
    );
    let upgraded = tokio::time::timeout(HANDSHAKE_TIMEOUT, hyper::upgrade::on(response))
        .await
        .context("the WebSocket handshake did not end")?
        .context("the connection broke during the WebSocket handshake")?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    let stream =
        WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, Some(config)).await;
    Ok(Attempt::Connected(Box::new(stream)))
}

/// The `message` of a Kubernetes Status body, or whatever text there is.
async fn refusal(status: StatusCode, body: Body) -> String {
    let bytes = tokio::time::timeout(HANDSHAKE_TIMEOUT, body.collect_bytes()).await;
    match bytes {
        Ok(Ok(bytes)) => message(status, &bytes),
        _ => message(status, b""),
    }
}

/// What a person is told of an HTTP error with this body.
pub(crate) fn message(status: StatusCode, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let message = serde_json::from_str::<serde_json::Value>(&text)
        .ok()
        .and_then(|value| {
            value
                .get("message")
                .and_then(|message| message.as_str())
                .filter(|message| !message.is_empty())
                .map(str::to_owned)
        });
    match message {
        Some(message) => message,
        None if text.trim().is_empty() => format!("the server answered {status}"),
        None => text.trim().chars().take(MAX_REFUSAL).collect(),
    }
}

#[cfg(test)]
mod tests;
