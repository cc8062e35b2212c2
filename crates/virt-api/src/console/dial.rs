//! The way to virt-handler: its pod on the node, mutual TLS, and the WebSocket handshake.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, Client};
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Consoles;
use crate::status::Refusal;

/// Connecting and TLS.
const CONNECT: Duration = Duration::from_secs(5);
/// virt-handler's answer to the handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Most bytes of a refusal that are passed on.
const REFUSAL: usize = 16 * 1024;

/// virt-handler's agreement.
pub(super) struct Answer {
    pub(super) headers: HeaderMap,
    pub(super) upgrade: OnUpgrade,
}

/// Asks virt-handler on `node` for `path` with the client's handshake.
pub(super) async fn dial(
    consoles: &Consoles,
    client: &Client,
    node: &str,
    path: &str,
    handshake: HeaderMap,
) -> Result<Answer, Refusal> {
    let address = SocketAddr::new(handler(consoles, client, node).await?, consoles.port);
    let failed = |what: String| {
        Refusal::internal(format!("virt-handler of node {node:?} ({address}): {what}"))
    };
    let Some(tls) = consoles.tls.get() else {
        return Err(failed(
            "virt-api has no client certificate yet, try again".to_owned(),
        ));
    };
    let connecting = async {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        kubevirt_runtime::serve::keep_alive::set(&stream);
        let name = ServerName::IpAddress(address.ip().into());
        tokio_rustls::TlsConnector::from(tls)
            .connect(name, stream)
            .await
    };
    let stream = match timeout(CONNECT, connecting).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(failed(format!("cannot connect: {error}"))),
        Err(_) => {
            return Err(failed(format!(
                "no connection within {} s",
                CONNECT.as_secs()
            )));
        }
    };
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake::<_, Body>(TokioIo::new(stream))
            .await
            .map_err(|error| failed(error.to_string()))?;
    tokio::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "connection to virt-handler ended");
        }
    });
    let mut request = Request::get(path)
        .header(header::HOST, "virt-handler")
        .body(Body::empty())
        .map_err(|error| failed(error.to_string()))?;
    request.headers_mut().extend(handshake);
    let mut response = match timeout(HANDSHAKE, sender.send_request(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(failed(error.to_string())),
        Err(_) => {
            return Err(failed(format!(
                "no answer within {} s",
                HANDSHAKE.as_secs()
            )));
        }
    };
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let status = response.status();
        let body = timeout(
            CONNECT,
            Limited::new(response.into_body(), REFUSAL).collect(),
        )
        .await;
        let text = match body {
            Ok(Ok(body)) => String::from_utf8_lossy(&body.to_bytes()).trim().to_owned(),
            Ok(Err(_)) | Err(_) => String::new(),
        };
        return Err(refused(status, &text, node));
    }
    let mut headers = HeaderMap::new();
    for name in [
        header::CONNECTION,
        header::UPGRADE,
        header::SEC_WEBSOCKET_ACCEPT,
        header::SEC_WEBSOCKET_PROTOCOL,
    ] {
        if let Some(value) = response.headers().get(&name) {
            headers.insert(name, value.clone());
        }
    }
    Ok(Answer {
        headers,
        upgrade: hyper::upgrade::on(&mut response),
    })
}

/// What virt-handler said, as an answer of ours. It may be a `Status` or plain text.
fn refused(code: StatusCode, text: &str, node: &str) -> Refusal {
    let message = serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|status| Some(status.get("message")?.as_str()?.to_owned()))
        .unwrap_or_else(|| text.to_owned());
    let message = if message.is_empty() {
        format!("virt-handler of node {node:?} answered {code}")
    } else {
        message
    };
    let known = matches!(code.as_u16(), 400 | 404 | 409 | 503);
    if known {
        Refusal::new(code, message)
    } else {
        Refusal::internal(message)
    }
}

/// The address of virt-handler's pod on `node`.
async fn handler(consoles: &Consoles, client: &Client, node: &str) -> Result<IpAddr, Refusal> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), &consoles.namespace);
    let which = ListParams::default()
        .labels("kubevirt.io=virt-handler")
        .fields(&format!("spec.nodeName={node},status.phase=Running"))
        .limit(10);
    let listed = pods.list(&which).await.map_err(|error| {
        Refusal::internal(format!(
            "cannot look for virt-handler of node {node:?}: {error}"
        ))
    })?;
    pick(&listed.items).ok_or_else(|| {
        Refusal::internal(format!(
            "no virt-handler runs on node {node:?}: see the DaemonSet virt-handler"
        ))
    })
}

/// Prefers a pod that is ready and not about to go.
pub(super) fn pick(pods: &[Pod]) -> Option<IpAddr> {
    let ready = |pod: &Pod| {
        let conditions = pod
            .status
            .as_ref()
            .and_then(|status| status.conditions.as_deref())
            .unwrap_or_default();
        conditions
            .iter()
            .any(|condition| condition.type_ == "Ready" && condition.status == "True")
    };
    pods.iter()
        .filter_map(|pod| {
            let address: IpAddr = pod.status.as_ref()?.pod_ip.as_ref()?.parse().ok()?;
            Some((
                pod.metadata.deletion_timestamp.is_some(),
                !ready(pod),
                address,
            ))
        })
        .min()
        .map(|(_, _, address)| address)
}
