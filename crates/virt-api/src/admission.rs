//! The admission webhooks: defaults and rules, as kube-apiserver asks for them.
//!
//! Most answers come from the review alone and cost only the decoding and the rules. What a VirtualMachine names - an
//! instancetype, a preference, volumes that say them - is looked up, and a few kinds have rules that look at other objects,
//! within a bound. Ordinary virtual machines never wait for such a question.

mod figures;
mod kinds;
mod mutate;
mod named;
mod observe;
mod patch;
mod protect;
mod restart;
mod review;
mod settings;
mod validate;
mod webhooks;

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{StatusCode, header};
use kube::Client;
use kubevirt_runtime::config_watch::ConfigWatch;
use kubevirt_runtime::instancetypes::Finder;

pub(crate) use figures::Figures;
use review::{Cause, Outcome, Request};
use webhooks::{WEBHOOKS, Webhook};

use crate::presets::Presets;

/// Most bytes of an admission review: two objects of 1.5 MiB, what etcd takes at most.
const BODY: usize = 3 * 1024 * 1024 + 64 * 1024;
/// How long looking at other objects may take; kube-apiserver waits 10 s for the answer.
const OBSERVATION: Duration = Duration::from_secs(6);

/// What admission needs to know. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Admission {
    config: ConfigWatch,
    /// What the user names of KubeVirt's components begin with.
    components: String,
    namespace: String,
    figures: Figures,
    finder: Option<Finder>,
    presets: Presets,
    /// The way to objects that rules look at.
    client: Option<Client>,
}

impl Admission {
    pub(crate) fn new(config: ConfigWatch, namespace: &str, figures: Figures) -> Self {
        let components = format!("system:serviceaccount:{namespace}:kubevirt-");
        Self {
            config,
            components,
            namespace: namespace.to_owned(),
            figures,
            finder: None,
            presets: Presets::default(),
            client: None,
        }
    }

    /// With a way to objects that rules look at. Without one, what such a rule is about is refused.
    pub(crate) fn observing(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// With what looks up the objects that others name, and the presets.
    pub(crate) fn looking_up(mut self, finder: Finder, presets: Presets) -> Self {
        self.finder = Some(finder);
        self.presets = presets;
        self
    }

    /// Whether virt-controller asks.
    fn is_controller(&self, request: &Request) -> bool {
        request.user_info.username == format!("{}controller", self.components)
    }

    /// Whether a component of KubeVirt asks.
    fn is_component(&self, request: &Request) -> bool {
        request.user_info.username.starts_with(&self.components)
    }
}

/// The routes of the webhooks.
pub(crate) fn router(admission: Admission) -> Router {
    let mut router = Router::new();
    for (path, webhook) in WEBHOOKS {
        let handler = move |State(admission): State<Admission>, body: Body| {
            answer(admission, path, webhook, body)
        };
        router = router.route(path, post(handler));
    }
    router.with_state(admission)
}

async fn answer(
    admission: Admission,
    path: &'static str,
    webhook: Webhook,
    body: Body,
) -> Response {
    let plain = |code: StatusCode, text: String| (code, text).into_response();
    let Ok(bytes) = to_bytes(body, BODY).await else {
        return plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body is cut off or has more than {BODY} bytes\n"),
        );
    };
    let started = std::time::Instant::now();
    let mut request = match review::decode(&bytes) {
        Ok(request) => request,
        Err(error) => {
            return plain(
                StatusCode::BAD_REQUEST,
                format!("this is not an AdmissionReview: {error}\n"),
            );
        }
    };
    let outcome = match request.operation.as_str() {
        // Nothing else of ours forbids a deletion, and there is no object to look at.
        "DELETE" if path == "/kubevirt-validate-delete" => {
            decide(&admission, webhook, &request).await
        }
        "DELETE" | "CONNECT" => Outcome::allowed(),
        _ => {
            let config = admission.config.current();
            request.named =
                named::look_up(admission.finder.as_ref(), path, &request, &config).await;
            decide(&admission, webhook, &request).await
        }
    };
    admission
        .figures
        .count(path, outcome.is_allowed(), started.elapsed());
    if let Some(message) = outcome.refusal() {
        tracing::debug!(
            path,
            namespace = request.namespace,
            name = request.name,
            message,
            "refused"
        );
    }
    match outcome.into_review(&request.uid) {
        Ok(review) => ([(header::CONTENT_TYPE, "application/json")], review).into_response(),
        Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

async fn decide(admission: &Admission, webhook: Webhook, request: &Request) -> Outcome {
    match webhook {
        Webhook::Pure(webhook) => webhook(admission, request),
        Webhook::Observing(webhook) => {
            tokio::time::timeout(OBSERVATION, webhook(admission, request))
                .await
                .unwrap_or_else(|_| Outcome::Refused(vec![too_slow()]))
        }
    }
}

fn too_slow() -> Cause {
    Cause {
        field: String::new(),
        reason: "FieldValueInvalid",
        message: format!(
            "the API server did not answer within {} s what other objects there are: try again",
            OBSERVATION.as_secs()
        ),
    }
}

#[cfg(test)]
mod tests;
