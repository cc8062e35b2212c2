//! Getting the console's WebSocket, waiting for the virtual machine to run where that makes sense.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use http::{HeaderValue, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use kube::Client;
use kube::client::Body;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::client::Cluster;
use crate::subresource;

/// The stream sub-protocol of all of KubeVirt's WebSockets.
const PROTOCOL: &str = "plain.kubevirt.io";
const RETRY: Duration = Duration::from_millis(250);
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The open console.
pub(crate) type Stream = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

/// Connects, again and again while the virtual machine exists and is not running yet, at most until `limit`.
pub(crate) async fn until(cluster: &Cluster, name: &str, limit: Instant) -> anyhow::Result<Stream> {
    let path = subresource::path(
        &cluster.namespace,
        "virtualmachineinstances",
        name,
        "console",
    )?;
    loop {
        let refusal = match once(&cluster.client, &path).await? {
            Attempt::Connected(stream) => return Ok(*stream),
            Attempt::Refused(status, message) => {
                let passing = match status {
                    StatusCode::BAD_REQUEST | StatusCode::SERVICE_UNAVAILABLE => {
                        !message.contains("autoattachSerialConsole")
                    }
                    // Between a start and the VirtualMachineInstance's creation there is a moment without one.
                    StatusCode::NOT_FOUND => will_exist(cluster, name).await?,
                    _ => false,
                };
                if !passing {
                    bail!("{message}");
                }
                message
            }
        };
        if Instant::now() >= limit {
            bail!(
                "{name} did not run in time: {refusal}; `kubectl describe vmi {name}` tells what it waits for"
            );
        }
        tokio::time::sleep(RETRY).await;
    }
}

enum Attempt {
    Connected(Box<Stream>),
    Refused(StatusCode, String),
}

async fn once(client: &Client, path: &str) -> anyhow::Result<Attempt> {
    let key = generate_key();
    let request = Request::get(path)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, HeaderValue::from_str(&key)?)
        .header(header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL)
        .body(Body::empty())?;
    let response = tokio::time::timeout(HANDSHAKE_TIMEOUT, client.send(request))
        .await
        .context("no answer from the cluster within 10s")?
        .map_err(subresource::plain)?;
    let status = response.status();
    if status != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(Attempt::Refused(
            status,
            refusal(status, response.into_body()).await,
        ));
    }
    let accepted = response
        .headers()
        .get(header::SEC_WEBSOCKET_ACCEPT)
        .map(HeaderValue::as_bytes);
    anyhow::ensure!(
        accepted == Some(derive_accept_key(key.as_bytes()).as_bytes()),
        "the server's WebSocket handshake is wrong: a proxy may be in the way"
    );
    let upgraded = hyper::upgrade::on(response)
        .await
        .context("the connection broke during the WebSocket handshake")?;
    let stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await;
    Ok(Attempt::Connected(Box::new(stream)))
}

/// The `message` of a Kubernetes Status body, or whatever text there is.
async fn refusal(status: StatusCode, body: Body) -> String {
    let bytes = tokio::time::timeout(HANDSHAKE_TIMEOUT, body.collect_bytes()).await;
    let text = match bytes {
        Ok(Ok(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        _ => String::new(),
    };
    let message = serde_json::from_str::<serde_json::Value>(&text)
        .ok()
        .and_then(|value| {
            value
                .get("message")
                .and_then(|message| message.as_str())
                .map(str::to_owned)
        });
    match message {
        Some(message) => message,
        None if text.trim().is_empty() => format!("the server answered {status}"),
        None => text.trim().chars().take(500).collect(),
    }
}

/// Whether a VirtualMachine of that name exists, so that its instance may still come.
async fn will_exist(cluster: &Cluster, name: &str) -> anyhow::Result<bool> {
    let path = format!(
        "/apis/kubevirt.io/v1/namespaces/{}/virtualmachines/{name}",
        cluster.namespace
    );
    let request = Request::get(path).body(Vec::new())?;
    let answer = tokio::time::timeout(
        subresource::CALL_TIMEOUT,
        cluster.client.request_text(request),
    )
    .await
    .context("no answer from the cluster")?;
    match answer {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(error) => Err(subresource::plain(error)),
    }
}
