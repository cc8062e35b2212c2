//! Which pod is the virt-handler of a node.

use std::net::IpAddr;

use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, Client};

use crate::status::Refusal;

/// The address of virt-handler's pod on `node`, a pod of `namespace`.
pub(super) async fn address(
    client: &Client,
    namespace: &str,
    node: &str,
) -> Result<IpAddr, Refusal> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let which = ListParams::default()
        .labels("kubevirt.io=virt-handler")
        .fields(&format!("spec.nodeName={node},status.phase=Running"))
        .limit(10);
    let listed = pods.list(&which).await.map_err(|error| {
        Refusal::internal(format!(
            "cannot look for virt-handler of node {node:?}: {error}"
        ))
    })?;
    pick(&listed.items).ok_or_else(|| {
        Refusal::internal(format!(
            "no virt-handler runs on node {node:?}: see the DaemonSet virt-handler"
        ))
    })
}

/// Prefers a pod that is ready and not about to go.
pub(super) fn pick(pods: &[Pod]) -> Option<IpAddr> {
    let ready = |pod: &Pod| {
        let conditions = pod
            .status
            .as_ref()
            .and_then(|status| status.conditions.as_deref())
            .unwrap_or_default();
        conditions
            .iter()
            .any(|condition| condition.type_ == "Ready" && condition.status == "True")
    };
    pods.iter()
        .filter_map(|pod| {
            let address: IpAddr = pod.status.as_ref()?.pod_ip.as_ref()?.parse().ok()?;
            Some((
                pod.metadata.deletion_timestamp.is_some(),
                !ready(pod),
                address,
            ))
        })
        .min()
        .map(|(_, _, address)| address)
}
