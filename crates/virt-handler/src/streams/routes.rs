//! The HTTP side: virt-api asks for a stream, and gets a WebSocket or an error as a Kubernetes Status.
//!
//! The guest's socket is dialled before the 101, so that every failure is an ordinary HTTP answer. Who asks was checked before,
//! by mutual TLS: only virt-api's certificate is let in.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use hyper_util::rt::TokioIo;
use kubevirt_streams::{CloseCode, Ending, Handshake, Place, Sessions, Sink, Source, duplex};
use serde_json::json;
use tokio::net::UnixStream;

use super::hub::{Console, GUEST_GONE};
use super::screen::{Screen, Taken};

/// How long it may take until the end of a guest is known after its sockets closed.
const NEWS: Duration = Duration::from_secs(1);
/// The guest closed a socket, but runs.
const HUNG_UP: Ending = Ending {
    code: CloseCode::Again,
    reason: "the guest's end was closed though it runs, connect again",
};

/// Why there is no stream; the words go to the user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    #[error(
        "virtualmachineinstance {namespace}/{name} does not run on this node; it may have stopped or moved"
    )]
    NotHere { namespace: String, name: String },
    #[error("virtualmachineinstance {name} has no {} because spec.domain.devices.{} is false", port.shown(), port.field())]
    Without { name: String, port: Port },
    #[error("virtualmachineinstance {name} is not running (yet)")]
    NotRunning { name: String },
    #[error("cannot connect to the {} of {name}: {text}", port.shown())]
    Unreachable {
        name: String,
        port: Port,
        text: String,
    },
    #[error("virtualmachineinstance {name}: {taken}")]
    Taken { name: String, taken: Taken },
    #[error("all {0} streams of this node are in use: close some, or try again")]
    Full(usize),
    #[error("{0}")]
    Wrong(String),
}

/// A socket of a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    Serial,
    Display,
}

impl Port {
    pub(crate) const fn shown(self) -> &'static str {
        match self {
            Self::Serial => "serial console",
            Self::Display => "display",
        }
    }

    /// The field that switches it off.
    const fn field(self) -> &'static str {
        match self {
            Self::Serial => "autoattachSerialConsole",
            Self::Display => "autoattachGraphicsDevice",
        }
    }

    /// The name of the socket in the instance's directory.
    pub(crate) const fn socket(self) -> &'static str {
        match self {
            Self::Serial => "virt-serial0",
            Self::Display => "virt-vnc",
        }
    }
}

impl IntoResponse for DialError {
    fn into_response(self) -> Response<Body> {
        let (code, reason) = match &self {
            Self::NotHere { .. } => (StatusCode::NOT_FOUND, "NotFound"),
            Self::Without { .. } | Self::NotRunning { .. } | Self::Wrong(_) => {
                (StatusCode::BAD_REQUEST, "BadRequest")
            }
            Self::Unreachable { .. } | Self::Taken { .. } | Self::Full(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable")
            }
        };
        status(code, reason, &self.to_string())
    }
}

/// What became of a guest whose sockets closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Runs,
    Stopped,
    Migrated,
}

/// Where the guests of this node are found.
pub(crate) trait Guests: Send + Sync + 'static {
    /// The console of a virtual machine.
    fn console(&self, namespace: &str, name: &str) -> Result<Arc<Console>, DialError>;
    /// The places before its display.
    fn screen(&self, namespace: &str, name: &str) -> Result<Arc<Screen>, DialError>;
    /// A new connection to one of its sockets.
    fn dial(
        &self,
        namespace: &str,
        name: &str,
        port: Port,
    ) -> impl Future<Output = Result<UnixStream, DialError>> + Send;
    /// What is known of it now.
    fn fate(&self, namespace: &str, name: &str) -> Fate;
}

/// What the routes share.
struct Server<G> {
    guests: Arc<G>,
    sessions: Sessions,
}

/// The routes of the streams.
pub(crate) fn router<G: Guests>(guests: Arc<G>, sessions: Sessions) -> Router {
    let of = |name| format!("/v1/namespaces/{{namespace}}/virtualmachineinstances/{{name}}/{name}");
    Router::new()
        .route(&of("console"), get(console::<G>))
        .route(&of("vnc"), get(vnc::<G>))
        .fallback(|| async {
            status(
                StatusCode::NOT_FOUND,
                "NotFound",
                "there is no such path on virt-handler",
            )
        })
        .with_state(Arc::new(Server { guests, sessions }))
}

type About = (String, String);

