//! OPTIONS: what a path can be asked.
//!
//! No origin is granted: browsers talk to kube-apiserver, whose own `--cors-allowed-origins` decides about them.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// 200 with the method that the path has.
pub(super) fn preflight(allowed: &'static str) -> Response {
    let value = HeaderValue::from_static(allowed);
    let headers = [
        (header::ALLOW, value.clone()),
        (header::ACCESS_CONTROL_ALLOW_METHODS, value),
    ];
    (StatusCode::OK, headers).into_response()
}
