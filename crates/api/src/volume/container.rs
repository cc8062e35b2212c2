//! Volumes out of containers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A disk out of a container image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContainerDiskSource {
    /// Name of the image. Its disk, raw or qcow2, is the only file under `/disk`, or that of path.
    pub image: String,
    /// Name of a Secret with the credentials to pull the image. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_secret: Option<String>,
    /// Absolute path of the disk in the image. Default: the only file under `/disk`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// When the node pulls the image: `Always`, `IfNotPresent` or `Never`. Default: `Always` for the tag latest, otherwise
    /// `IfNotPresent`.
    #[schemars(extend("enum" = ["", "Always", "IfNotPresent", "Never"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub image_pull_policy: Option<String>,
}

/// A directory of the launcher's container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContainerPathVolumeSource {
    /// Absolute path of the directory, without `..`.
    #[schemars(extend("maxLength" = 4096, "x-kubernetes-validations" = [
        { "rule": "self.startsWith('/')", "message": "the path must be absolute: begin it with /" },
        { "rule": "!self.contains('..')", "message": "the path must not contain .." }
    ]))]
    pub path: String,
    /// Forbids the guest to write; must be true. Default: true.
    #[schemars(extend("default" = true, "x-kubernetes-validations" = [
        { "rule": "self == true", "message": "a directory of the container can only be read: set readOnly to true" }
    ]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
}
