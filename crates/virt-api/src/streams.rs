//! Streams of guests as WebSockets: console, display and VM sockets by way of virt-handler, ports by ourselves.
//!
//! Everything that can fail is done before the client gets its 101, so that it learns in a `Status` what is wrong.

pub(crate) mod checks;
mod forward;
mod relayed;

use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use kubevirt_api::VirtualMachineInstance;
use kubevirt_runtime::CancellationToken;
use kubevirt_streams::{Handshake, Place, Sessions};

use crate::aggregated::Aggregated;
use crate::aggregated::route::{Subresource, Target};
use crate::objects;
use crate::status::Refusal;

/// Most streams at once on one replica.
pub(crate) const STREAMS: usize = 1200;

/// What streams need. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Streams {
    sessions: Sessions,
}

impl Streams {
    pub(crate) fn new(shutdown: CancellationToken) -> Self {
        Self {
            sessions: Sessions::new(STREAMS, shutdown),
        }
    }

    /// Those that are open, to wait for at shutdown.
    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Opens the stream of `target` for `request`.
    pub(crate) async fn open(
        &self,
        context: &Aggregated,
        target: &Target,
        request: Request<Body>,
    ) -> Result<Response, Refusal> {
        let port = match target.subresource {
            Subresource::Vsock => Some(checks::vsock_query(request.uri().query())?),
            _ => None,
        };
        let instance = instance(context, target).await?;
        checks::state(target.subresource, &instance)?;
        if port.is_some() {
            return Err(checks::without_vsock(&instance));
        }
        let handshake = Handshake::read(request.headers()).map_err(Refusal::bad_request)?;
        let place = self.sessions.place().map_err(|limit| {
            let message = format!(
                "all {limit} streams of this virt-api are in use: close some, or try again"
            );
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message)
        })?;
        let open = Open {
            sessions: &self.sessions,
            place,
            handshake,
            request,
        };
        match target.subresource {
            Subresource::InstancePortForward | Subresource::MachinePortForward => {
                open.forward(target, &instance).await
            }
            _ => open.relayed(context, target, &instance).await,
        }
    }
}

/// A stream that is about to be opened.
struct Open<'a> {
    sessions: &'a Sessions,
    place: Place,
    handshake: Handshake,
    request: Request<Body>,
}

/// The instance that the stream leads to: of a VirtualMachine, the one of its name.
async fn instance(
    context: &Aggregated,
    target: &Target,
) -> Result<VirtualMachineInstance, Refusal> {
    let of_machine = target.subresource == Subresource::MachinePortForward;
    if of_machine {
        objects::machine(&context.client, target).await?;
    }
    let instance = objects::instance(&context.client, target).await?;
    instance.ok_or_else(|| match of_machine {
        true => Refusal::conflict(objects::MACHINE, &target.name, "VM is not running"),
        false => Refusal::not_found(objects::INSTANCE, &target.name),
    })
}

/// The 101.
fn switching(headers: http::HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *response.headers_mut() = headers;
    response
}

#[cfg(test)]
mod end_to_end;
#[cfg(test)]
mod tests;
