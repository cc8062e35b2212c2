//! What a volume's name means: a DataVolume, or else a PersistentVolumeClaim.

use anyhow::bail;
use kube::Api;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::{Value, json};

use crate::client::Cluster;
use crate::subresource;

/// The source of the volume of that name, as the API has it.
///
/// # Errors
/// There is neither, or the server does not let the user look.
pub(super) async fn find(cluster: &Cluster, volume: &str) -> anyhow::Result<Value> {
    if exists(cluster, "cdi.kubevirt.io", "v1beta1", "DataVolume", volume).await? {
        return Ok(json!({ "dataVolume": { "name": volume, "hotpluggable": true } }));
    }
    if exists(cluster, "", "v1", "PersistentVolumeClaim", volume).await? {
        return Ok(
            json!({ "persistentVolumeClaim": { "claimName": volume, "hotpluggable": true } }),
        );
    }
    bail!(
        "Volume {volume} is not a DataVolume or PersistentVolumeClaim of namespace {namespace}; see `kubectl get pvc -n {namespace}`",
        namespace = cluster.namespace
    )
}

/// Whether there is such an object. Where its kind is not installed, there is none.
async fn exists(
    cluster: &Cluster,
    group: &str,
    version: &str,
    kind: &str,
    name: &str,
) -> anyhow::Result<bool> {
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    let api: Api<DynamicObject> =
        Api::namespaced_with(cluster.client.clone(), &cluster.namespace, &resource);
    match api.get(name).await {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(error) => Err(subresource::plain(error)),
    }
}
