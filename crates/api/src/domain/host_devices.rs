//! Devices of the node that a guest gets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::FeatureState;

/// A graphics processor of the node: by deviceName, from a device plugin, or by claimName and requestName, from a ResourceClaim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GPU {
    /// Name of the device in the guest's definition, unique among gpus and hostDevices.
    pub name: String,
    /// Name of the resource that the device plugin offers, for example `nvidia.com/TU104GL_Tesla_T4`. The cluster's
    /// permittedHostDevices must list it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// Name of one of resourceClaims. Needs the feature gate GPUsWithDRA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_name: Option<String>,
    /// Which request of the claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_name: Option<String>,
    /// What a part of a graphics processor (mediated device) shows.
    #[serde(rename = "virtualGPUOptions", skip_serializing_if = "Option::is_none")]
    pub virtual_gpu_options: Option<VGPUOptions>,
    /// Text that the guest finds beside the device in its metadata on the configuration disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// What a part of a graphics processor shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VGPUOptions {
    /// Display of the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<VGPUDisplayOptions>,
}

/// Display of a part of a graphics processor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VGPUDisplayOptions {
    /// Whether the guest's display shows what the device draws. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether the display shows something before the guest's driver runs; for at most one device. Default: on.
    #[serde(rename = "ramFB", skip_serializing_if = "Option::is_none")]
    pub ram_fb: Option<FeatureState>,
}

/// A device of the node: by deviceName, from a device plugin, or by claimName and requestName, from a ResourceClaim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HostDevice {
    /// Name of the device in the guest's definition, unique among gpus and hostDevices.
    pub name: String,
    /// Name of the resource that the device plugin offers. The cluster's permittedHostDevices must list it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// Name of one of resourceClaims. Needs the feature gate HostDevicesWithDRA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_name: Option<String>,
    /// Which request of the claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_name: Option<String>,
    /// Text that the guest finds beside the device in its metadata on the configuration disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}
