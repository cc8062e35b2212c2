//! VirtualMachineSnapshot: the wish for a snapshot and how it fares.

#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind repeat type_ and priority"
)]

use k8s_openapi::{
    api::core::v1::TypedLocalObjectReference, apimachinery::pkg::apis::meta::v1::Time,
};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Condition, Error};
use crate::string_enum::string_enum;

string_enum! {
    /// How far a snapshot is.
    pub enum VirtualMachineSnapshotPhase {
        /// Not looked at yet.
        #[default]
        Unset = "",
        /// Being taken.
        InProgress = "InProgress",
        /// Taken; it can be restored.
        Succeeded = "Succeeded",
        /// Cannot be taken, or not before its deadline.
        Failed = "Failed",
        /// Being deleted.
        Deleting = "Deleting",
        /// A phase that this version does not know.
        Unknown = "Unknown",
    }
    fallback Unknown
}

/// Of what a snapshot is to be taken. Cannot be changed.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{ "rule": "self == oldSelf", "message": "spec cannot be changed: create another VirtualMachineSnapshot" }]))]
#[kube(
    group = "snapshot.kubevirt.io",
    version = "v1beta1",
    kind = "VirtualMachineSnapshot",
    plural = "virtualmachinesnapshots",
    singular = "virtualmachinesnapshot",
    shortname = "vmsnapshot",
    shortname = "vmsnapshots",
    category = "all",
    namespaced,
    status = "VirtualMachineSnapshotStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "The wish for a snapshot of a virtual machine: its specification and the contents of its volumes at one moment.",
    printcolumn(
        name = "SourceKind",
        type_ = "string",
        json_path = ".spec.source.kind",
        description = "Kind of what the snapshot is of"
    ),
    printcolumn(
        name = "SourceName",
        type_ = "string",
        json_path = ".spec.source.name",
        description = "Name of what the snapshot is of"
    ),
    printcolumn(
        name = "Phase",
        type_ = "string",
        json_path = ".status.phase",
        description = "How far the snapshot is"
    ),
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
pub struct VirtualMachineSnapshotSpec {
    /// Virtual machine of the same namespace: apiGroup `kubevirt.io`, kind `VirtualMachine`.
    pub source: TypedLocalObjectReference,
    /// What happens to what was taken when the snapshot is deleted: `Delete` it, or `Retain` it. Default: `Delete`.
    #[schemars(extend("enum" = ["Delete", "Retain"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<String>,
    /// How long taking it may last before it fails, for example `10m`; `0s` means any time. Default: `5m`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_deadline: Option<String>,
}

/// How a snapshot fares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineSnapshotStatus {
    /// UID of the virtual machine.
    #[serde(rename = "sourceUID", skip_serializing_if = "Option::is_none")]
    pub source_uid: Option<String>,
    /// Name of the VirtualMachineSnapshotContent that keeps what was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_machine_snapshot_content_name: Option<String>,
    /// When it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<Time>,
    /// How far it is: `InProgress`, `Succeeded`, `Failed`, `Deleting` or `Unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<VirtualMachineSnapshotPhase>,
    /// Whether it can be restored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_to_use: Option<bool>,
    /// What went wrong last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// Observed aspects of the state: `Ready`, `Progressing`, `Failure`.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Deprecated, use sourceIndications: in which state the virtual machine was.
    #[schemars(extend(
        "x-kubernetes-list-type" = "set",
        "items" = { "type": "string", "enum": ["Online", "NoGuestAgent", "GuestAgent", "QuiesceTimeout", "Paused", "PartialSnapshot"] }
    ))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indications: Vec<String>,
    /// In which state the virtual machine was, and what that means for the snapshot.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source_indications: Vec<SourceIndication>,
    /// Which volumes of the virtual machine the snapshot has and which it lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot_volumes: Option<SnapshotVolumesLists>,
}

/// One thing about the state that a virtual machine was in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceIndication {
    /// The thing in one word: the guest was running (`Online`); its file systems were quiesced by its agent (`GuestAgent`), were
    /// not because it has none (`NoGuestAgent`) or not for long enough (`QuiesceTimeout`); it was `Paused`; volumes are missing
    /// (`PartialSnapshot`).
    #[schemars(extend("enum" = ["Online", "NoGuestAgent", "GuestAgent", "QuiesceTimeout", "Paused", "PartialSnapshot"]))]
    pub indication: String,
    /// What it means for the snapshot, a sentence for people.
    pub message: String,
}

/// Names of volumes of a virtual machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotVolumesLists {
    /// Volumes whose contents the snapshot has.
    #[schemars(extend("x-kubernetes-list-type" = "set"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub included_volumes: Vec<String>,
    /// Volumes whose contents the snapshot lacks: of kinds that have no snapshots, or on storage that cannot take them.
    #[schemars(extend("x-kubernetes-list-type" = "set"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded_volumes: Vec<String>,
}
