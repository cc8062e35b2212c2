//! Backups of running virtual machines, whole or of what has changed.
//!
//! A [`VirtualMachineBackup`] makes one; a [`VirtualMachineBackupTracker`] remembers the last one, from which the next
//! incremental one goes on.

#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind repeat type_ and priority"
)]

use k8s_openapi::{
    api::core::v1::TypedLocalObjectReference,
    apimachinery::pkg::apis::meta::v1::{Condition, Time},
};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is to be backed up and to where. Cannot be changed.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    { "rule": "self == oldSelf", "message": "spec cannot be changed: create another VirtualMachineBackup" },
    { "rule": "has(self.pvcName) && self.pvcName != \"\"", "message": "pvcName is required: name the PersistentVolumeClaim that the backup is written to" },
    { "rule": "!has(self.mode) || self.mode != 'Pull' || (has(self.tokenSecretRef) && self.tokenSecretRef != \"\")", "message": "tokenSecretRef is required when mode is Pull: name the Secret with the token of the export" },
]))]
#[kube(
    group = "backup.kubevirt.io",
    version = "v1alpha1",
    kind = "VirtualMachineBackup",
    plural = "virtualmachinebackups",
    singular = "virtualmachinebackup",
    shortname = "vmbackup",
    shortname = "vmbackups",
    category = "all",
    namespaced,
    status = "VirtualMachineBackupStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "Backs up the disks of a running virtual machine, whole or what has changed since the tracker's last backup. Needs the feature gate IncrementalBackup.",
    printcolumn(
        name = "SourceKind",
        type_ = "string",
        json_path = ".spec.source.kind",
        description = "Kind of what is backed up"
    ),
    printcolumn(
        name = "SourceName",
        type_ = "string",
        json_path = ".spec.source.name",
        description = "Name of what is backed up"
    ),
    printcolumn(
        name = "Type",
        type_ = "string",
        json_path = ".status.type",
        description = "Whether it is whole or incremental"
    ),
    printcolumn(
        name = "CheckpointName",
        type_ = "string",
        json_path = ".status.checkpointName",
        description = "Name of the moment that it shows"
    )
)]
pub struct VirtualMachineBackupSpec {
    /// What is backed up, in the same namespace: a `VirtualMachine` of apiGroup `kubevirt.io`, whole, or a
    /// `VirtualMachineBackupTracker` of `backup.kubevirt.io`, whose virtual machine is backed up since the tracker's last backup.
    #[schemars(extend("x-kubernetes-validations" = [
        { "rule": "has(self.apiGroup)", "message": "apiGroup is required: kubevirt.io or backup.kubevirt.io" },
        { "rule": "!has(self.apiGroup) || self.apiGroup == 'kubevirt.io' || self.apiGroup == 'backup.kubevirt.io'", "message": "apiGroup must be kubevirt.io or backup.kubevirt.io" },
        { "rule": "!has(self.apiGroup) || (self.apiGroup == 'kubevirt.io' && self.kind == 'VirtualMachine') || (self.apiGroup == 'backup.kubevirt.io' && self.kind == 'VirtualMachineBackupTracker')", "message": "kind must be VirtualMachine with apiGroup kubevirt.io, or VirtualMachineBackupTracker with apiGroup backup.kubevirt.io" },
        { "rule": "self.name != ''", "message": "name is required" },
    ]))]
    pub source: TypedLocalObjectReference,
    /// Who moves the contents: `Push` writes them to the claim, `Pull` offers them for download by an export. Default: `Push`.
    #[schemars(extend("enum" = ["Push", "Pull"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Name of the PersistentVolumeClaim that the backup is written to or, in the mode `Pull`, that takes what the guest overwrites
    /// meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pvc_name: Option<String>,
    /// Leaves the guest's file systems as they are instead of quiescing them by its agent. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_quiesce: Option<bool>,
    /// Makes a whole backup even if an incremental one is possible. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force_full_backup: Option<bool>,
    /// Name of a Secret whose key `token` is what a download must show. Required in the mode `Pull`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_secret_ref: Option<String>,
    /// How long the contents can be downloaded in the mode `Pull`, for example `1h`. Default: `2h`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_duration: Option<String>,
}

