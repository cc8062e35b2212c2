//! VirtualMachineRestore: brings a snapshot back.
//!
//! `v1alpha1` lacks, in the specification, `targetReadinessPolicy`, `volumeRestorePolicy`, `volumeOwnershipPolicy` and
//! `volumeRestoreOverrides`; it has every other field.

#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind repeat type_ and priority"
)]

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::TypedLocalObjectReference, apimachinery::pkg::apis::meta::v1::Time,
};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Condition;

/// What is to be restored, and to where. Cannot be changed.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{ "rule": "self == oldSelf", "message": "spec cannot be changed: create another VirtualMachineRestore" }]))]
#[kube(
    group = "snapshot.kubevirt.io",
    version = "v1beta1",
    kind = "VirtualMachineRestore",
    plural = "virtualmachinerestores",
    singular = "virtualmachinerestore",
    shortname = "vmrestore",
    shortname = "vmrestores",
    category = "all",
    namespaced,
    status = "VirtualMachineRestoreStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "Brings a snapshot back: into the virtual machine that it was taken of, or into a new one.",
    printcolumn(
        name = "TargetKind",
        type_ = "string",
        json_path = ".spec.target.kind",
        description = "Kind of what is restored to"
    ),
    printcolumn(
        name = "TargetName",
        type_ = "string",
        json_path = ".spec.target.name",
        description = "Name of what is restored to"
    ),
    printcolumn(
        name = "Complete",
        type_ = "boolean",
        json_path = ".status.complete",
        description = "Whether it is done"
    ),
    printcolumn(
        name = "RestoreTime",
        type_ = "date",
        json_path = ".status.restoreTime",
        description = "When it was done"
    )
)]
pub struct VirtualMachineRestoreSpec {
    /// Virtual machine of the same namespace: apiGroup `kubevirt.io`, kind `VirtualMachine`. One that does not exist is made,
    /// switched off.
    pub target: TypedLocalObjectReference,
    /// Name of the VirtualMachineSnapshot.
    pub virtual_machine_snapshot_name: String,
    /// What happens while the target runs: `WaitGracePeriod` waits 5 minutes for it to end and then fails, `FailImmediate` fails,
    /// `StopTarget` stops it, `WaitEventually` waits for any time. Default: `WaitGracePeriod`.
    #[schemars(extend("enum" = ["StopTarget", "WaitGracePeriod", "FailImmediate", "WaitEventually"], "default" = "WaitGracePeriod"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_readiness_policy: Option<String>,
    /// How restored volumes are called: `RandomizeNames` gives them new names, `PrefixTargetName` the target's name and their own,
    /// `InPlace` the old name, and the old volume is deleted. Default: `RandomizeNames`.
    #[schemars(extend("enum" = ["RandomizeNames", "InPlace", "PrefixTargetName"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_restore_policy: Option<String>,
    /// Who owns restored volumes and so takes them along when it is deleted: the target (`Vm`) or nobody (`None`). Default: `Vm`.
    #[schemars(extend("enum" = ["Vm", "None"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_ownership_policy: Option<String>,
    /// Names, labels and annotations of single volumes.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volume_restore_overrides: Vec<VolumeRestoreOverride>,
    /// Changes of the virtual machine before it is restored: JSON patch operations, each a text. Their paths begin with `/spec/`,
    /// `/metadata/labels/` or `/metadata/annotations/`.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patches: Vec<String>,
}

/// What is different for one volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeRestoreOverride {
    /// Name of the volume in the virtual machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_name: Option<String>,
    /// Name of the restored PersistentVolumeClaim. Default: as volumeRestorePolicy says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_name: Option<String>,
    /// Labels that the restored PersistentVolumeClaim has in addition.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Annotations that the restored PersistentVolumeClaim has in addition.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// How a restoration fares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineRestoreStatus {
    /// Volumes that are restored.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restores: Vec<VolumeRestore>,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_time: Option<Time>,
    /// Names of the target's DataVolumes that the restored volumes replaced and that were deleted.
    #[schemars(extend("x-kubernetes-list-type" = "set"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deleted_data_volumes: Vec<String>,
    /// Whether it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
    /// Observed aspects of the state: `Ready`, `Progressing`, `Failure`.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

/// A volume that is restored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeRestore {
    /// Name of the volume in the virtual machine.
    pub volume_name: String,
    /// Name of the restored PersistentVolumeClaim.
    pub persistent_volume_claim: String,
    /// Name of the VolumeSnapshot that it is made from.
    pub volume_snapshot_name: String,
    /// Name of the DataVolume that makes it, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_volume_name: Option<String>,
}
