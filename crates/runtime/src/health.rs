//! `/healthz`, `/readyz` and `/metrics`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};

use crate::metrics::Metrics;

/// The conditions under which this process is ready, each named, all false at first. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Health {
    conditions: Arc<Mutex<Conditions>>,
}

#[derive(Debug)]
struct Conditions {
    ready: BTreeMap<&'static str, bool>,
    failure: Option<String>,
}

impl Health {
    /// Ready once each of `conditions` has been set.
    #[must_use]
    pub fn new(conditions: &[&'static str]) -> Self {
        let ready = conditions.iter().map(|name| (*name, false)).collect();
        Self {
            conditions: Arc::new(Mutex::new(Conditions {
                ready,
                failure: None,
            })),
        }
    }

    /// Sets a condition; a name that was not given to [`Health::new`] becomes one.
    pub fn set(&self, condition: &'static str, met: bool) {
        let before = self.lock().ready.insert(condition, met);
        if before != Some(met) {
            tracing::info!(condition, met, "readiness");
        }
    }

    /// From now on `/healthz` fails with this reason, so that kubelet restarts the container: for what cannot be mended
    /// from within.
    pub fn fail(&self, reason: impl Into<String>) {
        let reason = reason.into();
        tracing::error!(%reason, "unhealthy");
        self.lock().failure.get_or_insert(reason);
    }

    /// The conditions that are not met, by name.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        self.lock()
            .ready
            .iter()
            .filter(|(_, met)| !**met)
            .map(|(name, _)| *name)
            .collect()
    }

    /// Why the process is unhealthy, if it is.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.lock().failure.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Conditions> {
        self.conditions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// `GET /healthz`, `/readyz` and `/metrics`.
pub fn router(health: Health, metrics: Metrics) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .with_state(health.clone())
        .merge(readiness_router(health, metrics))
}

/// `GET /readyz` and `/metrics` alone, for virt-api, whose `/healthz` has a form of its own.
pub fn readiness_router(health: Health, metrics: Metrics) -> Router {
    Router::new()
        .route("/readyz", get(readyz))
        .with_state(health)
        .merge(
            Router::new()
                .route("/metrics", get(scrape))
                .with_state(metrics),
        )
}

async fn healthz(State(health): State<Health>) -> Response {
    match health.failure() {
        None => "ok\n".into_response(),
        Some(reason) => (StatusCode::INTERNAL_SERVER_ERROR, reason + "\n").into_response(),
    }
}

async fn readyz(State(health): State<Health>) -> Response {
    let missing = health.missing();
    if missing.is_empty() {
        return "ok\n".into_response();
    }
    (
        StatusCode::SERVICE_UNAVAILABLE,
        format!("not ready, waiting for: {}\n", missing.join(", ")),
    )
        .into_response()
}

async fn scrape(State(metrics): State<Metrics>) -> Response {
    match metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, crate::metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    async fn ask(router: &Router, path: &str) -> (StatusCode, String) {
        let request = http::Request::get(path)
            .body(axum::body::Body::empty())
            .unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn ready_when_every_condition_is_met() {
        let health = Health::new(&["certificates", "config"]);
        let router = router(health.clone(), Metrics::new("test"));
        health.set("config", true);
        let (status, text) = ask(&router, "/readyz").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(text, "not ready, waiting for: certificates\n");
        health.set("certificates", true);
        assert_eq!(ask(&router, "/readyz").await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn healthy_until_told_otherwise() {
        let health = Health::new(&[]);
        let router = router(health.clone(), Metrics::new("test"));
        assert_eq!(ask(&router, "/healthz").await.0, StatusCode::OK);
        health.fail("the event loop is stuck");
        let (status, text) = ask(&router, "/healthz").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(text.contains("stuck"));
    }

    #[tokio::test]
    async fn metrics_name_the_process() {
        let (status, text) = ask(&router(Health::new(&[]), Metrics::new("test")), "/metrics").await;
        assert_eq!(status, StatusCode::OK);
        for name in [
            "process_resident_memory_bytes",
            "process_start_time_seconds",
            "kubevirt_info",
        ] {
            assert!(text.contains(name), "{name} is absent from {text}");
        }
    }
}
