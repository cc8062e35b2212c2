//! Processors of a preference.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::CPUFeature;

/// What the processors that a size gives become.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CPUPreferences {
    /// What each processor becomes: `sockets`, `cores` or `threads`; `spread` deals them out as spreadOptions says; `any` leaves
    /// the choice, which falls on sockets. Default: `sockets`. Deprecated names of the same: `preferSockets`, `preferCores`,
    /// `preferThreads`, `preferSpread`, `preferAny`.
    #[schemars(extend("enum" = ["preferCores", "preferSockets", "preferThreads", "preferSpread", "preferAny", "cores", "sockets", "threads", "spread", "any"]))]
    #[serde(
        rename = "preferredCPUTopology",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_cpu_topology: Option<String>,
    /// How processors are dealt out when the topology is `spread`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread_options: Option<SpreadOptions>,
    /// Features of the processor that are added; those of the virtual machine come first.
    #[serde(
        rename = "preferredCPUFeatures",
        default,
        skip_serializing_if = "Vec::is_empty"
    )]
    pub preferred_cpu_features: Vec<CPUFeature>,
}

/// How processors are dealt out over sockets, cores and threads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SpreadOptions {
    /// Over what: `SocketsCores`, `SocketsCoresThreads` or `CoresThreads`. Default: `SocketsCores`.
    #[schemars(extend("enum" = ["SocketsCoresThreads", "SocketsCores", "CoresThreads"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub across: Option<String>,
    /// Cores for each socket; threads for each core when dealt out over `CoresThreads`, where only 2 is possible. Default: 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<u32>,
}
