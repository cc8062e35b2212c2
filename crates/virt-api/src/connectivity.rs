//! `/healthz`: whether kube-apiserver can be reached, and which version it and the settings have.

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use kube::Client;
use kubevirt_runtime::config_watch::ConfigWatch;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long a good answer counts, so that probes cost the API server nothing.
const GOOD: Duration = Duration::from_secs(60);
/// How long a bad one counts.
const BAD: Duration = Duration::from_secs(5);
/// Longest wait for the API server.
const WAIT: Duration = Duration::from_secs(5);

/// When it was asked last, and the version or what was wrong.
type Asked = (Instant, Result<Value, String>);

/// Asks at most once in a while. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Connectivity {
    client: Client,
    config: ConfigWatch,
    last: Arc<Mutex<Option<Asked>>>,
}

impl Connectivity {
    pub(crate) fn new(client: Client, config: ConfigWatch) -> Self {
        Self {
            client,
            config,
            last: Arc::default(),
        }
    }

    /// 200 with `apiserver` and `config-resource-version`, 500 when the API server does not answer.
    pub(crate) async fn answer(&self) -> Response {
        let version = self
            .config
            .object()
            .and_then(|object| object.metadata.resource_version.clone());
        let (code, apiserver) = match self.ask().await {
            Ok(version) => (
                StatusCode::OK,
                json!({ "connectivity": "ok", "version": version }),
            ),
            Err(error) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                json!({ "connectivity": "failed", "error": error }),
            ),
        };
        let body = json!({ "apiserver": apiserver, "config-resource-version": version.unwrap_or_default() });
        (
            code,
            [(header::CONTENT_TYPE, "application/json")],
            body.to_string(),
        )
            .into_response()
    }

    async fn ask(&self) -> Result<Value, String> {
        // Held while asking: of many that ask at once, one goes to the API server.
        let mut last = self.last.lock().await;
        if let Some((at, answer)) = &*last
            && at.elapsed() < if answer.is_ok() { GOOD } else { BAD }
        {
            return answer.clone();
        }
        let answer = match timeout(WAIT, self.client.apiserver_version()).await {
            Ok(Ok(version)) => serde_json::to_value(version).map_err(|error| error.to_string()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no answer within {} s", WAIT.as_secs())),
        };
        *last = Some((Instant::now(), answer.clone()));
        answer
    }
}
