//! What a failed connection means to the user.

use std::error::Error;

use http::Uri;

/// The reason at the bottom of a failure, and the remedy where there is a likely one.
pub(crate) fn unreachable(uri: &Uri, error: hyper_util::client::legacy::Error) -> anyhow::Error {
    let mut reason: &dyn Error = &error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    let reason = reason.to_string();
    let remedy = if reason.contains("InvalidContentType") || reason.contains("corrupt message") {
        ": the server seems to speak plain HTTP, not TLS"
    } else if reason.contains("certificate") || reason.contains("UnknownIssuer") {
        ": --insecure accepts any certificate"
    } else {
        ""
    };
    let did = if error.is_connect() {
        "cannot connect to"
    } else {
        "the connection broke to"
    };
    anyhow::anyhow!("{did} {}: {reason}{remedy}", super::server(uri))
}
