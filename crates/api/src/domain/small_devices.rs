//! Devices with next to no settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Random number generator, fed by the node's `/dev/urandom`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rng {}

/// Device by which the guest reports its crash.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PanicDevice {
    /// Kind of device: `hyperv`, `isa` or `pvpanic`. Default: as the architecture has it.
    #[schemars(extend("enum" = ["hyperv", "isa", "pvpanic"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// Channel by which the guest reads figures about its node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DownwardMetrics {}

/// Lets clients hand USB devices of theirs to the guest, up to four at a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientPassthroughDevices {}
