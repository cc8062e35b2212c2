//! Devices of a preference.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{BlockSize, InterfaceMasquerade, Rng, TPMDevice, VGPUOptions};

/// Devices: each field fills in what the virtual machine, or one of its devices, does not set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DevicePreferences {
    /// Whether the guest has a graphics card and a VNC display.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_autoattach_graphics_device: Option<bool>,
    /// Whether the guest has a memory balloon, which tells how much memory it uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_autoattach_mem_balloon: Option<bool>,
    /// Whether a guest without interfaces and networks gets an interface on the pod's network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_autoattach_pod_interface: Option<bool>,
    /// Whether the guest has a serial console.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_autoattach_serial_console: Option<bool>,
    /// Whether a guest without input devices gets one, of preferredInputBus and preferredInputType.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_autoattach_input_device: Option<bool>,
    /// Forbids to add and remove disks while the guest runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_disable_hotplug: Option<bool>,
    /// What each virtual graphics processor that the guest gets does.
    #[serde(
        rename = "preferredVirtualGPUOptions",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_virtual_gpu_options: Option<VGPUOptions>,
    /// Kind of a sound card that names none: `ich9` or `ac97`.
    #[schemars(extend("enum" = ["", "ich9", "ac97"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_sound_model: Option<String>,
    /// Lets old guests, which know the older virtio standard only, use the virtio devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_use_virtio_transitional: Option<bool>,
    /// Bus of input devices that name none: `usb` or `virtio`.
    #[schemars(extend("enum" = ["", "usb", "virtio"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_input_bus: Option<String>,
    /// Kind of input devices that name none: `tablet` or `keyboard`.
    #[schemars(extend("enum" = ["", "tablet", "keyboard"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_input_type: Option<String>,
    /// Bus of disks that name none: `virtio`, `scsi`, `sata` or `usb`.
    #[schemars(extend("enum" = ["", "scsi", "sata", "usb", "virtio"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_disk_bus: Option<String>,
    /// Bus of SCSI devices (lun) that name none: `scsi`, `sata`, `usb` or `virtio`.
    #[schemars(extend("enum" = ["", "scsi", "sata", "usb", "virtio"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_lun_bus: Option<String>,
    /// Bus of CD-ROMs that name none: `sata`, `scsi` or `usb`.
    #[schemars(extend("enum" = ["", "scsi", "sata", "usb", "virtio"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_cdrom_bus: Option<String>,
    /// Gives each virtio disk an I/O thread of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_disk_dedicated_io_thread: Option<bool>,
    /// How the node caches disks that do not say: `none`, `writethrough` or `writeback`.
    #[schemars(extend("enum" = ["", "none", "writethrough", "writeback"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_disk_cache: Option<String>,
    /// How the node accesses disks that do not say: `threads` or `native`.
    #[schemars(extend("enum" = ["", "threads", "native"]))]
    #[serde(
        rename = "preferredDiskIO",
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_disk_io: Option<String>,
    /// Sector sizes of disks that give none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_disk_block_size: Option<BlockSize>,
    /// Model of interfaces that name none: `virtio`, `e1000`, `e1000e`, `igb`, `ne2k_pci`, `pcnet` or `rtl8139`.
    #[schemars(extend("enum" = ["", "virtio", "e1000", "e1000e", "igb", "ne2k_pci", "pcnet", "rtl8139"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_interface_model: Option<String>,
    /// Random number generator for a guest without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_rng: Option<Rng>,
    /// Gives each virtio disk as many queues as the guest has processors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_block_multi_queue: Option<bool>,
    /// Gives each virtio interface as many queues as the guest has processors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_network_interface_multi_queue: Option<bool>,
    /// Trusted platform module for a guest without one.
    #[serde(rename = "preferredTPM", skip_serializing_if = "Option::is_none")]
    pub preferred_tpm: Option<TPMDevice>,
    /// Binds interfaces on the pod's network that name no binding with masquerade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_interface_masquerade: Option<InterfaceMasquerade>,
    /// Kind of panic devices that name none: `hyperv`, `isa` or `pvpanic`.
    #[schemars(extend("enum" = ["", "hyperv", "isa", "pvpanic"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_panic_device_model: Option<String>,
    /// Kind of a graphics card that names none: `vga`, `cirrus`, `virtio`, `ramfb` or `bochs`.
    #[schemars(extend("enum" = ["", "vga", "cirrus", "virtio", "ramfb", "bochs"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_video_type: Option<String>,
}
