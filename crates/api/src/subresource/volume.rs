//! Options of adding a volume to a running guest and of removing it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{DataVolumeSource, Disk, PersistentVolumeClaimVolumeSource};

/// A volume to add to a running guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddVolumeOptions {
    /// Name of the volume and of its disk.
    pub name: String,
    /// The disk that shows the volume.
    pub disk: Disk,
    /// Where the contents of the disk come from.
    pub volume_source: HotplugVolumeSource,
    /// `All` checks the request and changes nothing.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dry_run: Vec<String>,
}

/// Where the contents of a disk that is added to a running guest come from: exactly one source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HotplugVolumeSource {
    /// A PersistentVolumeClaim of the same namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim: Option<PersistentVolumeClaimVolumeSource>,
    /// A DataVolume of the same namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_volume: Option<DataVolumeSource>,
}

/// A volume to remove from a running guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemoveVolumeOptions {
    /// Name of the volume.
    pub name: String,
    /// `All` checks the request and changes nothing.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dry_run: Vec<String>,
}
