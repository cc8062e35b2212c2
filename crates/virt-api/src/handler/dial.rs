//! A request to virt-handler that becomes a WebSocket.

use std::time::Duration;

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::upgrade::OnUpgrade;
use tokio::time::timeout;

use super::connect::connect;
use super::refused::refused;
use crate::aggregated::Aggregated;
use crate::status::Refusal;

/// virt-handler's answer to the handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Reading a refusal.
const READ: Duration = Duration::from_secs(5);
/// Most bytes of a refusal that are passed on.
const REFUSAL: usize = 16 * 1024;

/// virt-handler's agreement.
pub(crate) struct Answer {
    /// Those of the handshake.
    pub(crate) headers: HeaderMap,
    pub(crate) upgrade: OnUpgrade,
}

/// Asks virt-handler on `node` for `path` (with its query) with the client's handshake.
pub(crate) async fn dial(
    context: &Aggregated,
    node: &str,
    path: &str,
    handshake: HeaderMap,
) -> Result<Answer, Refusal> {
    let mut connection = connect(context, node).await?;
    let mut request = Request::get(path)
        .header(header::HOST, "virt-handler")
        .body(Body::empty())
        .map_err(|error| connection.failed(error))?;
    request.headers_mut().extend(handshake);
    let answer = timeout(HANDSHAKE, connection.sender.send_request(request)).await;
    let mut response = match answer {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(connection.failed(error)),
        Err(_) => {
            let message = format!("no answer within {} s", HANDSHAKE.as_secs());
            return Err(connection.failed(message));
        }
    };
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let status = response.status();
        let body = Limited::new(response.into_body(), REFUSAL).collect();
        let text = match timeout(READ, body).await {
            Ok(Ok(body)) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
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
