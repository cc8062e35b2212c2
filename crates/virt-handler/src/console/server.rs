//! The HTTP side: virt-api asks for a console, and gets a WebSocket or an error as a Kubernetes Status.
//!
//! The guest's socket is dialled before the 101, so that every failure is an ordinary HTTP answer. Who asks was checked before,
//! by mutual TLS: only virt-api's certificate is let in.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::routing::get;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::UnixStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::hub::Console;
use super::viewer;

/// The WebSocket sub-protocol of consoles: messages are plain bytes.
const PROTOCOL: &str = "plain.kubevirt.io";

/// Why there is no console; the words go to the user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    #[error(
        "virtualmachineinstance {namespace}/{name} does not run on this node; it may have stopped or moved"
    )]
    NotHere { namespace: String, name: String },
    #[error(
        "virtualmachineinstance {name} has no serial console because spec.domain.devices.autoattachSerialConsole is false"
    )]
    NoSerial { name: String },
    #[error("virtualmachineinstance {name} is not running (yet)")]
    NotRunning { name: String },
    #[error("cannot connect to the serial console of {name}: {text}")]
    Unreachable { name: String, text: String },
}

impl DialError {
    fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotHere { .. } => (StatusCode::NOT_FOUND, "NotFound"),
            Self::NoSerial { .. } | Self::NotRunning { .. } => {
                (StatusCode::BAD_REQUEST, "BadRequest")
            }
            Self::Unreachable { .. } => (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable"),
        }
    }
}

/// Where consoles are found.
pub(crate) trait Consoles: Send + Sync + 'static {
    /// The console of a virtual machine of this node.
    fn find(&self, namespace: &str, name: &str) -> Result<Arc<Console>, DialError>;
    /// A new connection to its serial port.
    fn dial(
        &self,
        namespace: &str,
        name: &str,
    ) -> impl Future<Output = Result<UnixStream, DialError>> + Send;
}

/// The routes of the console server.
pub(crate) fn router<C: Consoles>(consoles: Arc<C>) -> Router {
    Router::new()
        .route(
            "/v1/namespaces/{namespace}/virtualmachineinstances/{name}/console",
            get(console::<C>),
        )
        .fallback(|| async {
            status(
                StatusCode::NOT_FOUND,
                "NotFound",
                "there is no such path on virt-handler",
            )
        })
        .with_state(consoles)
}

/// Answers one request for a console.
async fn console<C: Consoles>(
    State(consoles): State<Arc<C>>,
    Path((namespace, name)): Path<(String, String)>,
    mut request: Request,
) -> Response<Body> {
    let (key, protocol) = match handshake(request.headers()) {
        Ok(accepted) => accepted,
        Err(message) => return status(StatusCode::BAD_REQUEST, "BadRequest", message),
    };
    let found = consoles.find(&namespace, &name);
    let attached = match found {
        Ok(console) => {
            console
                .attach(async || consoles.dial(&namespace, &name).await)
                .await
        }
        Err(error) => Err(error),
    };
    let attached = match attached {
        Ok(attached) => attached,
        Err(error) => {
            let (code, reason) = error.status();
            return status(code, reason, &error.to_string());
        }
    };
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        match upgrade.await {
            Ok(upgraded) => viewer::serve(TokioIo::new(upgraded), attached).await,
            Err(error) => {
                tracing::debug!(namespace, name, %error, "viewer left before its console was open")
            }
        }
        tracing::debug!(namespace, name, "viewer of the console left");
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, key);
    if protocol {
        headers.insert(
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(PROTOCOL),
        );
    }
    response
}

/// Checks a WebSocket request: the value for Sec-WebSocket-Accept, and whether the sub-protocol is to be named in the answer.
fn handshake(headers: &HeaderMap) -> Result<(HeaderValue, bool), &'static str> {
    let has = |name: header::HeaderName, wanted: &str| {
        let values = headers.get_all(name);
        values
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|token| token.trim().eq_ignore_ascii_case(wanted))
    };
    if !has(header::UPGRADE, "websocket") || !has(header::CONNECTION, "upgrade") {
        return Err("a console needs a WebSocket: the request has no Upgrade: websocket");
    }
    if !has(header::SEC_WEBSOCKET_VERSION, "13") {
        return Err("a console needs a WebSocket of version 13");
    }
    let named = headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL);
    if named && !has(header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL) {
        return Err("a console speaks the WebSocket sub-protocol plain.kubevirt.io only");
    }
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .ok_or("the WebSocket request has no Sec-WebSocket-Key")?;
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()))
        .map_err(|_| "the Sec-WebSocket-Key is not usable")?;
    Ok((accept, named))
}

/// An error as Kubernetes clients understand it.
fn status(code: StatusCode, reason: &str, message: &str) -> Response<Body> {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code.as_u16(),
    });
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = code;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

#[cfg(test)]
mod tests {
    use tower::ServiceExt;

    use super::*;

    struct One;

    impl Consoles for One {
        fn find(&self, namespace: &str, name: &str) -> Result<Arc<Console>, DialError> {
            match name {
                "vm" => Ok(Arc::default()),
                "stopped" => Err(DialError::NotRunning {
                    name: name.to_owned(),
                }),
                _ => Err(DialError::NotHere {
                    namespace: namespace.to_owned(),
                    name: name.to_owned(),
                }),
            }
        }

        async fn dial(&self, _: &str, name: &str) -> Result<UnixStream, DialError> {
            Err(DialError::Unreachable {
                name: name.to_owned(),
                text: "no answer".to_owned(),
            })
        }
    }

    async fn ask(path: &str, websocket: bool, protocol: &str) -> (u16, String) {
        let mut request = axum::http::Request::get(path);
        if websocket {
            request = request
                .header("Connection", "keep-alive, Upgrade")
                .header("Upgrade", "websocket")
                .header("Sec-WebSocket-Version", "13")
                .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
                .header("Sec-WebSocket-Protocol", protocol);
        }
        let response = router(Arc::new(One))
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let code = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 4096)
            .await
            .unwrap();
        let status: serde_json::Value = serde_json::from_slice(&body).unwrap();
        (code, status["message"].as_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn failures_are_plain_http() {
        let path = |name: &str| format!("/v1/namespaces/ns/virtualmachineinstances/{name}/console");
        for (path, websocket, protocol, code, words) in [
            (path("vm"), false, "", 400, "Upgrade: websocket"),
            (path("vm"), true, "other", 400, "plain.kubevirt.io"),
            (
                path("vm"),
                true,
                "other, plain.kubevirt.io",
                503,
                "no answer",
            ),
            (path("stopped"), true, PROTOCOL, 400, "not running"),
            (
                path("gone"),
                true,
                PROTOCOL,
                404,
                "ns/gone does not run on this node",
            ),
            (
                "/v1/namespaces".to_owned(),
                true,
                PROTOCOL,
                404,
                "no such path",
            ),
        ] {
            let (found, message) = ask(&path, websocket, protocol).await;
            assert_eq!(found, code, "{path}: {message}");
            assert!(message.contains(words), "{path}: {message}");
        }
    }
}
