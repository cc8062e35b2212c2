//! Answers that come from the guest agent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    FsFreezeStatus, VirtualMachineInstanceFileSystem, VirtualMachineInstanceGuestOSInfo,
    VirtualMachineInstanceGuestOSUser,
};

/// What the guest agent says about the guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceGuestAgentInfo {
    /// Group and version of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Always `VirtualMachineInstanceGuestAgentInfo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Version of the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest_agent_version: Option<String>,
    /// Commands that the agent knows.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supported_commands: Vec<GuestAgentCommandInfo>,
    /// Host name of the guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Operating system of the guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<VirtualMachineInstanceGuestOSInfo>,
    /// Name of the guest's time zone and its offset from UTC in seconds, separated by a comma.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Users that are logged in, 10 at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user_list: Vec<VirtualMachineInstanceGuestOSUser>,
    /// File systems, 10 at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fs_info: Option<VirtualMachineInstanceFileSystemInfo>,
    /// Whether the file systems are frozen.
    #[schemars(extend("enum" = ["frozen", "thawed"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fs_freeze_status: Option<FsFreezeStatus>,
}

/// A command of the guest agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GuestAgentCommandInfo {
    /// Name of the command.
    pub name: String,
    /// Whether the agent carries it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// File systems of a guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceFileSystemInfo {
    /// The file systems.
    pub disks: Vec<VirtualMachineInstanceFileSystem>,
}