async fn console<G: Guests>(
    State(server): State<Arc<Server<G>>>,
    Path(about): Path<About>,
    request: Request,
) -> Result<Response<Body>, DialError> {
    let (handshake, place) = server.admit(&request)?;
    let (namespace, name) = &about;
    let console = server.guests.console(namespace, name)?;
    let dial = async || server.guests.dial(namespace, name, Port::Serial).await;
    let (output, keys) = console.attach(dial).await?;
    Ok(server.open(
        request,
        &handshake,
        place,
        about,
        "console",
        output,
        keys,
        (),
    ))
}

async fn vnc<G: Guests>(
    State(server): State<Arc<Server<G>>>,
    Path(about): Path<About>,
    request: Request,
) -> Result<Response<Body>, DialError> {
    let preserve = preserve_session(request.uri().query())?;
    let (handshake, place) = server.admit(&request)?;
    let (namespace, name) = &about;
    let taken = |taken| DialError::Taken {
        name: name.clone(),
        taken,
    };
    let viewer = server.guests.screen(namespace, name)?;
    let viewer = viewer.enter(preserve).map_err(taken)?;
    let socket = server.guests.dial(namespace, name, Port::Display).await?;
    let (read, write) = socket.into_split();
    let (input, output) = duplex(read, write, GUEST_GONE);
    Ok(server.open(
        request, &handshake, place, about, "vnc", input, output, viewer,
    ))
}

impl<G: Guests> Server<G> {
    fn admit(&self, request: &Request) -> Result<(Handshake, Place), DialError> {
        let handshake = Handshake::read(request.headers());
        let handshake = handshake.map_err(|message| DialError::Wrong(message.to_owned()))?;
        Ok((handshake, self.sessions.place().map_err(DialError::Full)?))
    }

    /// Answers with the 101 and carries the stream from then on; `held` is kept as long.
    #[expect(clippy::too_many_arguments, reason = "the parts of one stream")]
    fn open<F, T, H>(
        &self,
        mut request: Request,
        handshake: &Handshake,
        place: Place,
        about: About,
        kind: &'static str,
        source: F,
        mut sink: T,
        held: H,
    ) -> Response<Body>
    where
        F: Source + 'static,
        T: Sink + 'static,
        H: Send + 'static,
    {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        *response.headers_mut() = handshake.answer();
        let upgrade = hyper::upgrade::on(&mut request);
        let shutdown = self.sessions.shutdown().clone();
        let mut source = Told {
            source,
            guests: self.guests.clone(),
            about,
        };
        self.sessions.spawn(place, async move {
            match upgrade.await {
                Ok(upgraded) => {
                    let stream = TokioIo::new(upgraded);
                    let ending =
                        kubevirt_streams::serve(stream, &mut source, &mut sink, &shutdown).await;
                    let (namespace, name) = &source.about;
                    let reason = ending.map_or("the client has left", |ending| ending.reason);
                    tracing::debug!(namespace, name, kind, reason, "stream ended");
                }
                Err(error) => tracing::debug!(kind, %error, "left before the stream was open"),
            }
            drop(held);
        });
        response
    }
}

/// A guest's output whose end is told as what became of the guest.
struct Told<F, G> {
    source: F,
    guests: Arc<G>,
    about: About,
}

impl<F: Source, G: Guests> Source for Told<F, G> {
    async fn next(&mut self) -> Result<kubevirt_streams::Bytes, Ending> {
        match self.source.next().await {
            Err(GUEST_GONE) => Err(ending(&*self.guests, &self.about).await),
            next => next,
        }
    }
}

/// What became of a guest. libvirt's news of its end may come a little after the sockets' end.
async fn ending(guests: &impl Guests, (namespace, name): &About) -> Ending {
    let known = async {
        loop {
            match guests.fate(namespace, name) {
                Fate::Runs => tokio::time::sleep(NEWS / 10).await,
                Fate::Stopped => return Ending::STOPPED,
                Fate::Migrated => return Ending::MIGRATED,
            }
        }
    };
    tokio::time::timeout(NEWS, known).await.unwrap_or(HUNG_UP)
}

/// Whether a viewer wants to leave those who look already alone.
fn preserve_session(query: Option<&str>) -> Result<bool, DialError> {
    let mut parts = query.unwrap_or_default().split('&');
    match parts.find_map(|part| part.strip_prefix("preserveSession=")) {
        None | Some("" | "false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(other) => Err(DialError::Wrong(format!(
            "preserveSession: {other:?} is neither true nor false"
        ))),
    }
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
mod tests;
