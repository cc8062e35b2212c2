//! A request to virt-handler that is answered.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http::{HeaderValue, Method, Request, header};
use http_body_util::{BodyExt, Limited};
use tokio::time::timeout;

use super::connect::connect;
use super::refused::refused;
use crate::aggregated::Aggregated;
use crate::status::Refusal;

/// Longest wait for the whole of an answer.
const ANSWER: Duration = Duration::from_secs(10);
/// Most bytes of an answer: a picture of a 4K screen without compression.
const SIZE: usize = 32 * 1024 * 1024;

/// Asks virt-handler on `node` for `path` (with its query) and waits for the body of its answer.
///
/// # Errors
/// 500 when virt-handler cannot be reached or does not answer in 10 s; what it refuses, with its code where it is meant for
/// whoever asked (400, 404, 409, 422, 503) and 500 otherwise.
pub(crate) async fn call(
    context: &Aggregated,
    node: &str,
    method: Method,
    path: &str,
    body: Bytes,
) -> Result<Bytes, Refusal> {
    let mut connection = connect(context, node).await?;
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "virt-handler")
        .header(header::CONNECTION, "close");
    if !body.is_empty() {
        let json = HeaderValue::from_static("application/json");
        request = request.header(header::CONTENT_TYPE, json);
    }
    let request = request
        .body(Body::from(body))
        .map_err(|error| connection.failed(error))?;
    let sender = &mut connection.sender;
    let answering = async {
        let response = sender.send_request(request).await?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, SIZE).collect().await?.to_bytes();
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>((parts.status, body))
    };
    let (status, body) = match timeout(ANSWER, answering).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(connection.failed(error)),
        Err(_) => {
            let message = format!("no answer within {} s", ANSWER.as_secs());
            return Err(connection.failed(message));
        }
    };
    if status.is_success() {
        Ok(body)
    } else {
        Err(refused(status, &String::from_utf8_lossy(&body), node))
    }
}