/// How a backup fares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineBackupStatus {
    /// Whether it is whole (`Full`) or of what has changed (`Incremental`).
    #[schemars(extend("enum" = ["Full", "Incremental"]))]
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    /// Observed aspects of the state: `Complete`, `Failed`, `Progressing`, `Quiesced`.
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Name of the moment that the backup shows; the next incremental one can go on from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_name: Option<String>,
    /// Certificates by which the server of a download is known, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_cert: Option<String>,
    /// Volumes that the backup has.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub included_volumes: Vec<BackupVolumeInfo>,
    /// UID of the VirtualMachineExport by which the contents can be downloaded.
    #[serde(rename = "exportUID", skip_serializing_if = "Option::is_none")]
    pub export_uid: Option<String>,
}

/// A volume of a backup.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupVolumeInfo {
    /// Name of the volume in the virtual machine.
    pub volume_name: String,
    /// Where its contents can be downloaded, in the mode `Pull`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_endpoint: Option<String>,
    /// Where the list of its changed extents can be downloaded, in the mode `Pull`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map_endpoint: Option<String>,
}

/// Whose backups are tracked. Cannot be changed.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{ "rule": "self == oldSelf", "message": "spec cannot be changed: create another VirtualMachineBackupTracker" }]))]
#[kube(
    group = "backup.kubevirt.io",
    version = "v1alpha1",
    kind = "VirtualMachineBackupTracker",
    plural = "virtualmachinebackuptrackers",
    singular = "virtualmachinebackuptracker",
    shortname = "vmbackuptracker",
    shortname = "vmbackuptrackers",
    category = "all",
    namespaced,
    status = "VirtualMachineBackupTrackerStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "Remembers the last backup of a virtual machine, so that the next one takes only what has changed.",
    printcolumn(
        name = "SourceKind",
        type_ = "string",
        json_path = ".spec.source.kind",
        description = "Kind of what is backed up"
    ),
    printcolumn(
        name = "SourceName",
        type_ = "string",
        json_path = ".spec.source.name",
        description = "Name of what is backed up"
    ),
    printcolumn(
        name = "LatestCheckpoint",
        type_ = "string",
        json_path = ".status.latestCheckpoint.name",
        description = "Name of the moment that the last backup shows"
    ),
    printcolumn(
        name = "CheckpointTime",
        type_ = "date",
        json_path = ".status.latestCheckpoint.creationTime",
        description = "When that moment was"
    )
)]
pub struct VirtualMachineBackupTrackerSpec {
    /// Virtual machine of the same namespace: apiGroup `kubevirt.io`, kind `VirtualMachine`.
    #[schemars(extend("x-kubernetes-validations" = [
        { "rule": "has(self.apiGroup) && self.apiGroup == 'kubevirt.io'", "message": "apiGroup must be kubevirt.io" },
        { "rule": "self.kind == 'VirtualMachine'", "message": "kind must be VirtualMachine" },
        { "rule": "self.name != ''", "message": "name is required" },
    ]))]
    pub source: TypedLocalObjectReference,
}

/// What a tracker remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineBackupTrackerStatus {
    /// Moment that the last backup shows; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_checkpoint: Option<BackupCheckpoint>,
    /// Whether libvirt must be told the last moment again, as after a restart of the guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_redefinition_required: Option<bool>,
}

/// A moment from which changes are known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupCheckpoint {
    /// Name of the moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<Time>,
    /// Volumes whose changes are known from there.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<BackupVolumeInfo>,
}

/// What virt-handler is asked to do about a backup of a running guest. Not part of an object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupOptions {
    /// Name of the backup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_name: Option<String>,
    /// What to do: `Start` it, `Abort` it, or `Export` what it offers.
    #[schemars(extend("enum" = ["Start", "Abort", "Export"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cmd: Option<String>,
    /// Who moves the contents: `Push` or `Pull`.
    #[schemars(extend("enum" = ["Push", "Pull"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// When it was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_start_time: Option<Time>,
    /// Name of the moment from which changes are taken; absent for a whole backup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incremental: Option<String>,
    /// Directory that the backup is written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_path: Option<String>,
    /// Leaves the guest's file systems as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_quiesce: Option<bool>,
    /// Address of the server that takes the contents, in the mode `Pull`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export_server_addr: Option<String>,
    /// Name by which that server is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export_server_name: Option<String>,
    /// Key of the client's certificate towards that server, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_key: Option<String>,
    /// The client's certificate towards that server, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_cert: Option<String>,
    /// Certificates by which that server is known, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_cert: Option<String>,
}
