//! DataVolume: a PersistentVolumeClaim and what it is filled with. The kind is the Containerized Data Importer's; here are
//! the parts of it that a VirtualMachine's template of a DataVolume holds.
//!
//! Not exported at the root of this crate: a VirtualMachineInstance's volume has another `DataVolumeSource`.

mod remote;
mod source;
mod storage;

use k8s_openapi::{
    api::core::v1::PersistentVolumeClaimSpec, apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema;

pub use remote::*;
pub use source::*;
pub use storage::*;

/// A DataVolume that is created for a virtual machine and deleted with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeTemplateSpec {
    /// Group and version of the DataVolume. Default: `cdi.kubevirt.io/v1beta1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Always `DataVolume`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name, labels and annotations of the DataVolume. Its namespace is the virtual machine's.
    #[schemars(schema_with = "schema::template_metadata")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<ObjectMeta>,
    /// What the DataVolume is to be.
    pub spec: DataVolumeSpec,
    /// Has no effect; there because tools write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<DataVolumeTemplateDummyStatus>,
}

/// Nothing: a template of a DataVolume has no status.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataVolumeTemplateDummyStatus {}

/// A PersistentVolumeClaim and what it is filled with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeSpec {
    /// Points in time of a copy in several steps, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checkpoints: Vec<DataVolumeCheckpoint>,
    /// What the source is: `kubevirt`, a disk, or `archive`, a tar archive of files. Default: `kubevirt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Whether the last checkpoint ends the copy. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_checkpoint: Option<bool>,
    /// Whether all blocks of the volume are allocated when it is filled. Default: the cluster's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preallocation: Option<bool>,
    /// PriorityClass of the pods that fill the volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_class_name: Option<String>,
    /// The PersistentVolumeClaim, in full. Either this or storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pvc: Option<PersistentVolumeClaimSpec>,
    /// What the volume is filled with. Either this or sourceRef.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<DataVolumeSource>,
    /// An object that says what the volume is filled with. Either this or source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_ref: Option<DataVolumeSourceRef>,
    /// The PersistentVolumeClaim, where what is left open comes from the StorageProfile of the storage class. Either
    /// this or pvc.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<StorageSpec>,
}

/// A point in time of a copy in several steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeCheckpoint {
    /// Name of the point in time.
    pub current: String,
    /// Name of the one before; empty for the first.
    pub previous: String,
}
