//! Snapshots of virtual machines and their restoration.
//!
//! Three kinds: a user asks with a [`VirtualMachineSnapshot`]; what was taken is kept in a
//! [`VirtualMachineSnapshotContent`]; a [`VirtualMachineRestore`] brings it back. `Condition`, `Error`, `VirtualMachine`
//! and `PersistentVolumeClaim` are this group's own definitions, so the module is not re-exported as a whole.

mod content;
mod request;
mod restore;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use content::{
    PersistentVolumeClaim, SourceSpec, VirtualMachine, VirtualMachineSnapshotContent,
    VirtualMachineSnapshotContentSpec, VirtualMachineSnapshotContentStatus, VolumeBackup,
    VolumeSnapshotStatus,
};
pub use request::{
    SnapshotVolumesLists, SourceIndication, VirtualMachineSnapshot, VirtualMachineSnapshotPhase,
    VirtualMachineSnapshotSpec, VirtualMachineSnapshotStatus,
};
pub use restore::{
    VirtualMachineRestore, VirtualMachineRestoreSpec, VirtualMachineRestoreStatus, VolumeRestore,
    VolumeRestoreOverride,
};

/// A condition of a kind of this group: `Ready`, `Progressing` or `Failure`.
pub type Condition = crate::Condition;

/// The last thing that went wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Error {
    /// When it went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// What went wrong, a sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
