//! What every request to the API server goes through: a time limit, and being told on standard error with `-v 6`.

mod limited;
mod warnings;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{Request, Response, header};
use kube::client::Body;
use tower::{BoxError, Layer, Service};

pub(crate) use limited::{DynBody, Limited};

/// How long a request may take when `--request-timeout` does not say.
pub(crate) const DEFAULT_LIMIT: Duration = Duration::from_secs(30);
/// The verbosity from which on requests are told; the next higher tells headers, too.
const REQUESTS: u8 = 6;

/// Whether any server answered in this process.
static ANSWERED: AtomicBool = AtomicBool::new(false);

/// Whether any server answered in this process: only then is there a version to compare with.
pub(crate) fn answered() -> bool {
    ANSWERED.load(Ordering::Relaxed)
}

/// The rules, as a layer of kube's client.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// The API server's address, for messages.
    pub(crate) server: String,
    /// From the sending of a request to the end of its answer. Streams and watches have none.
    pub(crate) limit: Option<Duration>,
    /// As klog's.
    pub(crate) verbosity: u8,
}

impl<S> Layer<S> for Rules {
    type Service = Ruled<S>;

    fn layer(&self, inner: S) -> Ruled<S> {
        Ruled {
            inner,
            rules: Arc::new(self.clone()),
        }
    }
}

/// A service that keeps to [`Rules`].
#[derive(Debug)]
pub(crate) struct Ruled<S> {
    inner: S,
    rules: Arc<Rules>,
}

impl<S> Service<Request<Body>> for Ruled<S>
where
    S: Service<Request<Body>, Response = Response<Box<DynBody>>, Error = BoxError>,
    S::Future: Send + 'static,
{
    type Response = Response<Limited>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Limited>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let rules = self.rules.clone();
        let limit = if is_stream(&request) {
            None
        } else {
            rules.limit
        };
        let told = (rules.verbosity >= REQUESTS).then(|| rules.told(&request));
        let begin = Instant::now();
        let answer = self.inner.call(request);
        Box::pin(async move {
            let outcome = match limit {
                Some(limit) => match tokio::time::timeout(limit, answer).await {
                    Ok(outcome) => outcome,
                    Err(_) => Err(rules.too_late(limit).into()),
                },
                None => answer.await,
            };
            if let Some(told) = told {
                let milliseconds = begin.elapsed().as_millis();
                match &outcome {
                    Ok(response) => eprintln!("{told} {} in {milliseconds} ms", response.status()),
                    Err(error) => eprintln!("{told} failed in {milliseconds} ms: {error}"),
                }
            }
            let response = outcome.map_err(|error| rules.explain(error))?;
            ANSWERED.store(true, Ordering::Relaxed);
            warnings::tell(response.headers());
            let left =
                limit.map(|limit| (limit.saturating_sub(begin.elapsed()), rules.too_late(limit)));
            Ok(response.map(|body| Limited::new(body, left)))
        })
    }
}

/// Whether the answer has no end by itself.
fn is_stream(request: &Request<Body>) -> bool {
    request.headers().contains_key(header::UPGRADE)
        || request.uri().query().is_some_and(|query| {
            query
                .split('&')
                .any(|pair| matches!(pair, "watch=true" | "watch=1" | "follow=true"))
        })
}

impl Rules {
    fn told(&self, request: &Request<Body>) -> String {
        let mut text = format!("{} {}{}", request.method(), self.server, request.uri());
        if self.verbosity > REQUESTS {
            for (name, value) in request.headers() {
                let value = if *name == header::AUTHORIZATION {
                    "<masked>"
                } else {
                    value.to_str().unwrap_or("<binary>")
                };
                text = format!("{text}\n    {name}: {value}\n   ");
            }
        }
        text
    }

    fn too_late(&self, limit: Duration) -> String {
        format!(
            "no answer from {} within {}s: try again, or give more time with --request-timeout",
            self.server,
            limit.as_secs_f64()
        )
    }

    /// Says what to do when there is no connection. Other errors say enough by themselves.
    fn explain(&self, error: BoxError) -> BoxError {
        use std::error::Error;
        let mut causes: Vec<String> = Vec::new();
        let mut transport = false;
        let mut next: Option<&(dyn Error + 'static)> = Some(&*error);
        while let Some(cause) = next {
            transport |= cause.is::<hyper_util::client::legacy::Error>();
            causes.push(cause.to_string());
            next = cause.source();
        }
        if !transport {
            return error;
        }
        let cause = causes.pop().unwrap_or_default();
        let remedy = if cause.contains("certificate") {
            "--certificate-authority names the authority to trust"
        } else {
            "check that the cluster runs, and --kubeconfig, --context and --server"
        };
        format!(
            "cannot reach the API server {}: {cause}; {remedy}",
            self.server
        )
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_have_no_limit() {
        let request = |path: &str| Request::get(path).body(Body::empty()).unwrap();
        assert!(!is_stream(&request("/api/v1/pods?limit=500")));
        assert!(is_stream(&request("/api/v1/pods?limit=500&watch=true")));
        let upgrade = Request::get("/x")
            .header("upgrade", "websocket")
            .body(Body::empty());
        assert!(is_stream(&upgrade.unwrap()));
    }

    #[test]
    fn a_token_is_not_shown() {
        let rules = Rules {
            server: "https://a".to_owned(),
            limit: None,
            verbosity: 9,
        };
        let request = Request::get("/x").header("authorization", "Bearer secret");
        let told = rules.told(&request.body(Body::empty()).unwrap());
        assert!(told.starts_with("GET https://a/x\n"), "{told}");
        assert!(!told.contains("secret"), "{told}");
    }
}
