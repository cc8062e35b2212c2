//! The KubeVirt object, which describes the installation.

use kube::Api;
use kube::api::ListParams;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::Value;

/// Its kind.
pub(crate) fn resource() -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk("kubevirt.io", "v1", "KubeVirt"))
}

/// The objects as JSON.
pub(crate) async fn list(
    api: &Api<DynamicObject>,
    parameters: &ListParams,
) -> kube::Result<Vec<Value>> {
    let list = api.list(parameters).await?;
    list.items
        .into_iter()
        .map(|object| serde_json::to_value(object).map_err(kube::Error::SerdeError))
        .collect()
}
