//! The PersistentVolumeClaim of a DataVolume.

use k8s_openapi::{
    api::core::v1::{TypedLocalObjectReference, TypedObjectReference, VolumeResourceRequirements},
    apimachinery::pkg::apis::meta::v1::LabelSelector,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A PersistentVolumeClaim where what is left open comes from the StorageProfile of the storage class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StorageSpec {
    /// How the volume may be mounted, for example `ReadWriteOnce`. Default: by the StorageProfile.
    #[schemars(extend("items" = { "type": "string", "enum": ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"] }))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access_modes: Vec<String>,
    /// Object of the same namespace that the volume is filled from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_source: Option<TypedLocalObjectReference>,
    /// Object that the volume is filled from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_source_ref: Option<TypedObjectReference>,
    /// Size of the volume, as the request `storage`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<VolumeResourceRequirements>,
    /// Which volumes can be bound, by their labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<LabelSelector>,
    /// Name of the storage class. Default: the cluster's default for virtual machines, or else for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class_name: Option<String>,
    /// `Filesystem` or `Block`; `FromStorageProfile` leaves it to the StorageProfile. Default: by the StorageProfile.
    #[schemars(extend("enum" = ["Block", "Filesystem", "FromStorageProfile"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_mode: Option<String>,
    /// Name of the PersistentVolume to bind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_name: Option<String>,
}
