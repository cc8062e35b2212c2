//! Checksums of what a guest was started with, so that a migration's target starts with the same.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Checksums of the kernel and the initial RAM disk out of a kernel boot image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KernelBootStatus {
    /// Of the kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_info: Option<KernelInfo>,
    /// Of the initial RAM disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initrd_info: Option<InitrdInfo>,
}

/// Checksum of a kernel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KernelInfo {
    /// Deprecated, nothing reads it: CRC-32 of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<u32>,
}

/// Checksum of an initial RAM disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InitrdInfo {
    /// Deprecated, nothing reads it: CRC-32 of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<u32>,
}

/// Checksum of a disk out of a container image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContainerDiskInfo {
    /// Deprecated, nothing reads it: CRC-32 of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<u32>,
}
