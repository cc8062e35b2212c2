//! The list of all devices.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ClientPassthroughDevices, Disk, DownwardMetrics, Filesystem, GPU, HostDevice, Input, Interface,
    PanicDevice, Rng, SoundDevice, TPMDevice, VideoDevice, Watchdog,
};

/// Disks, interfaces and other devices.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Devices {
    /// Lets old guests, which know the older virtio standard only, use the virtio devices. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_virtio_transitional: Option<bool>,
    /// Keeps disks and interfaces from being plugged in or pulled out while the guest runs. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_hotplug: Option<bool>,
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
    /// Whether what the guest writes to its serial console is also the log of the pod's container `guest-console-log`. Needs a
    /// serial console. Default: the cluster's setting, true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_serial_console: Option<bool>,
    /// Whether the guest has a memory balloon, which tells how much memory it uses. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoattach_mem_balloon: Option<bool>,
    /// Whether a guest without input devices gets a tablet. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoattach_input_device: Option<bool>,
    /// Whether guest and node can talk by VSOCK; the guest gets a context ID of its own. Needs the feature gate VSOCK. Default:
    /// false.
    #[serde(rename = "autoattachVSOCK", skip_serializing_if = "Option::is_none")]
    pub autoattach_vsock: Option<bool>,
    /// Random number generator, fed by the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rng: Option<Rng>,
    /// Gives each virtio disk as many queues as the guest has processors. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_multi_queue: Option<bool>,
    /// Gives each virtio interface as many queues as the guest has processors. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_interface_multiqueue: Option<bool>,
    /// Graphics processors of the node that the guest gets, whole or in part.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<GPU>,
    /// Channel by which the guest reads figures about its node. Needs the feature gate DownwardMetrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downward_metrics: Option<DownwardMetrics>,
    /// Devices by which the guest reports its crash.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub panic_devices: Vec<PanicDevice>,
    /// Volumes that the guest mounts as file systems.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filesystems: Vec<Filesystem>,
    /// Other devices of the node that the guest gets. Needs the feature gate HostDevices.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub host_devices: Vec<HostDevice>,
    /// Lets clients hand USB devices of theirs to the guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_passthrough: Option<ClientPassthroughDevices>,
    /// Sound card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<SoundDevice>,
    /// Trusted platform module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpm: Option<TPMDevice>,
    /// Graphics card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<VideoDevice>,
}
