//! Devices of nodes that guests may be given.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Devices of nodes that guests may be given. A guest asks for one by its resource name; what is not listed here is
/// refused.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PermittedHostDevices {
    /// PCI devices that nodes bind to vfio.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pci_host_devices: Vec<PciHostDevice>,
    /// Mediated devices: shares of a graphics card and the like.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mediated_devices: Vec<MediatedHostDevice>,
    /// USB devices.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usb: Vec<USBHostDevice>,
}

/// PCI devices of a kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PciHostDevice {
    /// Vendor and device in hexadecimal, such as `10DE:1EB8`.
    pub pci_vendor_selector: String,
    /// Name of the resource that nodes offer them as, such as `example.com/card`.
    pub resource_name: String,
    /// Whether another program than virt-handler offers the resource. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_resource_provider: Option<bool>,
}

/// Mediated devices of a kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MediatedHostDevice {
    /// Name of the type as the driver tells it, such as `GRID T4-1Q`.
    pub mdev_name_selector: String,
    /// Name of the resource that nodes offer them as, such as `example.com/share`.
    pub resource_name: String,
    /// Whether another program than virt-handler offers the resource. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_resource_provider: Option<bool>,
}

/// USB devices that are given to a guest together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct USBHostDevice {
    /// Name of the resource that nodes offer them as, such as `example.com/token`.
    pub resource_name: String,
    /// The devices: each selector finds one. All have to be on the node.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selectors: Vec<USBSelector>,
    /// Whether another program than virt-handler offers the resource. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_resource_provider: Option<bool>,
}

/// A USB device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct USBSelector {
    /// Vendor in hexadecimal, such as `0951`.
    pub vendor: String,
    /// Product in hexadecimal, such as `1666`.
    pub product: String,
}

/// Mediated devices that nodes are to set up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MediatedDevicesConfiguration {
    /// Deprecated, use mediatedDeviceTypes.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mediated_devices_types: Vec<String>,
    /// Types that all nodes set up which have the hardware, by the driver's name for them, such as `nvidia-222`.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mediated_device_types: Vec<String>,
    /// Types for some nodes; these come before mediatedDeviceTypes.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub node_mediated_device_types: Vec<NodeMediatedDeviceTypesConfig>,
    /// Deprecated, use the feature gate DisableMDEVConfiguration: whether nodes set up mediated devices at all.
    /// Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// Mediated devices that some nodes are to set up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeMediatedDeviceTypesConfig {
    /// Labels of these nodes.
    pub node_selector: BTreeMap<String, String>,
    /// Deprecated, use mediatedDeviceTypes.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mediated_devices_types: Vec<String>,
    /// Types that they set up, by the driver's name for them.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mediated_device_types: Vec<String>,
}
