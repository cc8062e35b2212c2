//! Calls to the aggregated API `subresources.kubevirt.io/v1`.

use std::time::Duration;

use anyhow::Context;
use http::Request;
use kube::Client;
use serde::Serialize;

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
    for (what, value) in [("namespace", namespace), ("name", name)] {
        let valid = !value.is_empty()
            && value.len() <= 253
            && value.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte)
            });
        anyhow::ensure!(
            valid,
            "{what} {value:?} is not a Kubernetes name: use lower-case letters, digits, '-' and '.' only"
        );
    }
    Ok(format!(
        "{BASE}/namespaces/{namespace}/{resource}/{name}/{subresource}"
    ))
}

/// PUTs `body` and expects success without an answer worth reading.
pub(crate) async fn put<T: Serialize>(client: &Client, path: &str, body: &T) -> anyhow::Result<()> {
    let request = Request::put(path)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(serde_json::to_vec(body).context("cannot encode the request")?)?;
    tokio::time::timeout(CALL_TIMEOUT, client.request_text(request))
        .await
        .with_context(|| {
            format!(
                "no answer from the cluster within {}s",
                CALL_TIMEOUT.as_secs()
            )
        })?
        .map_err(plain)?;
    Ok(())
}

/// GETs the text of a path directly beneath the group's version.
pub(crate) async fn get_text(
    client: &Client,
    tail: &str,
    limit: Duration,
) -> anyhow::Result<String> {
    let request = Request::get(format!("{BASE}/{tail}")).body(Vec::new())?;
    let text = tokio::time::timeout(limit, client.request_text(request))
        .await
        .with_context(|| format!("no answer from the cluster within {}s", limit.as_secs()))?;
    text.map_err(plain)
}

/// The server's own words, without the client library's wrapping.
pub(crate) fn plain(error: kube::Error) -> anyhow::Error {
    match error {
        kube::Error::Api(status) if !status.message.is_empty() => {
            anyhow::anyhow!("{}", status.message)
        }
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_lead_out_of_the_path() {
        for bad in ["", "..%2f", "a/b", "A", "a b", "a?x=1"] {
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
