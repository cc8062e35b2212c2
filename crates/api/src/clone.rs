//! VirtualMachineClone: copies a virtual machine with its volumes.
//!
//! `v1alpha1` lacks, in the specification, `patches` and `volumeNamePolicy`; it has every other field.

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

use crate::string_enum::string_enum;

string_enum! {
    /// How far a clone is.
    pub enum VirtualMachineClonePhase {
        /// Not looked at yet.
        #[default]
        Unset = "",
        /// A snapshot of the source is being taken.
        SnapshotInProgress = "SnapshotInProgress",
        /// The target is being made.
        CreatingTargetVM = "CreatingTargetVM",
        /// The snapshot is being restored into the target.
        RestoreInProgress = "RestoreInProgress",
        /// The target is there.
        Succeeded = "Succeeded",
        /// The source cannot be cloned.
        Failed = "Failed",
        /// A phase that this version does not know.
        Unknown = "Unknown",
    }
    fallback Unknown
}

/// What is to be copied and what is to be different.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "clone.kubevirt.io",
    version = "v1beta1",
    kind = "VirtualMachineClone",
    plural = "virtualmachineclones",
    singular = "virtualmachineclone",
    shortname = "vmclone",
    shortname = "vmclones",
    category = "all",
    namespaced,
    status = "VirtualMachineCloneStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "Copies a virtual machine, or what a snapshot kept of one, into a new virtual machine with volumes of its own.",
    printcolumn(
        name = "Phase",
        type_ = "string",
        json_path = ".status.phase",
        description = "How far the clone is"
    ),
    printcolumn(
        name = "SourceVirtualMachine",
        type_ = "string",
        json_path = ".spec.source.name",
        description = "Name of what is copied"
    ),
    printcolumn(
        name = "TargetVirtualMachine",
        type_ = "string",
        json_path = ".spec.target.name",
        description = "Name of the copy"
    )
)]
pub struct VirtualMachineCloneSpec {
    /// What is copied, in the same namespace: a `VirtualMachine` of apiGroup `kubevirt.io` or a `VirtualMachineSnapshot` of
    /// `snapshot.kubevirt.io`.
    pub source: TypedLocalObjectReference,
    /// The copy: a `VirtualMachine` of apiGroup `kubevirt.io` that does not exist yet. Default: one called `clone-`, the source's
    /// name and five random characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<TypedLocalObjectReference>,
    /// Which annotations of the virtual machine the copy keeps: keys, where `*` at the end means any rest and `!` at the start
    /// means not these. Default: all.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotation_filters: Vec<String>,
    /// Which labels of the virtual machine the copy keeps, written like annotationFilters. Default: all.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label_filters: Vec<String>,
    /// Which labels and annotations of its template the copy keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<VirtualMachineCloneTemplateFilters>,
    /// Hardware addresses of the copy's interfaces by the name of the interface. Default: new ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub new_mac_addresses: BTreeMap<String, String>,
    /// Serial number that the copy's firmware tells the guest. Default: a new one.
    #[serde(rename = "newSMBiosSerial", skip_serializing_if = "Option::is_none")]
    pub new_smbios_serial: Option<String>,
    /// Further changes of the copy: JSON patch operations, each a text, applied after all others.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patches: Vec<String>,
    /// How the copy's volumes are called: `RandomizeNames` gives them new names, `PrefixTargetName` the copy's name and their own.
    /// Default: `RandomizeNames`.
    #[schemars(extend("enum" = ["RandomizeNames", "PrefixTargetName"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_name_policy: Option<String>,
}

/// Which labels and annotations of its template a copy keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineCloneTemplateFilters {
    /// Keys of annotations, written like those of the clone. Default: all.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotation_filters: Vec<String>,
    /// Keys of labels, written like those of the clone. Default: all.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label_filters: Vec<String>,
}

/// How a clone fares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineCloneStatus {
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<Time>,
    /// How far it is: `SnapshotInProgress`, `CreatingTargetVM`, `RestoreInProgress`, `Succeeded`, `Failed` or `Unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<VirtualMachineClonePhase>,
    /// Observed aspects of the state: `Ready`, `Progressing`.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Name of the snapshot that is taken on the way, while it exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot_name: Option<String>,
    /// Name of the VirtualMachineRestore that is made on the way, while it exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_name: Option<String>,
    /// Name of the copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_name: Option<String>,
}

/// A condition of a [`VirtualMachineClone`]: `Ready` or `Progressing`.
pub type Condition = crate::Condition;
