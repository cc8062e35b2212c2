//! Changing objects that others change too: JSON patches that test what was decided on. Who decided looks again when the
//! object is not any more what it was.

use std::time::Duration;

use kube::Api;
use kube::api::{Patch, PatchParams};
use kube::core::DynamicObject;
use serde_json::{Value, json};

use crate::status::{Refusal, from_api};

/// How often to decide anew. The objects are written a few times per second at most, so this is never used up by chance.
pub(crate) const ATTEMPTS: usize = 5;
/// Time between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// What the API server answers when the test of a JSON patch does not hold (with code 422).
const DOES_NOT_APPLY: &str = "the server rejected our request due to an error in our request";

/// Which part of an object a patch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Object,
    Status,
}

/// One JSON patch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) part: Part,
    pub(crate) operations: Value,
}

/// Why an object was not changed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It is not any more what the decision was made about.
    Changed,
    Other(Refusal),
}

/// Patches the object of that kind (singular, in lower case) and name.
pub(crate) async fn patch(
    api: &Api<DynamicObject>,
    kind: &'static str,
    name: &str,
    change: &Change,
    dry_run: bool,
) -> Result<(), Failure> {
    let patch: json_patch::Patch =
        serde_json::from_value(change.operations.clone()).map_err(|error| {
            Failure::Other(Refusal::internal(format!(
                "the patch is malformed: {error}"
            )))
        })?;
    let patch = Patch::<()>::Json(patch);
    let parameters = PatchParams {
        dry_run,
        ..PatchParams::default()
    };
    let outcome = match change.part {
        Part::Object => api.patch(name, &parameters, &patch).await,
        Part::Status => api.patch_status(name, &parameters, &patch).await,
    };
    match outcome {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status))
            if status.code == 409
                || (status.code == 422 && status.message.starts_with(DOES_NOT_APPLY)) =>
        {
            Err(Failure::Changed)
        }
        Err(error) => Err(Failure::Other(from_api(error, kind, name))),
    }
}

/// Waits before the next attempt.
pub(crate) async fn pause() {
    tokio::time::sleep(PAUSE).await;
}

/// 409 when all attempts are used up.
pub(crate) fn modified(kind: &'static str, name: &str) -> Refusal {
    Refusal::conflict(kind, name, "the object has been modified; try again")
}

/// What is absent cannot be tested by a JSON patch, the version of the object can.
pub(crate) fn unchanged(version: Option<&str>) -> Value {
    json!({ "op": "test", "path": "/metadata/resourceVersion", "value": version })
}
