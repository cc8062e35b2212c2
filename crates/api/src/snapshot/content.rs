//! VirtualMachineSnapshotContent: what a snapshot took.

#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind repeat type_ and priority"
)]

use k8s_openapi::{
    api::core::v1::PersistentVolumeClaimSpec,
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time},
};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Error;
use crate::{VirtualMachineSpec, VirtualMachineStatus};

/// What a snapshot took.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "snapshot.kubevirt.io",
    version = "v1beta1",
    kind = "VirtualMachineSnapshotContent",
    plural = "virtualmachinesnapshotcontents",
    singular = "virtualmachinesnapshotcontent",
    shortname = "vmsnapshotcontent",
    shortname = "vmsnapshotcontents",
    category = "all",
    namespaced,
    status = "VirtualMachineSnapshotContentStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "What a snapshot took: the virtual machine as it was and a VolumeSnapshot of each of its volumes. Written by KubeVirt, read when it is restored.",
    printcolumn(
        name = "ReadyToUse",
        type_ = "boolean",
        json_path = ".status.readyToUse",
        description = "Whether it can be restored"
    ),
    printcolumn(
        name = "CreationTime",
        type_ = "date",
        json_path = ".status.creationTime",
        description = "When it was taken"
    ),
    printcolumn(
        name = "Error",
        type_ = "string",
        json_path = ".status.error.message",
        description = "What went wrong last"
    )
)]
pub struct VirtualMachineSnapshotContentSpec {
    /// Name of the VirtualMachineSnapshot that it belongs to; none once that was deleted and this one retained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_machine_snapshot_name: Option<String>,
    /// What the snapshot is of, as it was.
    pub source: SourceSpec,
    /// Volumes whose contents were taken.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volume_backups: Vec<VolumeBackup>,
}

/// What a snapshot is of, as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceSpec {
    /// The virtual machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_machine: Option<VirtualMachine>,
}

/// A virtual machine as it was when a snapshot was taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachine {
    /// Its metadata, kept as they were.
    #[schemars(schema_with = "crate::schema::template_metadata")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<ObjectMeta>,
    /// Its specification; of a running virtual machine, what it ran with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<VirtualMachineSpec>,
    /// Its status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<VirtualMachineStatus>,
}

/// A PersistentVolumeClaim as it was when a snapshot was taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersistentVolumeClaim {
    /// Its metadata, kept as they were.
    #[schemars(schema_with = "crate::schema::template_metadata")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<ObjectMeta>,
    /// Its specification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<PersistentVolumeClaimSpec>,
}

/// A volume whose contents were taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeBackup {
    /// Name of the volume in the virtual machine.
    pub volume_name: String,
    /// PersistentVolumeClaim of the volume, as it was.
    pub persistent_volume_claim: PersistentVolumeClaim,
    /// Name of the VolumeSnapshot that keeps its contents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_snapshot_name: Option<String>,
}

/// How far the contents are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineSnapshotContentStatus {
    /// When it was taken: all its VolumeSnapshots have been.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<Time>,
    /// Whether it can be restored: all its VolumeSnapshots can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_to_use: Option<bool>,
    /// What went wrong last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// How far each VolumeSnapshot is.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volume_snapshot_status: Vec<VolumeSnapshotStatus>,
}

/// How far a VolumeSnapshot is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeSnapshotStatus {
    /// Name of the VolumeSnapshot.
    pub volume_snapshot_name: String,
    /// When it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<Time>,
    /// Whether a volume can be made from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_to_use: Option<bool>,
    /// What went wrong with it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}
