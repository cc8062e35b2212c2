//! Volumes of a running guest.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ContainerDiskInfo, string_enum::string_enum};

string_enum! {
    /// How far a volume is that is added to or removed from a running guest, or that receives a memory dump.
    pub enum VolumePhase {
        /// Waits for its PersistentVolumeClaim or for a pod that holds it.
        Pending = "Pending",
        /// Its PersistentVolumeClaim is bound.
        Bound = "Bound",
        /// A pod holds it on the guest's node.
        AttachedToNode = "AttachedToNode",
        /// The guest's pod sees it.
        MountedToPod = "MountedToPod",
        /// The guest has it.
        Ready = "Ready",
        /// It is being taken from the guest.
        Detaching = "Detaching",
        /// The guest's pod no longer sees it.
        UnMountedFromPod = "UnMountedFromPod",
        /// The guest's memory has been written to it.
        MemoryDumpCompleted = "MemoryDumpCompleted",
        /// The guest's memory is being written to it.
        MemoryDumpInProgress = "MemoryDumpInProgress",
        /// The guest's memory could not be written to it.
        MemoryDumpFailed = "MemoryDumpFailed",
        /// A value that this version does not know.
        #[default]
        Unknown = "",
    }
    fallback Unknown
}

/// A volume and the guest's disk that shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeStatus {
    /// Name of the volume.
    pub name: String,
    /// Name of the disk in the domain, for example `vda`; empty while the guest does not have it.
    pub target: String,
    /// How far the volume is on its way to the guest or from it. Absent for volumes that were there from the start.
    #[schemars(extend("enum" = ["Pending", "Bound", "AttachedToNode", "MountedToPod", "Ready", "Detaching", "UnMountedFromPod", "MemoryDumpCompleted", "MemoryDumpInProgress", "MemoryDumpFailed"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<VolumePhase>,
    /// Why the volume is in its phase, one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why the volume is in its phase, a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The PersistentVolumeClaim of the volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim_info: Option<PersistentVolumeClaimInfo>,
    /// The pod that holds a volume that was added to the running guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hotplug_volume: Option<HotplugVolumeStatus>,
    /// Size in bytes of the file of a volume that was made for the guest, such as a cloud-init disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// The memory dump on the volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_dump_volume: Option<DomainMemoryDumpInfo>,
    /// The disk out of a container image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_disk_volume: Option<ContainerDiskInfo>,
}

/// What is known about the PersistentVolumeClaim of a volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersistentVolumeClaimInfo {
    /// Name of the PersistentVolumeClaim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_name: Option<String>,
    /// How the volume may be mounted, for example `ReadWriteOnce`.
    #[schemars(extend("items" = { "type": "string", "enum": ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"] }, "x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access_modes: Vec<String>,
    /// `Filesystem` or `Block`.
    #[schemars(extend("enum" = ["Block", "Filesystem", "FromStorageProfile"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_mode: Option<String>,
    /// Size that the volume has got, by resource name (`storage`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub capacity: BTreeMap<String, Quantity>,
    /// Size that was asked for, by resource name (`storage`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub requests: BTreeMap<String, Quantity>,
    /// Whether all blocks of the volume are allocated, so that disk images on it need not be sparse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preallocated: Option<bool>,
    /// Share of the volume that its file system takes for itself, a decimal number between 0 and 1.
    #[schemars(extend("pattern" = r"^(0(?:\.\d{1,3})?|1)$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filesystem_overhead: Option<String>,
}

/// The pod that holds a volume on the node of a running guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HotplugVolumeStatus {
    /// Name of the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attach_pod_name: Option<String>,
    /// UID of the pod.
    #[serde(rename = "attachPodUID", skip_serializing_if = "Option::is_none")]
    pub attach_pod_uid: Option<String>,
}

/// A memory dump.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DomainMemoryDumpInfo {
    /// When writing began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_timestamp: Option<Time>,
    /// When writing ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_timestamp: Option<Time>,
    /// PersistentVolumeClaim that the memory is written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_name: Option<String>,
    /// Name of the file on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_file_name: Option<String>,
}

/// A volume whose contents a migration moves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StorageMigratedVolumeInfo {
    /// Name of the volume.
    pub volume_name: String,
    /// PersistentVolumeClaim with the contents so far.
    #[serde(rename = "sourcePVCInfo", skip_serializing_if = "Option::is_none")]
    pub source_pvc_info: Option<PersistentVolumeClaimInfo>,
    /// PersistentVolumeClaim that the contents move to.
    #[serde(rename = "destinationPVCInfo", skip_serializing_if = "Option::is_none")]
    pub destination_pvc_info: Option<PersistentVolumeClaimInfo>,
}
