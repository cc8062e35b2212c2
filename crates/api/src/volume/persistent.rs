//! Volumes whose contents outlive the guest.

use k8s_openapi::api::core::v1 as kubernetes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A PersistentVolumeClaim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersistentVolumeClaimVolumeSource {
    /// Name of the PersistentVolumeClaim.
    pub claim_name: String,
    /// Mounts the volume without the right to write. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// Whether the volume can be pulled out while the guest runs. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hotpluggable: Option<bool>,
}

/// A DataVolume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeSource {
    /// Name of the DataVolume and of its PersistentVolumeClaim.
    pub name: String,
    /// Whether the volume can be pulled out while the guest runs. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hotpluggable: Option<bool>,
}

/// A PersistentVolumeClaim that is only read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EphemeralVolumeSource {
    /// The PersistentVolumeClaim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim: Option<kubernetes::PersistentVolumeClaimVolumeSource>,
}

/// A PersistentVolumeClaim that takes the guest's memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemoryDumpVolumeSource {
    /// Name of the PersistentVolumeClaim.
    pub claim_name: String,
    /// Mounts the volume without the right to write. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// Whether the volume can be pulled out while the guest runs. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hotpluggable: Option<bool>,
}
