//! Answers of the API as `Status` objects, what every Kubernetes client understands.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};

/// A refusal or failure: the HTTP status, the API's reason, and a sentence for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Refusal {
    pub(crate) code: StatusCode,
    pub(crate) message: String,
    details: Option<(&'static str, String)>,
    /// Told in plain text instead of a `Status`.
    text: bool,
}

impl Refusal {
    pub(crate) fn new(code: StatusCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: None,
            text: false,
        }
    }

    /// The same as a plain 500, which the original makes of every failure of some endpoints.
    pub(crate) fn in_text(self) -> Self {
        Self {
            code: StatusCode::INTERNAL_SERVER_ERROR,
            text: true,
            ..self
        }
    }

    /// 400: the request itself is wrong.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 409: the object is in another state than the request needs.
    pub(crate) fn conflict(kind: &'static str, name: &str, why: &str) -> Self {
        let message =
            format!("Operation cannot be fulfilled on {kind}.kubevirt.io \"{name}\": {why}");
        Self::new(StatusCode::CONFLICT, message).about(kind, name)
    }

    /// 404: there is no such object. `kind` is the singular name in lower case.
    pub(crate) fn not_found(kind: &'static str, name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("{kind}.kubevirt.io \"{name}\" not found"),
        )
        .about(kind, name)
    }

    /// 500: something of ours or of the cluster failed.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("Internal error occurred: {}", message.into()),
        )
    }

    /// The same about an object of that kind (singular, in lower case) and name, unless it is about one already.
    pub(crate) fn or_about(self, kind: &'static str, name: &str) -> Self {
        match self.details {
            None if !name.is_empty() => self.about(kind, name),
            _ => self,
        }
    }

    fn about(mut self, kind: &'static str, name: &str) -> Self {
        self.details = Some((kind, name.to_owned()));
        self
    }

    /// The API's word for the status code.
    pub(crate) fn reason(&self) -> &'static str {
        match self.code.as_u16() {
            400 => "BadRequest",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            405 => "MethodNotAllowed",
            408 => "Timeout",
            409 => "Conflict",
            413 => "RequestEntityTooLarge",
            415 => "UnsupportedMediaType",
            422 => "Invalid",
            429 => "TooManyRequests",
            500 => "InternalError",
            501 => "NotImplemented",
            503 => "ServiceUnavailable",
            504 => "Timeout",
            _ => "",
        }
    }

    /// The `Status` object.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason(),
            "code": self.code.as_u16(),
        });
        if let Some((kind, name)) = &self.details {
            body["details"] = json!({ "name": name, "group": "kubevirt.io", "kind": kind });
        }
        body
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if self.text {
            return (self.code, format!("{}\n", self.message)).into_response();
        }
        let body = self.body().to_string();
        (
            self.code,
            [(header::CONTENT_TYPE, "application/json")],
            body,
        )
            .into_response()
    }
}

/// Passes on what the API server said about an object of ours. Its 401 and 403 are about virt-api's own account, not
/// about who asked, so they become 500.
pub(crate) fn from_api(error: kube::Error, kind: &'static str, name: &str) -> Refusal {
    match error {
        kube::Error::Api(status) if status.code == 404 => Refusal::not_found(kind, name),
        kube::Error::Api(status) => match StatusCode::from_u16(status.code) {
            Ok(code)
                if code.is_client_error()
                    && code != StatusCode::UNAUTHORIZED
                    && code != StatusCode::FORBIDDEN =>
            {
                Refusal::new(code, status.message.clone()).about(kind, name)
            }
            _ => Refusal::internal(status.message.clone()),
        },
        other => Refusal::internal(other.to_string()),
    }
}
