//! Interfaces of the guest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An interface of the guest: exactly one of bridge, masquerade, sriov, passtBinding and binding says how it is connected.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Interface {
    /// Name of the interface and of its network: letters, digits, `-` and `_`.
    pub name: String,
    /// Kind of card: `virtio`, `e1000`, `e1000e`, `igb`, `ne2k_pci`, `pcnet` or `rtl8139`. Default: `virtio`.
    #[schemars(extend("enum" = ["", "virtio", "e1000", "e1000e", "igb", "ne2k_pci", "pcnet", "rtl8139"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub model: Option<String>,
    /// Connects the guest with a bridge: it takes over the addresses of the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<InterfaceBridge>,
    /// Discontinued and refused: use masquerade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slirp: Option<DeprecatedInterfaceSlirp>,
    /// Connects the guest with address translation: it has an address of its own, and the pod's address leads to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masquerade: Option<InterfaceMasquerade>,
    /// Gives the guest a virtual function of one of the node's network cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sriov: Option<InterfaceSRIOV>,
    /// Discontinued and refused: use a network binding plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub macvtap: Option<DeprecatedInterfaceMacvtap>,
    /// Discontinued and refused: use passtBinding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passt: Option<DeprecatedInterfacePasst>,
    /// Connects the guest with passt, a user-space translator between guest and pod. Pod network only. Needs the feature gate
    /// PasstBinding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passt_binding: Option<InterfacePasstBinding>,
    /// Connects the guest with a network binding plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binding: Option<PluginBinding>,
    /// Ports that are forwarded to a masquerade guest. Default: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// Ranges of ports that are forwarded to a masquerade guest beside ports, at most 10. Needs the feature gate PortRangesSpec.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub port_ranges: Vec<PortRange>,
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
    /// What the guest learns by DHCP beside its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dhcp_options: Option<DHCPOptions>,
    /// Text that the guest finds beside the interface in its metadata on the configuration disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Number from which the guest derives the name of the interface, whatever its place on the bus. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acpi_index: Option<i32>,
    /// State of the link: `up`, `down` (no cable), or `absent`, which pulls the interface out while the guest runs. Default: `up`.
    #[schemars(extend("enum" = ["", "absent", "up", "down"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub state: Option<String>,
}

/// Connects the guest with a bridge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InterfaceBridge {}

/// Discontinued: the guest's traffic through a user-space stack of QEMU.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeprecatedInterfaceSlirp {}

/// Connects the guest with address translation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InterfaceMasquerade {}

/// Gives the guest a virtual function of one of the node's network cards.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InterfaceSRIOV {}

/// Discontinued: connects the guest to a card of the node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeprecatedInterfaceMacvtap {}

/// Discontinued: an earlier form of passtBinding.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeprecatedInterfacePasst {}

/// Connects the guest with passt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InterfacePasstBinding {}

/// Connects the guest with a network binding plugin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PluginBinding {
    /// Name under which the cluster's network settings (binding) register the plugin.
    pub name: String,
}

/// A port that is forwarded to the guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// Name of the port, unique among the ports of the interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `TCP` or `UDP`. Default: `TCP`.
    #[schemars(extend("enum" = ["", "TCP", "UDP"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub protocol: Option<String>,
    /// Number of the port, 1 to 65535.
    pub port: i32,
}

/// A range of ports that is forwarded to the guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PortRange {
    /// `TCP` or `UDP`.
    #[schemars(extend("enum" = ["TCP", "UDP"]))]
    pub protocol: String,
    /// First port of the range, 1 to 65535.
    pub start: i32,
    /// Last port of the range, not smaller than start.
    pub end: i32,
}

/// What the guest learns by DHCP beside its address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DHCPOptions {
    /// Name of the file to boot (option 67). Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot_file_name: Option<String>,
    /// Name of the TFTP server to boot from (option 66). Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tftp_server_name: Option<String>,
    /// IPv4 addresses of time servers (option 42). Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ntp_servers: Vec<String>,
    /// Options whose meaning guest and owner have agreed on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private_options: Vec<DHCPPrivateOptions>,
}

/// An option whose meaning guest and owner have agreed on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DHCPPrivateOptions {
    /// Number of the option, 224 to 254, unique.
    pub option: i32,
    /// Value of the option, as text.
    pub value: String,
}
