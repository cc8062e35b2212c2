//! Volumes: where the contents of disks come from.

mod claim;
mod cloud_init;
mod configuration;
mod container;
mod local;
mod persistent;

pub use claim::*;
pub use cloud_init::*;
pub use configuration::*;
pub use container::*;
pub use local::*;
pub use persistent::*;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the contents of a disk or file system come from: exactly one source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "[has(self.hostDisk), has(self.persistentVolumeClaim), has(self.cloudInitNoCloud), has(self.cloudInitConfigDrive), has(self.sysprep), has(self.containerDisk), has(self.ephemeral), has(self.emptyDisk), has(self.dataVolume), has(self.configMap), has(self.secret), has(self.downwardAPI), has(self.serviceAccount), has(self.downwardMetrics), has(self.memoryDump), has(self.containerPath)].exists_one(given, given)",
    "message": "a volume has exactly one source: name one, for example persistentVolumeClaim or containerDisk, and remove the others"
}]))]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    /// Name of the volume and of its disk, a DNS label.
    pub name: String,
    /// A file of the node. Needs the feature gate HostDisk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_disk: Option<HostDisk>,
    /// A PersistentVolumeClaim of the same namespace. Of a Filesystem volume, the file `disk.img` is the disk, made when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim: Option<PersistentVolumeClaimVolumeSource>,
    /// Data and configuration for cloud-init or its like in the guest, on a disk that its NoCloud source finds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_init_no_cloud: Option<CloudInitNoCloudSource>,
    /// Data and configuration for cloud-init or its like in the guest, on a disk that its ConfigDrive source (OpenStack) finds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_init_config_drive: Option<CloudInitConfigDriveSource>,
    /// Answer files for the set-up of Windows, on a CD-ROM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sysprep: Option<SysprepSource>,
    /// A disk out of a container image. What the guest writes is lost when it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_disk: Option<ContainerDiskSource>,
    /// A PersistentVolumeClaim that is only read; what the guest writes lies beside it and is lost when it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral: Option<EphemeralVolumeSource>,
    /// An empty disk. What the guest writes is lost when it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty_disk: Option<EmptyDiskSource>,
    /// A DataVolume of the same namespace: a PersistentVolumeClaim that is filled before the guest starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_volume: Option<DataVolumeSource>,
    /// A ConfigMap of the same namespace, each key a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map: Option<ConfigMapVolumeSource>,
    /// A Secret of the same namespace, each key a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretVolumeSource>,
    /// Files with fields of the pod, such as its labels.
    #[serde(rename = "downwardAPI", skip_serializing_if = "Option::is_none")]
    pub downward_api: Option<DownwardAPIVolumeSource>,
    /// The token of a ServiceAccount. At most one volume is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account: Option<ServiceAccountVolumeSource>,
    /// Figures about the node, on a disk in the format of vhostmd. At most one volume is. Needs the feature gate DownwardMetrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downward_metrics: Option<DownwardMetricsVolumeSource>,
    /// A PersistentVolumeClaim that takes the guest's memory when a dump of it is asked for; the guest does not see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_dump: Option<MemoryDumpVolumeSource>,
    /// A directory of the launcher's container, shared as a file system. Needs the feature gate ContainerPathVolumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_path: Option<ContainerPathVolumeSource>,
}

/// A PersistentVolumeClaim for work beside the guest, which the guest does not see. Added while it runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UtilityVolume {
    /// Name, unique among volumes and utilityVolumes.
    pub name: String,
    /// Name of the PersistentVolumeClaim.
    pub claim_name: String,
    /// Mounts the volume without the right to write. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// What it is for: `MemoryDump` or `Backup`. Default: none in particular.
    #[schemars(extend("enum" = ["MemoryDump", "Backup"]))]
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
}
