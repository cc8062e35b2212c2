//! Devices other than disks and interfaces, and the list of all.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Disk, Interface};

/// Disks, interfaces and other devices.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Devices {
    /// Lets old guests, which know the older virtio standard only, use the virtio devices. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_virtio_transitional: Option<bool>,
    /// Disks, each showing the volume of the same name. A volume without a disk gets one.
    #[schemars(extend("maxItems" = 256))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<Disk>,
    /// Watchdog that acts when the guest hangs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watchdog: Option<Watchdog>,
    /// Network interfaces, each attached to the network of the same name. Default: one on the pod's network.
    #[schemars(extend("maxItems" = 256))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<Interface>,
    /// Input devices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// Whether a guest without interfaces and networks gets an interface on the pod's network. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoattach_pod_interface: Option<bool>,
    /// Whether the guest has a graphics card and a VNC display. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoattach_graphics_device: Option<bool>,
    /// Whether the guest has a serial console. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoattach_serial_console: Option<bool>,
    /// Whether the guest has a memory balloon, which tells how much memory it uses. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoattach_mem_balloon: Option<bool>,
    /// Whether a guest without input devices gets a tablet. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoattach_input_device: Option<bool>,
    /// Random number generator, fed by the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rng: Option<Rng>,
    /// Gives each virtio disk as many queues as the guest has processors. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_multi_queue: Option<bool>,
    /// Gives each virtio interface as many queues as the guest has processors. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_interface_multiqueue: Option<bool>,
    /// Devices by which the guest reports its crash.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub panic_devices: Vec<PanicDevice>,
    /// Sound card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<SoundDevice>,
    /// Trusted platform module. Its contents are lost when the guest ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpm: Option<TPMDevice>,
    /// Graphics card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<VideoDevice>,
}

/// Watchdog that acts when the guest hangs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Watchdog {
    /// Name of the device.
    pub name: String,
    /// Intel 6300ESB, for amd64 guests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub i6300esb: Option<I6300ESBWatchdog>,
}

/// Watchdog of the type Intel 6300ESB.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct I6300ESBWatchdog {
    /// What happens when the guest hangs: `poweroff`, `reset` or `shutdown`. Default: `reset`.
    #[schemars(extend("enum" = ["poweroff", "reset", "shutdown"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
}

/// Input device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// Bus of the device: `usb` or `virtio`. Default: `usb`.
    #[schemars(extend("enum" = ["", "usb", "virtio"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bus: Option<String>,
    /// Kind of device: `tablet`. Default: `tablet`.
    #[serde(default)]
    #[schemars(extend("enum" = ["", "tablet"]))]
    #[serde(rename = "type")]
    pub type_: String,
    /// Name of the device, unique among the input devices.
    pub name: String,
}

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

/// Sound card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SoundDevice {
    /// Name of the device.
    pub name: String,
    /// Kind of card: `ich9` or `ac97`. Default: `ich9`.
    #[schemars(extend("enum" = ["", "ich9", "ac97"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// Trusted platform module (version 2.0). Its contents are lost when the guest ends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TPMDevice {
    /// Whether the guest has the module. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// Graphics card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VideoDevice {
    /// Kind of card: `vga`, `cirrus`, `virtio`, `ramfb` or `bochs`. Default: by architecture and firmware.
    #[schemars(extend("enum" = ["vga", "cirrus", "virtio", "ramfb", "bochs"]))]
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
}
