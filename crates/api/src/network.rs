//! Networks that interfaces attach to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A network that the interface of the same name attaches to: exactly one source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "[has(self.pod), has(self.multus), has(self.resourceClaim)].exists_one(given, given)",
    "message": "exactly one of pod, multus and resourceClaim must be given"
}]))]
#[serde(rename_all = "camelCase")]
pub struct Network {
    /// Name of the network and of its interface.
    pub name: String,
    /// The network of the pod. At most one network is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod: Option<PodNetwork>,
    /// A further network of the cluster, that Multus attaches the pod to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multus: Option<MultusNetwork>,
    /// A network device out of one of resourceClaims. Needs the feature gate NetworkDevicesWithDRA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_claim: Option<ClaimRequest>,
}

/// The network of the pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodNetwork {
    /// IPv4 network between pod and guest of a masquerade interface. Default: `10.0.2.0/24`.
    #[serde(rename = "vmNetworkCIDR", skip_serializing_if = "Option::is_none")]
    pub vm_network_cidr: Option<String>,
    /// IPv6 network between pod and guest of a masquerade interface. Default: `fd10:0:2::/120`.
    #[serde(rename = "vmIPv6NetworkCIDR", skip_serializing_if = "Option::is_none")]
    pub vm_ipv6_network_cidr: Option<String>,
}

/// A further network of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MultusNetwork {
    /// Name of the NetworkAttachmentDefinition, of the same namespace or as `namespace/name`.
    pub network_name: String,
    /// Makes this network the pod's first in place of the cluster's own. At most one network. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
}

/// A device out of a ResourceClaim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimRequest {
    /// Name of one of resourceClaims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_name: Option<String>,
    /// Which request of the claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_name: Option<String>,
}
