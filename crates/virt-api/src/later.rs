//! What this version does not have yet: each endpoint is there, authorizes, and says so.

use http::StatusCode;

use crate::status::Refusal;

/// 501 for the endpoint `path`.
pub(crate) fn not_implemented(path: &str) -> Refusal {
    Refusal::new(
        StatusCode::NOT_IMPLEMENTED,
        format!("{path} is not in this version of KubeVirt"),
    )
}
