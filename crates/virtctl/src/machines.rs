//! A VirtualMachine or a VirtualMachineInstance, as plain JSON.

use kube::Api;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::Value;

use crate::client::Cluster;
use crate::target::Kind;
use crate::{subresource, suggest};

/// The one of that name in the cluster's namespace.
///
/// # Errors
/// The server's refusal, with a suggestion when there is no such object.
pub(crate) async fn get(cluster: &Cluster, kind: Kind, name: &str) -> anyhow::Result<Value> {
    // Refuses names that lead elsewhere.
    subresource::path(&cluster.namespace, kind.resource(), name, "")?;
    match api(cluster, kind, Some(&cluster.namespace)).get(name).await {
        Ok(object) => Ok(serde_json::to_value(object)?),
        Err(error) => {
            let error = suggest::explain(cluster, kind, name, subresource::plain(error)).await;
            Err(anyhow::anyhow!("Error getting {kind} {name}: {error:#}"))
        }
    }
}

/// All of that kind in a namespace, or everywhere.
pub(crate) fn api(cluster: &Cluster, kind: Kind, namespace: Option<&str>) -> Api<DynamicObject> {
    let resource = ApiResource::from_gvk_with_plural(
        &GroupVersionKind::gvk("kubevirt.io", "v1", &kind.to_string()),
        kind.resource(),
    );
    match namespace {
        Some(namespace) => Api::namespaced_with(cluster.client.clone(), namespace, &resource),
        None => Api::all_with(cluster.client.clone(), &resource),
    }
}
