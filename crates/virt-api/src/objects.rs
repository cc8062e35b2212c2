//! Objects of our kinds, read by way of plain JSON: see [`kubevirt_runtime::decode`] for why.

use kube::core::{ApiResource, DynamicObject};
use kube::{Api, Client, Resource};
use kubevirt_api::{VirtualMachine, VirtualMachineInstance};
use kubevirt_runtime::decode::decode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::aggregated::route::Target;

use crate::status::{Refusal, from_api};

/// The API of a kind of ours as plain JSON.
pub(crate) fn api<T: Resource<DynamicType = ()>>(
    client: &Client,
    namespace: &str,
) -> Api<DynamicObject> {
    Api::namespaced_with(client.clone(), namespace, &ApiResource::erase::<T>(&()))
}

/// The kinds of ours that subresources are about, as answers name them.
pub(crate) const MACHINE: &str = "virtualmachine";
pub(crate) const INSTANCE: &str = "virtualmachineinstance";

/// The object of that name as the API server has it; none when there is none. `kind` is the singular name in lower case.
pub(crate) async fn value(
    api: &Api<DynamicObject>,
    kind: &'static str,
    name: &str,
) -> Result<Option<Value>, Refusal> {
    let found = api
        .get_opt(name)
        .await
        .map_err(|error| from_api(error, kind, name))?;
    found
        .map(serde_json::to_value)
        .transpose()
        .map_err(|error| unreadable(kind, name, &error))
}

/// What [`value`] gave, as its type.
pub(crate) fn typed<T: DeserializeOwned>(
    object: &Value,
    kind: &'static str,
    name: &str,
) -> Result<T, Refusal> {
    decode(object).map_err(|error| unreadable(kind, name, &error))
}

/// The object of that name; none when there is none. `kind` is the singular name in lower case.
pub(crate) async fn read<T: DeserializeOwned>(
    api: &Api<DynamicObject>,
    kind: &'static str,
    name: &str,
) -> Result<Option<T>, Refusal> {
    let found = value(api, kind, name).await?;
    found.map(|found| typed(&found, kind, name)).transpose()
}

/// The VirtualMachine that a request is about. 404 when there is none.
pub(crate) async fn machine(client: &Client, target: &Target) -> Result<VirtualMachine, Refusal> {
    read(
        &api::<VirtualMachine>(client, &target.namespace),
        MACHINE,
        &target.name,
    )
    .await?
    .ok_or_else(|| Refusal::not_found(MACHINE, &target.name))
}

/// The VirtualMachineInstance of the name that a request is about, if there is one.
pub(crate) async fn instance(
    client: &Client,
    target: &Target,
) -> Result<Option<VirtualMachineInstance>, Refusal> {
    let api = api::<VirtualMachineInstance>(client, &target.namespace);
    read(&api, INSTANCE, &target.name).await
}

fn unreadable(kind: &str, name: &str, error: &dyn std::fmt::Display) -> Refusal {
    Refusal::internal(format!("{kind} {name} cannot be read: {error}"))
}
