//! A wish for a dump of the guest's memory.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;

string_enum! {
    /// How far a memory dump is.
    pub enum MemoryDumpPhase {
        /// The PersistentVolumeClaim is being added to the guest's pod.
        #[default]
        Associating = "Associating",
        /// The memory is being written.
        InProgress = "InProgress",
        /// The memory has been written, and the PersistentVolumeClaim is being taken from the pod.
        Unmounting = "Unmounting",
        /// The file is complete.
        Completed = "Completed",
        /// The PersistentVolumeClaim is being forgotten.
        Dissociating = "Dissociating",
        /// The memory could not be written.
        Failed = "Failed",
        /// A value that this version does not know.
        Unknown = "",
    }
    fallback Unknown
}

/// A wish for a dump of the guest's memory to a PersistentVolumeClaim, and how it is carried out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineMemoryDumpRequest {
    /// PersistentVolumeClaim that the memory is written to, of volume mode Filesystem and in the same namespace.
    pub claim_name: String,
    /// How far the dump is.
    #[schemars(extend("enum" = ["Associating", "InProgress", "Unmounting", "Completed", "Dissociating", "Failed"]))]
    pub phase: MemoryDumpPhase,
    /// Whether the PersistentVolumeClaim is to be forgotten. The dump on it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove: Option<bool>,
    /// When writing began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_timestamp: Option<Time>,
    /// When writing ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_timestamp: Option<Time>,
    /// Name of the file on the PersistentVolumeClaim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
