//! The serial console: finds the virt-handler of the VirtualMachineInstance's node and joins the two WebSockets.
//!
//! Everything that can fail is done before the client gets its 101, so that it learns in a `Status` what is wrong. From
//! then on bytes are copied as they are: the handshake's key went through to virt-handler, which therefore speaks with the
//! client directly.

pub(crate) mod checks;
mod relay;

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use kubevirt_api::VirtualMachineInstance;
use kubevirt_runtime::CancellationToken;
use tokio::sync::Semaphore;

use crate::aggregated::Aggregated;
use crate::aggregated::route::Target;
use crate::handler;
use crate::objects;
use crate::status::Refusal;

/// The one sub-protocol.
const PROTOCOL: &str = "plain.kubevirt.io";

/// Most consoles at once on one replica.
const CONSOLES: usize = 512;

/// What consoles need. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Consoles {
    places: Arc<Semaphore>,
    shutdown: CancellationToken,
}

impl Consoles {
    pub(crate) fn new(shutdown: CancellationToken) -> Self {
        Self {
            places: Arc::new(Semaphore::new(CONSOLES)),
            shutdown,
        }
    }

    /// Opens the console of `target` for `request`.
    pub(crate) async fn open(
        &self,
        context: &Aggregated,
        target: &Target,
        mut request: Request<Body>,
    ) -> Result<Response, Refusal> {
        let api = objects::api::<VirtualMachineInstance>(&context.client, &target.namespace);
        let instance: VirtualMachineInstance = objects::read(&api, checks::KIND, &target.name)
            .await?
            .ok_or_else(|| Refusal::not_found(checks::KIND, &target.name))?;
        let node = checks::node(&instance)?.to_owned();
        let handshake = handshake(request.headers())?;
        let place = self.places.clone().try_acquire_owned().map_err(|_| {
            let message = format!(
                "all {CONSOLES} consoles of this virt-api are in use: close some, or try again"
            );
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message)
        })?;
        let path = handler::path(&target.namespace, &target.name, "console");
        let answer = handler::dial(context, &node, &path, handshake).await?;

        let mut response = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
        if let Some(headers) = response.headers_mut() {
            *headers = answer.headers;
        }
        let client_side = hyper::upgrade::on(&mut request);
        let (handler_side, shutdown) = (answer.upgrade, self.shutdown.clone());
        let about = format!("{}/{}", target.namespace, target.name);
        tokio::spawn(async move {
            let _place = place;
            relay::join(client_side, handler_side, shutdown, &about).await;
        });
        response
            .body(Body::empty())
            .map_err(|error| Refusal::internal(error.to_string()))
    }
}

/// The headers of a WebSocket handshake, as they go on to virt-handler.
fn handshake(headers: &HeaderMap) -> Result<HeaderMap, Refusal> {
    let has = |name: header::HeaderName, token: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| {
                value
                    .split(',')
                    .any(|item| item.trim().eq_ignore_ascii_case(token))
            })
    };
    if !has(header::CONNECTION, "upgrade") || !has(header::UPGRADE, "websocket") {
        return Err(Refusal::bad_request(
            "the console is a WebSocket: ask for an upgrade, or use virtctl console",
        ));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let key =
        key.ok_or_else(|| Refusal::bad_request("the WebSocket handshake lacks Sec-WebSocket-Key"))?;
    if !has(header::SEC_WEBSOCKET_VERSION, "13") {
        return Err(Refusal::bad_request(
            "only version 13 of the WebSocket protocol is supported",
        ));
    }
    let mut onward = HeaderMap::new();
    onward.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    onward.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    onward.insert(
        header::SEC_WEBSOCKET_VERSION,
        HeaderValue::from_static("13"),
    );
    onward.insert(header::SEC_WEBSOCKET_KEY, key.clone());
    if has(header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL) {
        onward.insert(
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(PROTOCOL),
        );
    }
    Ok(onward)
}

#[cfg(test)]
mod end_to_end;
#[cfg(test)]
mod tests;
