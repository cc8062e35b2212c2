//! Network defaults, permissions and bindings.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Network defaults, permissions and bindings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkConfiguration {
    /// How guests without interfaces are connected to the pod's network: `bridge` or `masquerade`. Default: `bridge`.
    #[schemars(extend("enum" = ["bridge", "masquerade"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_network_interface: Option<String>,
    /// Deprecated, has no effect any more: guests with slirp interfaces are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permit_slirp_interface: Option<bool>,
    /// Whether guests may connect to the pod's network with a bridge. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permit_bridge_interface_on_pod_network: Option<bool>,
    /// Ways of connecting guests that plugins provide, by the name that interfaces use for them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub binding: BTreeMap<String, InterfaceBindingPlugin>,
}

/// A way of connecting guests to networks that a plugin provides.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InterfaceBindingPlugin {
    /// Image of a container that runs beside the guest and may change its domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sidecar_image: Option<String>,
    /// NetworkAttachmentDefinition that connects the pod: name, or namespace and name with a slash between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_attachment_definition: Option<String>,
    /// How the guest is attached to the pod's network: `tap` is a device that is there already, `managedTap` one that
    /// is made for it. Default: left to the sidecar.
    #[schemars(extend("enum" = ["tap", "managedTap"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_attachment_type: Option<String>,
    /// What happens to interfaces on a live migration. Without it a guest with such an interface cannot move while it
    /// runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration: Option<InterfaceBindingMigration>,
    /// What the sidecar is told in a volume: `device-info` are the devices of the networks.
    #[schemars(extend("enum" = ["device-info"]))]
    #[serde(rename = "downwardAPI", skip_serializing_if = "Option::is_none")]
    pub downward_api: Option<String>,
    /// Resources that the guest's own container needs beside its others, once for each kind of binding that is in
    /// use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compute_resource_overhead: Option<ResourceRequirementsWithoutClaims>,
}

/// What happens to interfaces on a live migration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InterfaceBindingMigration {
    /// `link-refresh` takes the link down and up again when the guest has arrived, so that it asks for its address
    /// anew.
    #[schemars(extend("enum" = ["link-refresh"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

/// Requests and limits of a container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceRequirementsWithoutClaims {
    /// What it can use at the most, by resource.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, Quantity>,
    /// What its node must have free for it, by resource.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub requests: BTreeMap<String, Quantity>,
}

/// Resources of a kind of container beside the guest's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SupportContainerResources {
    /// The kind of container: hotplug-disk, container-disk, virtiofs, sidecar, vmexport or guest-console-log.
    #[schemars(extend("enum" = ["hotplug-disk", "container-disk", "virtiofs", "sidecar", "vmexport", "guest-console-log"]))]
    pub type_: String,
    /// Its requests and limits; those that are not given keep their default.
    pub resources: ResourceRequirementsWithoutClaims,
}
