//! The HTTP side.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::routing::{get, put};
use kube::Resource;
use kubevirt_runtime::events::{EventType, Recorder};
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use super::{agent, power, screen};
use crate::guest::Guest;
use crate::vm::Directory;

/// Longest body of a request, in bytes: options of a few words.
const MOST_BODY: usize = 64 * 1024;

/// What operations need.
pub(crate) struct Operations {
    pub(crate) directory: Arc<Directory>,
    pub(crate) recorder: Recorder,
}

/// The names in an operation's path: namespace and virtual machine.
type Names = Path<(String, String)>;
type Shared = State<Arc<Operations>>;
type Answer = Result<Response<Body>, Refusal>;

/// The routes of the operations.
pub(crate) fn router(operations: Arc<Operations>) -> Router {
    let at = |tail: &str| {
        format!("/v1/namespaces/{{namespace}}/virtualmachineinstances/{{name}}/{tail}")
    };
    Router::new()
        .route(&at("pause"), put(pause))
        .route(&at("unpause"), put(unpause))
        .route(&at("reset"), put(reset))
        .route(&at("softreboot"), put(soft_reboot))
        .route(&at("freeze"), put(freeze))
        .route(&at("unfreeze"), put(unfreeze))
        .route(&at("guestosinfo"), get(information))
        .route(&at("userlist"), get(users))
        .route(&at("filesystemlist"), get(file_systems))
        .route(&at("vnc/screenshot"), get(screenshot))
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .with_state(operations)
}

async fn pause(State(operations): Shared, Path((namespace, name)): Names) -> Answer {
    let guest = operations.guest(&namespace, &name)?;
    power::pause(&operations, guest).await.map(|()| accepted())
}

async fn unpause(State(operations): Shared, Path((namespace, name)): Names) -> Answer {
    let guest = operations.guest(&namespace, &name)?;
    power::unpause(&operations, guest)
        .await
        .map(|()| accepted())
}

async fn reset(State(operations): Shared, Path((namespace, name)): Names) -> Answer {
    let guest = operations.guest(&namespace, &name)?;
    power::reset(&operations, guest).await.map(|()| accepted())
}

async fn soft_reboot(State(operations): Shared, Path((namespace, name)): Names) -> Answer {
    let guest = operations.guest(&namespace, &name)?;
    power::soft_reboot(&operations, guest)
        .await
        .map(|()| accepted())
}

async fn freeze(State(operations): Shared, Path((namespace, name)): Names, body: Bytes) -> Answer {
    let limit = agent::freeze_limit(&body)?;
    let guest = operations.guest(&namespace, &name)?;
    agent::freeze(operations, guest, limit)
        .await
        .map(|()| accepted())
}

async fn unfreeze(State(operations): Shared, Path((namespace, name)): Names) -> Answer {
    let guest = operations.guest(&namespace, &name)?;
    agent::unfreeze(guest).await.map(|()| accepted())
}

async fn information(State(operations): Shared, Path((namespace, name)): Names) -> Answer {
    let guest = operations.guest(&namespace, &name)?;
    json(&agent::information(guest).await?, &name)
}

async fn users(State(operations): Shared, Path((namespace, name)): Names) -> Answer {
    let guest = operations.guest(&namespace, &name)?;
    json(&agent::users(guest).await?, &name)
}

async fn file_systems(State(operations): Shared, Path((namespace, name)): Names) -> Answer {
    let guest = operations.guest(&namespace, &name)?;
    json(&agent::file_systems(guest).await?, &name)
}

/// The query of a request for a picture.
#[derive(Debug, Default, Deserialize)]
struct Pointer {
    #[serde(default, rename = "moveCursor")]
    move_cursor: bool,
}

async fn screenshot(
    State(operations): Shared,
    Path((namespace, name)): Names,
    pointer: Result<Query<Pointer>, axum::extract::rejection::QueryRejection>,
) -> Answer {
    let Query(pointer) = pointer.map_err(|_| {
        Refusal::BadRequest("moveCursor of the query is neither true nor false".to_owned())
    })?;
    let guest = operations.guest(&namespace, &name)?;
    let picture = screen::picture(guest, pointer.move_cursor).await?;
    Ok(answer(StatusCode::OK, "image/png", picture.into()))
}

impl Operations {
    /// A guest of this node that runs and is to go on running.
    fn guest(&self, namespace: &str, name: &str) -> Result<Guest, Refusal> {
        let guest = self.directory.guest(namespace, name)?;
        if guest.stopping {
            return Err(Refusal::Stopping {
                name: name.to_owned(),
            });
        }
        Ok(guest)
    }

    /// Tells an event of a guest's instance.
    pub(super) fn publish(&self, guest: &Guest, kind: EventType, reason: &str, message: &str) {
        self.recorder
            .publish(&guest.instance.object_ref(&()), kind, reason, message);
    }
}

/// The answer to what was done and has nothing to tell.
fn accepted() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}

fn json(value: &impl Serialize, name: &str) -> Answer {
    let text = serde_json::to_string(value).map_err(|error| Refusal::Failed {
        name: name.to_owned(),
        message: format!("the answer cannot be expressed in JSON: {error}"),
    })?;
    Ok(answer(StatusCode::OK, "application/json", text.into()))
}

fn answer(code: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = code;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests;
