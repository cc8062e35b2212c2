//! What is known about a VirtualMachine.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ChangedBlockTrackingStatus, InstancetypeStatusRef, StorageMigratedVolumeInfo,
    VirtualMachineCondition, VirtualMachineMemoryDumpRequest, VirtualMachineStateChangeRequest,
    VirtualMachineVolumeRequest, string_enum::string_enum,
};

string_enum! {
    /// One word for the state of a VirtualMachine, as `kubectl get vm` shows it.
    pub enum VirtualMachinePrintableStatus {
        /// Does not run and is not about to.
        #[default]
        Stopped = "Stopped",
        /// Its disks are being filled.
        Provisioning = "Provisioning",
        /// About to run.
        Starting = "Starting",
        /// Runs.
        Running = "Running",
        /// Runs, with its processors stopped.
        Paused = "Paused",
        /// About to end.
        Stopping = "Stopping",
        /// Is being deleted.
        Terminating = "Terminating",
        /// Failed to start several times; the next attempt waits.
        CrashLoopBackOff = "CrashLoopBackOff",
        /// Moves to another node.
        Migrating = "Migrating",
        /// None of the others.
        Unknown = "Unknown",
        /// No node can take its pod.
        ErrorUnschedulable = "ErrorUnschedulable",
        /// An image of it cannot be pulled.
        ErrImagePull = "ErrImagePull",
        /// An image of it cannot be pulled; the next attempt waits.
        ImagePullBackOff = "ImagePullBackOff",
        /// A PersistentVolumeClaim that it names does not exist.
        ErrorPvcNotFound = "ErrorPvcNotFound",
        /// A DataVolume of it failed.
        DataVolumeError = "DataVolumeError",
        /// A PersistentVolumeClaim of it is not bound yet.
        WaitingForVolumeBinding = "WaitingForVolumeBinding",
        /// Waits for the source of a migration from another cluster.
        WaitingForReceiver = "WaitingForReceiver",
    }
    fallback Unknown
}

/// What is known about a VirtualMachine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineStatus {
    /// Name of the VirtualMachineSnapshot that is being taken. Meanwhile volumes and disks, and whether the virtual
    /// machine runs, cannot be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot_in_progress: Option<String>,
    /// Name of the VirtualMachineRestore that is being carried out. Meanwhile the virtual machine cannot be started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_in_progress: Option<String>,
    /// Whether a VirtualMachineInstance of this virtual machine exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// Whether the VirtualMachineInstance runs and is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready: Option<bool>,
    /// State of the virtual machine in one word. Default: `Stopped`.
    #[serde(default)]
    pub printable_status: VirtualMachinePrintableStatus,
    /// Observed aspects of the state; those of the VirtualMachineInstance are repeated here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<VirtualMachineCondition>,
    /// Requests to start or stop that wait to be carried out, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub state_change_requests: Vec<VirtualMachineStateChangeRequest>,
    /// Requests to add or remove volumes that wait to be carried out.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volume_requests: Vec<VirtualMachineVolumeRequest>,
    /// Which volumes a snapshot would contain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volume_snapshot_statuses: Vec<VolumeSnapshotStatus>,
    /// Failed starts in a row and when the next is due; absent when the last start succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_failure: Option<VirtualMachineStartFailure>,
    /// The dump of the guest's memory that is wanted or was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_dump_request: Option<VirtualMachineMemoryDumpRequest>,
    /// Generation of the virtual machine that the running VirtualMachineInstance was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Current generation of the virtual machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired_generation: Option<i64>,
    /// The run strategy that the controller last acted on.
    #[schemars(extend("enum" = ["", "Always", "Halted", "Manual", "RerunOnFailure", "Once", "WaitAsReceiver"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_strategy: Option<String>,
    /// How moving volumes to other PersistentVolumeClaims goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_update_state: Option<VolumeUpdateState>,
    /// Whether changed blocks are recorded for incremental backups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_block_tracking: Option<ChangedBlockTrackingStatus>,
    /// The instance type that is really used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instancetype_ref: Option<InstancetypeStatusRef>,
    /// The preference that is really used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preference_ref: Option<InstancetypeStatusRef>,
}

/// How starting a virtual machine failed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineStartFailure {
    /// Number of VirtualMachineInstances in a row that ended without ever having run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consecutive_fail_count: Option<i32>,
    /// UID of the last of them, so that each is counted once.
    #[serde(rename = "lastFailedVMIUID", skip_serializing_if = "Option::is_none")]
    pub last_failed_vmi_uid: Option<String>,
    /// Earliest time of the next attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_timestamp: Option<Time>,
}

/// How changing volumes of a running virtual machine goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeUpdateState {
    /// How moving their contents goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_migration_state: Option<VolumeMigrationState>,
}

/// How moving the contents of volumes to other PersistentVolumeClaims goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeMigrationState {
    /// Volumes that move.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub migrated_volumes: Vec<StorageMigratedVolumeInfo>,
}

/// Whether a snapshot would contain a volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeSnapshotStatus {
    /// Name of the volume.
    pub name: String,
    /// Whether it would.
    pub enabled: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
