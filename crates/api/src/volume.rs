//! Volumes: where the contents of disks come from.

use k8s_openapi::{
    api::core::v1::LocalObjectReference, apimachinery::pkg::api::resource::Quantity,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the contents of a disk come from: exactly one source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    /// Name of the volume and of its disk, a DNS label.
    pub name: String,
    /// A PersistentVolumeClaim of the same namespace. Of a Filesystem volume, the file `disk.img` is the disk, made when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim: Option<PersistentVolumeClaimVolumeSource>,
    /// Data and configuration for cloud-init or its like in the guest, on a disk that its NoCloud source finds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_init_no_cloud: Option<CloudInitNoCloudSource>,
    /// A disk out of a container image. What the guest writes is lost when it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_disk: Option<ContainerDiskSource>,
    /// An empty disk. What the guest writes is lost when it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty_disk: Option<EmptyDiskSource>,
}

/// A PersistentVolumeClaim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersistentVolumeClaimVolumeSource {
    /// Name of the PersistentVolumeClaim.
    pub claim_name: String,
    /// Mounts the volume without the right to write. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
}

/// A disk out of a container image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContainerDiskSource {
    /// Name of the image. Its disk, raw or qcow2, is the only file under `/disk`, or that of path.
    pub image: String,
    /// Name of a Secret with the credentials to pull the image. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_secret: Option<String>,
    /// Absolute path of the disk in the image. Default: the only file under `/disk`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// When the node pulls the image: `Always`, `IfNotPresent` or `Never`. Default: `Always` for the tag latest, otherwise
    /// `IfNotPresent`.
    #[schemars(extend("enum" = ["Always", "IfNotPresent", "Never"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_policy: Option<String>,
}

/// Data for cloud-init. User data comes from exactly one of its three sources, network data from at most one; at least one
/// of the two must be given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudInitNoCloudSource {
    /// Secret whose key `userdata` or `userData` is the user data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalObjectReference>,
    /// User data in base64, at most 2048 bytes when decoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_data_base64: Option<String>,
    /// User data, at most 2048 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_data: Option<String>,
    /// Secret whose key `networkdata` or `networkData` is the network data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_data_secret_ref: Option<LocalObjectReference>,
    /// Network data in base64, at most 2048 bytes when decoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_data_base64: Option<String>,
    /// Network data, at most 2048 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_data: Option<String>,
}

/// An empty disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmptyDiskSource {
    /// Size of the disk.
    pub capacity: Quantity,
}
