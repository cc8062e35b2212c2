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
    /// Sockets that the guest can have at most while it runs. Default: four times sockets when the cluster updates VMs live,
    /// bounded by its maxCpuSockets; otherwise sockets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_sockets: Option<u32>,
    /// Threads of a core, at least 1. Default: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// Processor model: `host-model`, `host-passthrough` or a model that libvirt knows. Default: the cluster's, `host-model`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Features of the processor to add to or take from the model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<CPUFeature>,
    /// Gives each of the guest's processors a processor of the node of its own. The pod's CPU requests and limits must then be
    /// whole and equal. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dedicated_cpu_placement: Option<bool>,
    /// Memory nodes that the guest sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numa: Option<NUMA>,
    /// Gives QEMU's own threads one more processor of the node, so that they do not take time of the guest's. Needs
    /// dedicatedCpuPlacement. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolate_emulator_thread: Option<bool>,
    /// Schedules the guest's processors as real-time threads. Needs dedicatedCpuPlacement and numa.guestMappingPassthrough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub realtime: Option<Realtime>,
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
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub policy: Option<String>,
}

/// Memory nodes that the guest sees.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NUMA {
    /// Shows the guest the memory nodes that its processors and its memory really lie on. Needs dedicatedCpuPlacement and
    /// memory.hugepages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest_mapping_passthrough: Option<NUMAGuestMappingPassthrough>,
}

/// Shows the guest the memory nodes that its processors and its memory really lie on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NUMAGuestMappingPassthrough {}

/// Schedules the guest's processors as real-time threads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Realtime {
    /// Which of the guest's processors: numbers, ranges and exclusions, for example `0-3,^1`. Default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
}
