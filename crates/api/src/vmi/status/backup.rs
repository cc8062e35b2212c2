//! Recording of changed blocks, and backups.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;

string_enum! {
    /// Whether changed blocks of a guest's disks are recorded.
    pub enum ChangedBlockTrackingState {
        /// Not known yet.
        #[default]
        Unset = "",
        /// Wanted; recording begins when the guest is started again.
        PendingRestart = "PendingRestart",
        /// The record of each disk is being made.
        Initializing = "Initializing",
        /// Recorded.
        Enabled = "Enabled",
        /// Not recorded.
        Disabled = "Disabled",
        /// Wanted, but the feature gate IncrementalBackup is off.
        IncrementalBackupFeatureGateDisabled = "IncrementalBackupFeatureGateDisabled",
    }
    fallback Unset
}

/// Whether changed blocks are recorded, and how the current backup goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedBlockTrackingStatus {
    /// Whether changed blocks are recorded.
    pub state: ChangedBlockTrackingState,
    /// The current backup or the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_status: Option<VirtualMachineInstanceBackupStatus>,
}

/// A backup of a running guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceBackupStatus {
    /// Name of the VirtualMachineBackup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_name: Option<String>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_timestamp: Option<Time>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_timestamp: Option<Time>,
    /// Whether it has ended, well or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<bool>,
    /// Whether it ended with an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<bool>,
    /// What went wrong, or what the backup lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_msg: Option<String>,
    /// Name of the point in time that a later incremental backup can start from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_name: Option<String>,
    /// Volumes in the backup.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<VirtualMachineInstanceBackupVolumeInfo>,
    /// Whether the guest's file systems were frozen for the backup, or why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiesce_status: Option<String>,
}

/// A volume in a backup.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceBackupVolumeInfo {
    /// Name of the volume.
    pub volume_name: String,
}
