//! Processors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Processors that the guest sees. Their number is sockets x cores x threads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CPU {
    /// Cores of a socket, at least 1. Default: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<u32>,
    /// Sockets, at least 1. Default: 1, or the requested CPUs when no topology is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sockets: Option<u32>,
    /// Threads of a core, at least 1. Default: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// Processor model: `host-model`, `host-passthrough` or a model that libvirt knows. Default: the cluster's, `host-model`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Features of the processor to add to or take from the model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<CPUFeature>,
}

/// A feature of the processor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CPUFeature {
    /// Name of the feature, as libvirt calls it.
    pub name: String,
    /// What to do: `force` shows it even if the node lacks it, `require` demands it of the node, `optional` shows it if the
    /// node has it, `disable` hides it, `forbid` refuses nodes that have it. Default: `require`.
    #[schemars(extend("enum" = ["", "force", "require", "optional", "disable", "forbid"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
}
