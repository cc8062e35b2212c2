//! The aggregated API `subresources.kubevirt.io`: kube-apiserver passes requests on to here, with who asks in headers.
//!
//! For each request: its path is looked up in [`route`], who asks is taken from the front proxy's headers, the cluster is
//! asked whether that one may, and only then is anything done.

pub(crate) mod authorize;
pub(crate) mod documents;
pub(crate) mod front_proxy;
pub(crate) mod guestfs;
mod openapi;
mod path;
mod preflight;
pub(crate) mod route;
mod subresource;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use http::{HeaderValue, Method, Request, StatusCode, header};
use kube::Client;
use kubevirt_runtime::config_watch::ConfigWatch;
use kubevirt_runtime::peer::PeerCertificate;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::connectivity::Connectivity;
use crate::handler::Handlers;
use crate::status::Refusal;
use crate::streams::Streams;
use crate::{evacuation, expand, graph, guest, later, lifecycle, migration, volumes};
use authorize::Verdict;
use front_proxy::FrontProxy;
use guestfs::Images;
use route::{Implementation, Route, Target, Verb};

/// How long a request's body may take.
const BODY: Duration = Duration::from_secs(30);

/// What the aggregated API needs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Aggregated {
    pub(crate) client: Client,
    pub(crate) front_proxy: watch::Receiver<Option<Arc<FrontProxy>>>,
    pub(crate) streams: Streams,
    pub(crate) connectivity: Connectivity,
    pub(crate) config: ConfigWatch,
    pub(crate) handlers: Handlers,
    pub(crate) images: Images,
}

/// Everything that has no route of its own.
pub(crate) fn router(aggregated: Aggregated) -> Router {
    Router::new().fallback(answer).with_state(aggregated)
}

async fn answer(State(aggregated): State<Aggregated>, request: Request<Body>) -> Response {
    let Some(route) = route::parse(request.uri().path()) else {
        return Refusal::new(
            StatusCode::NOT_FOUND,
            "the server could not find the requested resource",
        )
        .into_response();
    };
    if request.method() == Method::OPTIONS {
        return preflight::preflight(match &route {
            Route::Object(target) => target.subresource.row().method.as_str(),
            _ => Verb::Get.as_str(),
        });
    }
    let document = match route {
        Route::Object(target) => {
            return aggregated
                .object(&target, request)
                .await
                .unwrap_or_else(IntoResponse::into_response);
        }
        Route::Healthz => {
            return read_only(&request).unwrap_or(aggregated.connectivity.answer().await);
        }
        Route::Wrong(message) => return Refusal::bad_request(message).into_response(),
        Route::Profiler => {
            let refusal = || later::not_implemented(later::PROFILES).into_response();
            return read_only(&request).unwrap_or_else(refusal);
        }
        Route::Guestfs => {
            let settings = aggregated.config.object();
            match guestfs::answer(settings.as_deref(), &aggregated.images) {
                Ok(document) => document,
                Err(refusal) => {
                    return read_only(&request).unwrap_or_else(|| refusal.into_response());
                }
            }
        }
        Route::RootPaths => documents::root_paths(),
        Route::Groups => documents::groups(),
        Route::Group => documents::group(),
        Route::Resources { version } => documents::resources(version),
        Route::Version => documents::version(),
        Route::OpenApiV2 => openapi::v2(),
        Route::OpenApiV3Index => openapi::v3_index(),
        Route::OpenApiV3 { version } => openapi::v3(version),
    };
    read_only(&request).unwrap_or_else(|| Json(document).into_response())
}

/// The refusal of methods that documents do not have.
fn read_only(request: &Request<Body>) -> Option<Response> {
    match *request.method() {
        Method::GET | Method::HEAD => None,
        _ => Some(not_allowed("GET")),
    }
}

fn not_allowed(allowed: &'static str) -> Response {
    let refusal = Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("only {allowed} is supported here"),
    );
    let mut response = refusal.into_response();
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

/// As the original answers who is not known or may not: 401 with the reason as text.
fn unauthorized(why: &str) -> Response {
    (StatusCode::UNAUTHORIZED, format!("{why}\n")).into_response()
}

impl Aggregated {
    async fn object(&self, target: &Target, request: Request<Body>) -> Result<Response, Refusal> {
        let Some(front_proxy) = self.front_proxy.borrow().clone() else {
            let message = "virt-api does not know the front proxy yet, try again";
            return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message));
        };
        let certificate = request
            .extensions()
            .get::<PeerCertificate>()
            .cloned()
            .unwrap_or_default();
        let user = match front_proxy.authenticate(&certificate, request.headers()) {
            Ok(user) => user,
            Err(why) => return Ok(unauthorized(&why)),
        };
        let row = target.subresource.row();
        let Some(review) = authorize::review(&user, request.method(), target) else {
            return Ok(not_allowed(row.method.as_str()));
        };
        match authorize::ask(&self.client, &review).await {
            Ok(Verdict::Allowed) => {}
            Ok(Verdict::Denied(why)) => {
                return Ok(unauthorized(&authorize::denial(&user, &review, &why)));
            }
            Err(error) => {
                return Err(Refusal::internal(format!(
                    "cannot ask whether {:?} may: {error}",
                    user.name
                )));
            }
        }
        if *request.method() != row.method.method() {
            return Ok(not_allowed(row.method.as_str()));
        }
        let outcome = self.carry_out(target, request).await;
        let outcome =
            outcome.map_err(|refusal| refusal.or_about(target.subresource.kind(), &target.name));
        let refusal = outcome.as_ref().err();
        tracing::info!(
            user = user.name,
            namespace = target.namespace,
            name = target.name,
            resource = row.resource,
            subresource = row.name,
            code = refusal.map(|refusal| refusal.code.as_u16()),
            why = refusal.map(|refusal| refusal.message.as_str()),
            "{}",
            if refusal.is_none() {
                "carried out"
            } else {
                "refused"
            },
        );
        outcome
    }

    /// Does what has been authorized.
    async fn carry_out(
        &self,
        target: &Target,
        request: Request<Body>,
    ) -> Result<Response, Refusal> {
        let implementation = target.subresource.row().implementation;
        if implementation == Implementation::Stream {
            return self.streams.open(self, target, request).await;
        }
        let (parts, body) = request.into_parts();
        let body = read(body, target.subresource.body_limit()).await?;
        match implementation {
            Implementation::Lifecycle => {
                lifecycle::carry_out::carry_out(&self.client, target, &body).await
            }
            Implementation::Guest => guest::carry_out(self, target, parts.uri.query(), &body).await,
            Implementation::Migration => migration::carry_out(self, target, &body).await,
            Implementation::Volumes => volumes::carry_out(self, target, &body).await,
            Implementation::Expand => expand::carry_out(self, target, &body).await,
            Implementation::Graph => graph::carry_out(self, target, &body).await,
            Implementation::Evacuation => evacuation::carry_out(self, target, &body).await,
            Implementation::Later => later::refuse(self, target, &body).await,
            Implementation::Stream => Err(Refusal::internal("a stream has no body")),
        }
    }
}

/// The body of a request, of at most `limit` bytes.
async fn read(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    match timeout(BODY, to_bytes(body, limit)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => {
            let message = format!("the request body is cut off or has more than {limit} bytes");
            Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, message))
        }
        Err(_) => {
            let message = format!("the request body did not come within {} s", BODY.as_secs());
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, message))
        }
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod page;
#[cfg(test)]
mod tests;
