//! Objects of our kinds, read by way of plain JSON: see [`kubevirt_runtime::decode`] for why.

use kube::core::{ApiResource, DynamicObject};
use kube::{Api, Client, Resource};
use kubevirt_runtime::decode::decode;
use serde::de::DeserializeOwned;

use crate::status::{Refusal, from_api};

/// The API of a kind of ours as plain JSON.
pub(crate) fn api<T: Resource<DynamicType = ()>>(
    client: &Client,
    namespace: &str,
) -> Api<DynamicObject> {
    Api::namespaced_with(client.clone(), namespace, &ApiResource::erase::<T>(&()))
}

/// The object of that name; none when there is none. `kind` is the singular name in lower case.
pub(crate) async fn read<T: DeserializeOwned>(
    api: &Api<DynamicObject>,
    kind: &'static str,
    name: &str,
) -> Result<Option<T>, Refusal> {
    let found = api
        .get_opt(name)
        .await
        .map_err(|error| from_api(error, kind, name))?;
    let Some(found) = found else { return Ok(None) };
    let unreadable =
        |error: String| Refusal::internal(format!("{kind} {name} cannot be read: {error}"));
    let object = serde_json::to_value(found).map_err(|error| unreadable(error.to_string()))?;
    decode(&object)
        .map(Some)
        .map_err(|error| unreadable(error.to_string()))
}
