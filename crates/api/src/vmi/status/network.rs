//! Interfaces of a running guest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An interface of the guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceNetworkInterface {
    /// First address of the interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// MAC address of the guest's interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// Name of the interface and of its network in the specification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All addresses of the interface.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ip_addresses: Vec<String>,
    /// Name of the interface in the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_interface_name: Option<String>,
    /// Name of the interface in the guest, when the guest agent tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_name: Option<String>,
    /// Where this knowledge comes from: a list, separated by commas, out of `domain`, `guest-agent` and
    /// `multus-status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info_source: Option<String>,
    /// Number of queues of the interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_count: Option<i32>,
    /// Whether the virtual cable is plugged in: `up` or `down`.
    #[schemars(extend("enum" = ["up", "down"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_state: Option<String>,
}
