//! Kubernetes objects as JSON: read, made, changed, deleted by their path.

use anyhow::Context;
use http::{Request, header};
use kube::Client;
use serde_json::Value;

use crate::subresource::{CALL_TIMEOUT, plain};

/// `{prefix}/namespaces/{namespace}/{resource}`, with `/{name}` if there is one. Names are checked, so that none can lead
/// elsewhere. `prefix` is `/api/v1` or `/apis/GROUP/VERSION`.
pub(crate) fn path(
    prefix: &str,
    namespace: &str,
    resource: &str,
    name: Option<&str>,
) -> anyhow::Result<String> {
    for (what, value) in [("namespace", namespace), ("name", name.unwrap_or("x"))] {
        let valid = !value.is_empty()
            && value.len() <= 253
            && !value.starts_with('.')
            && value.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte)
            });
        anyhow::ensure!(
            valid,
            "{what} {value:?} is not a Kubernetes name: use lower-case letters, digits, '-' and '.' only"
        );
    }
    let name = name.map_or_else(String::new, |name| format!("/{name}"));
    Ok(format!("{prefix}/namespaces/{namespace}/{resource}{name}"))
}

/// The object, or `None` when there is none (nor, maybe, its kind).
pub(crate) async fn get(client: &Client, path: &str) -> anyhow::Result<Option<Value>> {
    match call(client, Request::get(path).body(Vec::new())?).await {
        Err(Failure::Missing(_)) => Ok(None),
        other => Ok(Some(other?)),
    }
}

/// Makes an object in the collection at `path`; the answer is the object as it is stored.
pub(crate) async fn create(client: &Client, path: &str, object: &Value) -> Result<Value, Failure> {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(object.to_string().into_bytes())
        .map_err(anyhow::Error::from)?;
    call(client, request).await
}

/// Changes an object by a JSON merge patch.
pub(crate) async fn merge(client: &Client, path: &str, patch: &Value) -> anyhow::Result<Value> {
    let request = Request::patch(path)
        .header(header::CONTENT_TYPE, "application/merge-patch+json")
        .body(patch.to_string().into_bytes())?;
    Ok(call(client, request).await?)
}

/// Deletes an object; `false` when there was none.
pub(crate) async fn delete(client: &Client, path: &str) -> anyhow::Result<bool> {
    match call(client, Request::delete(path).body(Vec::new())?).await {
        Err(Failure::Missing(_)) => Ok(false),
        other => other.map(|_| true).map_err(Into::into),
    }
}

/// Why a call did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// 404, with the server's words.
    Missing(String),
    /// Whatever else.
    Other(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

impl From<Failure> for anyhow::Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Missing(message) => anyhow::anyhow!(message),
            Failure::Other(error) => error,
        }
    }
}

async fn call(client: &Client, request: Request<Vec<u8>>) -> Result<Value, Failure> {
    let answer = tokio::time::timeout(CALL_TIMEOUT, client.request::<Value>(request)).await;
    let answer = answer.with_context(|| {
        format!(
            "no answer from the cluster within {}s",
            CALL_TIMEOUT.as_secs()
        )
    })?;
    answer.map_err(|error| match error {
        kube::Error::Api(status) if status.code == 404 => Failure::Missing(status.message.clone()),
        other => Failure::Other(plain(other)),
    })
}

/// The text at a JSON pointer; empty when there is none.
pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The value of an annotation; `None` when it is not there.
pub(crate) fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.pointer("/metadata/annotations")?.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_lead_out_of_the_path() {
        for bad in ["", "..", "a/b", "A", "a?x", "a%2f"] {
            assert!(path("/api/v1", "ns", "pods", Some(bad)).is_err(), "{bad}");
            assert!(path("/api/v1", bad, "pods", None).is_err(), "{bad}");
        }
        assert_eq!(
            path("/api/v1", "ns", "pods", None).unwrap(),
            "/api/v1/namespaces/ns/pods"
        );
        assert_eq!(
            path("/api/v1", "ns", "pods", Some("a")).unwrap(),
            "/api/v1/namespaces/ns/pods/a"
        );
    }
}
