//! The Kubernetes client: bounded in time, without a client-side rate limit.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use kube::client::{Body, ClientBuilder, DynBody};
use kube::{Client, Config};
use tower::{BoxError, Layer, Service};

/// How long a request that is not a watch may take until the response's head is there.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a connection may be silent. Longer than a watch lasts (290 s), so that it only ends what is dead.
const READ_TIMEOUT: Duration = Duration::from_secs(300);

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Neither `KUBECONFIG` nor a service account leads to a cluster.
    #[error("no cluster: {0}; set KUBECONFIG or run in a pod with a service account")]
    Infer(#[from] kube::config::InferConfigError),
    /// The configuration cannot be used.
    #[error("the configuration of the Kubernetes client cannot be used: {0}")]
    Build(#[from] kube::Error),
}

/// A client from `KUBECONFIG` or, in a pod, from the service account. `component` (with our version) is the
/// User-Agent, by which the audit log tells the components' requests apart.
///
/// - Connecting takes at most 10 s, a request's head at most [`REQUEST_TIMEOUT`], silence at most 300 s.
/// - It retries nothing by itself: a POST that timed out may have been carried out, only the caller knows.
/// - It does not limit the rate: the API server does, by priority and fairness.
///
/// # Errors
/// When no cluster is configured or the configuration is unusable.
pub async fn client(component: &str) -> Result<Client, ClientError> {
    client_from(Config::infer().await?, component)
}

/// As [`client`], from a given configuration.
///
/// # Errors
/// When the configuration is unusable.
pub fn client_from(mut config: Config, component: &str) -> Result<Client, ClientError> {
    crate::crypto::install();
    config.connect_timeout = Some(Duration::from_secs(10));
    config.read_timeout = Some(READ_TIMEOUT);
    config.write_timeout = Some(Duration::from_secs(30));
    config.reset_reader_on_write = true;
    config.default_retry = false;
    let agent = format!("{component}/{}", env!("CARGO_PKG_VERSION"));
    if let Ok(value) = http::HeaderValue::from_str(&agent) {
        config.headers.push((http::header::USER_AGENT, value));
    }
    Ok(ClientBuilder::try_from(config)?
        .with_layer(&HeadTimeoutLayer)
        .build())
}

/// Bounds the time to the response's head, watches excepted: their head may come with the first event.
struct HeadTimeoutLayer;

impl<S> Layer<S> for HeadTimeoutLayer {
    type Service = HeadTimeout<S>;

    fn layer(&self, inner: S) -> Self::Service {
        HeadTimeout { inner }
    }
}

struct HeadTimeout<S> {
    inner: S,
}

impl<S> Service<Request<Body>> for HeadTimeout<S>
where
    S: Service<Request<Body>, Response = Response<Box<DynBody>>, Error = BoxError>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let watch = is_watch(request.uri().query());
        let response = self.inner.call(request);
        Box::pin(async move {
            if watch {
                return response.await;
            }
            match tokio::time::timeout(REQUEST_TIMEOUT, response).await {
                Ok(outcome) => outcome,
                Err(_) => Err(format!(
                    "no answer from the API server within {} s",
                    REQUEST_TIMEOUT.as_secs()
                )
                .into()),
            }
        })
    }
}

fn is_watch(query: Option<&str>) -> bool {
    query.is_some_and(|query| {
        query
            .split('&')
            .any(|pair| matches!(pair, "watch=true" | "watch=1"))
    })
}

#[cfg(test)]
mod tests {
    use super::is_watch;

    #[test]
    fn only_watches_may_take_long() {
        assert!(is_watch(Some("a=b&watch=true&timeoutSeconds=290")));
        assert!(!is_watch(Some("allowWatchBookmarks=true")));
        assert!(!is_watch(None));
    }
}
