//! What differs between processor architectures, and what guests are told about their system.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings for each processor architecture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArchConfiguration {
    /// For amd64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amd64: Option<ArchSpecificConfiguration>,
    /// For arm64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arm64: Option<ArchSpecificConfiguration>,
    /// Deprecated, has no effect: KubeVirt does not run there any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ppc64le: Option<ArchSpecificConfiguration>,
    /// For s390x.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s390x: Option<ArchSpecificConfiguration>,
    /// Architecture of guests that name none. Default: that of the nodes which KubeVirt's control plane runs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_architecture: Option<String>,
}

/// Settings for a processor architecture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArchSpecificConfiguration {
    /// Directory of the UEFI firmware in the launcher image. Default: `/usr/share/edk2/ovmf` on amd64,
    /// `/usr/share/AAVMF` on arm64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ovmf_path: Option<String>,
    /// Machine types that guests may name; `*` stands for any text. Default: `q35*` and `pc-q35*` on amd64, `virt*`
    /// on arm64, `s390-ccw-virtio*` on s390x.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emulated_machines: Vec<String>,
    /// Machine type of guests that name none. Default: `q35` on amd64, `virt` on arm64, `s390-ccw-virtio` on s390x.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine_type: Option<String>,
}

/// What the firmware tells guests about their system (SMBIOS type 1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SMBiosConfiguration {
    /// Manufacturer. Default: `KubeVirt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Product. Default: `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Version. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Stock keeping unit. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Family. Default: `KubeVirt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
}
