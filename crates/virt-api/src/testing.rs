//! A Kubernetes API for tests: answers what a closure says and remembers what it was asked.

use std::sync::{Arc, Mutex};

use http::{Request, Response};
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use serde_json::Value;

/// Method, path with query, and body of each request.
pub(crate) type Asked = Arc<Mutex<Vec<(String, String, Value)>>>;

/// A client whose requests `answer` answers with a status code and an object.
pub(crate) fn client(
    answer: impl Fn(&str, &str, &Value) -> (u16, Value) + Send + Sync + 'static,
) -> (Client, Asked) {
    let asked = Asked::default();
    let remember = asked.clone();
    let answer = Arc::new(answer);
    let service = tower::service_fn(move |request: Request<Body>| {
        let (answer, remember) = (answer.clone(), remember.clone());
        async move {
            let (parts, body) = request.into_parts();
            let bytes = body.collect().await?.to_bytes();
            let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
            let path = parts.uri.to_string();
            let (code, object) = answer(parts.method.as_str(), &path, &body);
            remember
                .lock()
                .unwrap()
                .push((parts.method.to_string(), path, body));
            let response = Response::builder()
                .status(code)
                .body(Body::from(object.to_string().into_bytes()));
            response.map_err(tower::BoxError::from)
        }
    });
    (Client::new(service, "default"), asked)
}

/// A `Status` as the API server sends it.
pub(crate) fn failure(code: u16, reason: &str, message: &str) -> (u16, Value) {
    let status = serde_json::json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    });
    (code, status)
}
