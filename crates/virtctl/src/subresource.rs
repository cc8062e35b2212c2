//! Calls to the aggregated API `subresources.kubevirt.io/v1`.

use std::fmt;
use std::time::Duration;

use anyhow::Context;
use http::{Method, Request};
use kube::Client;
use serde::Serialize;
use serde_json::Value;

const BASE: &str = "/apis/subresources.kubevirt.io/v1";

/// A call that is answered at once takes at most this long.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// The path of `{resource}/{name}/{subresource}` in a namespace. Names are checked, so that none can lead elsewhere.
pub(crate) fn path(
    namespace: &str,
    resource: &str,
    name: &str,
    subresource: &str,
) -> anyhow::Result<String> {
    check("name", name)?;
    beneath(namespace, &format!("{resource}/{name}/{subresource}"))
}

/// The path of `tail` in a namespace.
pub(crate) fn beneath(namespace: &str, tail: &str) -> anyhow::Result<String> {
    check("namespace", namespace)?;
    Ok(format!("{BASE}/namespaces/{namespace}/{tail}"))
}

fn check(what: &str, value: &str) -> anyhow::Result<()> {
    let valid = !value.is_empty()
        && value.len() <= 253
        && value.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte)
        })
        && !value.contains("..");
    anyhow::ensure!(
        valid,
        "{what} {value:?} is not a Kubernetes name: use lower-case letters, digits, '-' and '.' only"
    );
    Ok(())
}

/// PUTs `body` and expects success without an answer worth reading.
pub(crate) async fn put<T: Serialize>(client: &Client, path: &str, body: &T) -> anyhow::Result<()> {
    let body = serde_json::to_vec(body).context("cannot encode the request")?;
    call(client, Method::PUT, path, body).await?;
    Ok(())
}

/// PUTs nothing: for subresources without options.
pub(crate) async fn put_nothing(client: &Client, path: &str) -> anyhow::Result<()> {
    call(client, Method::PUT, path, Vec::new()).await?;
    Ok(())
}

/// PUTs `body`; the answer is JSON.
pub(crate) async fn put_json(client: &Client, path: &str, body: &Value) -> anyhow::Result<Value> {
    let body = serde_json::to_vec(body).context("cannot encode the request")?;
    decode(&call(client, Method::PUT, path, body).await?)
}

/// GETs JSON.
pub(crate) async fn get_json(client: &Client, path: &str) -> anyhow::Result<Value> {
    decode(&call(client, Method::GET, path, Vec::new()).await?)
}

/// GETs JSON with options, which are a body, as the API wants it.
pub(crate) async fn get_json_with(
    client: &Client,
    path: &str,
    options: &Value,
) -> anyhow::Result<Value> {
    let body = serde_json::to_vec(options).context("cannot encode the request")?;
    decode(&call(client, Method::GET, path, body).await?)
}

/// GETs the text of a path directly beneath the group's version.
pub(crate) async fn get_text(
    client: &Client,
    tail: &str,
    limit: Duration,
) -> anyhow::Result<String> {
    let path = format!("{BASE}/{tail}");
    tokio::time::timeout(limit, call(client, Method::GET, &path, Vec::new()))
        .await
        .with_context(|| format!("no answer from the cluster within {}s", limit.as_secs()))?
}

/// One call. The client limits its time.
async fn call(
    client: &Client,
    method: Method,
    path: &str,
    body: Vec<u8>,
) -> anyhow::Result<String> {
    let mut request = Request::builder().method(method).uri(path);
    if !body.is_empty() {
        request = request.header(http::header::CONTENT_TYPE, "application/json");
    }
    client
        .request_text(request.body(body)?)
        .await
        .map_err(plain)
}

fn decode(text: &str) -> anyhow::Result<Value> {
    serde_json::from_str(text).context("the server's answer is not JSON")
}

/// What the server answered instead of doing what was asked.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The HTTP status.
    pub(crate) code: u16,
    message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}

/// The HTTP status of the server's refusal, if this is one.
pub(crate) fn code(error: &anyhow::Error) -> Option<u16> {
    error.downcast_ref::<Refused>().map(|refused| refused.code)
}

/// The server's own words, without the client library's wrapping; as [`Refused`] when it is an answer.
pub(crate) fn plain(error: kube::Error) -> anyhow::Error {
    match error {
        kube::Error::Api(status) => {
            let message = match status.message.trim() {
                "" => format!("the server answered {}", status.code),
                message => message.to_owned(),
            };
            Refused {
                code: status.code,
                message,
            }
            .into()
        }
        kube::Error::Service(error) => anyhow::anyhow!("{error}"),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_lead_out_of_the_path() {
        for bad in ["", "..", "..%2f", "a/b", "A", "a b", "a?x=1"] {
            assert!(
                path("default", "virtualmachines", bad, "start").is_err(),
                "{bad}"
            );
            assert!(
                path(bad, "virtualmachines", "vm", "start").is_err(),
                "{bad}"
            );
        }
        assert_eq!(
            path("default", "virtualmachines", "vm1", "start").unwrap(),
            "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/vm1/start"
        );
    }
}
