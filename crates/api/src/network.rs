//! Networks and the interfaces that attach to them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A network that the interface of the same name attaches to: exactly one source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    /// Name of the network and of its interface.
    pub name: String,
    /// The network of the pod. At most one network is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod: Option<PodNetwork>,
}

/// The network of the pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodNetwork {
    /// IPv4 network between pod and guest of a masquerade interface. Default: `10.0.2.0/24`.
    #[serde(rename = "vmNetworkCIDR", skip_serializing_if = "Option::is_none")]
    pub vm_network_cidr: Option<String>,
}

/// An interface of the guest: exactly one of bridge and masquerade says how it is connected.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Interface {
    /// Name of the interface and of its network: letters, digits, `-` and `_`.
    pub name: String,
    /// Kind of card: `virtio`, `e1000`, `e1000e`, `igb`, `ne2k_pci`, `pcnet` or `rtl8139`. Default: `virtio`.
    #[schemars(extend("enum" = ["virtio", "e1000", "e1000e", "igb", "ne2k_pci", "pcnet", "rtl8139"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Connects the guest with a bridge: it takes over the addresses of the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<InterfaceBridge>,
    /// Connects the guest with address translation: it has an address of its own, and the pod's address leads to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masquerade: Option<InterfaceMasquerade>,
    /// Ports that are forwarded to a masquerade guest. Default: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// MAC address that the guest sees, for example `de:ad:00:00:be:af`. Default: the pod's for bridge, else derived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<String>,
    /// Place in the boot order, from 1, unique among disks and interfaces. Default: the guest does not boot from the network.
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot_order: Option<u32>,
    /// PCI address of the interface in the guest, for example `0000:81:01.0`. Default: the next free one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pci_address: Option<String>,
}

/// Connects the guest with a bridge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InterfaceBridge {}

/// Connects the guest with address translation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InterfaceMasquerade {}

/// A port that is forwarded to the guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// Name of the port, unique among the ports of the interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `TCP` or `UDP`. Default: `TCP`.
    #[schemars(extend("enum" = ["TCP", "UDP"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Number of the port, 1 to 65535.
    pub port: i32,
}
