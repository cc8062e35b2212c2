//! Why an operation is not carried out, as a Kubernetes Status. The words go to the user.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use kubevirt_libvirt::Error as LibvirtError;
use serde_json::json;

use crate::guest::{AgentError, words};

/// Why an operation is not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(
        "virtualmachineinstance {namespace}/{name} does not run on this node; it may have stopped or moved"
    )]
    NotHere { namespace: String, name: String },
    #[error("virtualmachineinstance {name} is not running (yet)")]
    NotRunning { name: String },
    #[error("virtualmachineinstance {name} is shutting down")]
    Stopping { name: String },
    #[error("virtualmachineinstance {name} {why}")]
    Conflict { name: String, why: &'static str },
    #[error("{0}")]
    BadRequest(String),
    #[error(
        "virtualmachineinstance {name} does not have a guest agent connected; install and start qemu-guest-agent in the guest"
    )]
    NoAgent { name: String },
    #[error("virtualmachineinstance {name}: {error}")]
    Agent { name: String, error: AgentError },
    #[error("virtualmachineinstance {name}: {error}")]
    Libvirt { name: String, error: LibvirtError },
    #[error("virtualmachineinstance {name}: {message}")]
    Failed { name: String, message: String },
}

impl Refusal {
    /// The HTTP code and Kubernetes' word for it.
    fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotHere { .. } => (StatusCode::NOT_FOUND, "NotFound"),
            Self::NotRunning { .. }
            | Self::Stopping { .. }
            | Self::Conflict { .. }
            | Self::NoAgent { .. } => (StatusCode::CONFLICT, "Conflict"),
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "BadRequest"),
            Self::Agent { error, .. } => match error {
                AgentError::Busy | AgentError::Late => unavailable(),
                AgentError::Nonsense { .. } => internal(),
                AgentError::Libvirt(error) => of_libvirt(error),
            },
            Self::Libvirt { error, .. } => of_libvirt(error),
            Self::Failed { .. } => internal(),
        }
    }
}

fn of_libvirt(error: &LibvirtError) -> (StatusCode, &'static str) {
    match error {
        LibvirtError::OperationInvalid(_) | LibvirtError::NotFound(_) => {
            (StatusCode::CONFLICT, "Conflict")
        }
        LibvirtError::AgentUnavailable(_)
        | LibvirtError::Busy(_)
        | LibvirtError::Overloaded { .. }
        | LibvirtError::Timeout { .. }
        | LibvirtError::Disconnected { .. } => unavailable(),
        _ => internal(),
    }
}

fn unavailable() -> (StatusCode, &'static str) {
    (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable")
}

fn internal() -> (StatusCode, &'static str) {
    (StatusCode::INTERNAL_SERVER_ERROR, "InternalError")
}

impl axum::response::IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        let (code, reason) = self.status();
        // A guest agent's or a pod's own words may be among these.
        let message = words::message(&self);
        tracing::info!(message, code = code.as_u16(), "operation refused");
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
}
