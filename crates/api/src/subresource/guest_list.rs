//! Users and file systems of a guest.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Users that are logged in to a guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceGuestOSUserList {
    /// Group and version of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Always `VirtualMachineInstanceGuestOSUserList`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Metadata of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<ListMeta>,
    /// The users.
    pub items: Vec<VirtualMachineInstanceGuestOSUser>,
}

/// A user that is logged in to a guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceGuestOSUser {
    /// Name of the user.
    pub user_name: String,
    /// Domain of the user, on Windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// When the user logged in, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_time: Option<f64>,
}

/// File systems of a guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceFileSystemList {
    /// Group and version of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Always `VirtualMachineInstanceFileSystemList`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Metadata of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<ListMeta>,
    /// The file systems.
    pub items: Vec<VirtualMachineInstanceFileSystem>,
}

/// A file system of a guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceFileSystem {
    /// Name of the block device in the guest, for example `vda1`.
    pub disk_name: String,
    /// Directory that the file system is mounted at.
    pub mount_point: String,
    /// Type of the file system, for example `ext4`.
    pub file_system_type: String,
    /// Bytes in use.
    pub used_bytes: i64,
    /// Size in bytes.
    pub total_bytes: i64,
    /// The disks that it is on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disk: Vec<VirtualMachineInstanceFileSystemDisk>,
}

/// A disk that a file system is on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceFileSystemDisk {
    /// Serial number of the disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// How the disk is connected, for example `virtio`.
    pub bus_type: String,
}
