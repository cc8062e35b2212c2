//! What the guest agent says about the running guest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;

string_enum! {
    /// Whether the guest's file systems take writes.
    pub enum FsFreezeStatus {
        /// They hold writes back, so that a snapshot is consistent.
        Frozen = "frozen",
        /// They take writes.
        Thawed = "thawed",
        /// A value that this version does not know.
        #[default]
        Unknown = "",
    }
    fallback Unknown
}

/// What the guest agent says about the operating system. Everything is absent when there is no agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceGuestOSInfo {
    /// Name of the system, for example `Fedora Linux`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Release of the kernel, for example `6.8.5-301.fc40.x86_64`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_release: Option<String>,
    /// Version of the system, in its own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Name and version of the system for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pretty_name: Option<String>,
    /// Version of the system for programs, for example `40`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Build of the kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_version: Option<String>,
    /// Machine architecture that the system was made for, for example `x86_64`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Name of the system for programs, for example `fedora`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}
