//! Volumes that the guest mounts as file systems.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A volume that the guest mounts as a file system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Filesystem {
    /// Name of the volume, and the tag by which the guest mounts it.
    pub name: String,
    /// Shares the volume by virtiofs.
    pub virtiofs: FilesystemVirtiofs,
}

/// Shares a volume by virtiofs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilesystemVirtiofs {}
