//! Requests about a VirtualMachine that wait to be carried out.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AddVolumeOptions, RemoveVolumeOptions, string_enum::string_enum};

string_enum! {
    /// What a state change request asks for.
    pub enum StateChangeRequestAction {
        /// Create the VirtualMachineInstance.
        Start = "Start",
        /// Delete the VirtualMachineInstance.
        Stop = "Stop",
        /// An action that this version does not know; it is ignored.
        #[default]
        Unknown = "Unknown",
    }
    fallback Unknown
}

/// A request to start or stop that waits to be carried out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineStateChangeRequest {
    /// What is asked for: `Start` or `Stop`.
    #[schemars(extend("enum" = ["Start", "Stop"]))]
    pub action: StateChangeRequestAction,
    /// Options of the request, for example `paused: "true"` of a start.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
    /// UID of the VirtualMachineInstance that a stop is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
}

/// A request to add or remove a volume that waits to be carried out: exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineVolumeRequest {
    /// The volume to add.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_volume_options: Option<AddVolumeOptions>,
    /// The volume to remove.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove_volume_options: Option<RemoveVolumeOptions>,
}
