//! Start of a kernel without a boot loader.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Starts a kernel directly, without a boot loader on a disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KernelBoot {
    /// Command line of the kernel. Needs container. Default: empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_args: Option<String>,
    /// Image that has the kernel and the initial file system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<KernelBootContainer>,
}

/// Image that has the kernel and the initial file system; at least one of the two paths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KernelBootContainer {
    /// Name of the image.
    pub image: String,
    /// Name of a Secret with the credentials to pull the image. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_secret: Option<String>,
    /// When the node pulls the image: `Always`, `IfNotPresent` or `Never`. Default: `Always` for the tag latest, otherwise
    /// `IfNotPresent`.
    #[schemars(extend("enum" = ["", "Always", "IfNotPresent", "Never"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub image_pull_policy: Option<String>,
    /// Absolute path of the kernel in the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_path: Option<String>,
    /// Absolute path of the initial file system in the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initrd_path: Option<String>,
}
