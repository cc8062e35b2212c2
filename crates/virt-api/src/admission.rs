//! The admission webhooks: defaults and rules, as kube-apiserver asks for them. No call to the API is made on the way, so
//! an admission costs only the decoding and the rules.

mod figures;
mod mutate;
mod patch;
mod review;
mod validate;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{StatusCode, header};
use kubevirt_runtime::config_watch::ConfigWatch;

pub(crate) use figures::Figures;
use review::{Outcome, Request};

/// Most bytes of an admission review: two objects of 1.5 MiB, what etcd takes at most.
const BODY: usize = 3 * 1024 * 1024 + 64 * 1024;

/// What admission needs to know. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Admission {
    config: ConfigWatch,
    /// What the user names of KubeVirt's components begin with.
    components: String,
    namespace: String,
    figures: Figures,
}

impl Admission {
    pub(crate) fn new(config: ConfigWatch, namespace: &str, figures: Figures) -> Self {
        let components = format!("system:serviceaccount:{namespace}:kubevirt-");
        Self {
            config,
            components,
            namespace: namespace.to_owned(),
            figures,
        }
    }

    /// Whether a component of KubeVirt asks.
    fn is_component(&self, request: &Request) -> bool {
        request.user_info.username.starts_with(&self.components)
    }
}

type Webhook = fn(&Admission, &Request) -> Outcome;

/// The webhooks by path.
const WEBHOOKS: [(&str, Webhook); 7] = [
    ("/virtualmachines-mutate", mutate::machine),
    ("/virtualmachineinstances-mutate", mutate::instance),
    ("/virtualmachines-validate", validate::machine),
    (
        "/virtualmachineinstances-validate-create",
        validate::instance_create,
    ),
    (
        "/virtualmachineinstances-validate-update",
        validate::instance_update,
    ),
    ("/kubevirt-validate-create", validate::kubevirt),
    ("/kubevirt-validate-update", validate::kubevirt),
];

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
    let request = match review::decode(&bytes) {
        Ok(request) => request,
        Err(error) => {
            return plain(
                StatusCode::BAD_REQUEST,
                format!("this is not an AdmissionReview: {error}\n"),
            );
        }
    };
    let outcome = match request.operation.as_str() {
        // Nothing of ours forbids a deletion, and there is no object to look at.
        "DELETE" | "CONNECT" => Outcome::allowed(),
        _ => webhook(&admission, &request),
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

#[cfg(test)]
mod tests;
