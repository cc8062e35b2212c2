//! Disks: how the guest sees a volume.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the guest sees the volume of the same name. At most one of disk, cdrom and lun; none means disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Disk {
    /// Name of the disk and of its volume, a DNS label.
    pub name: String,
    /// Shows the volume as a disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<DiskTarget>,
    /// Shows the volume as a SCSI device to which the guest's SCSI commands are passed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lun: Option<LunTarget>,
    /// Shows the volume as a CD-ROM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdrom: Option<CDRomTarget>,
    /// Place in the boot order, from 1, unique among disks and interfaces. Default: disks in their order, unless one has a place.
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot_order: Option<u32>,
    /// Serial number that the guest sees, of letters, digits and `_.+-`, at most 256. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Gives the disk an I/O thread of its own; virtio only. Default: false.
    #[serde(rename = "dedicatedIOThread", skip_serializing_if = "Option::is_none")]
    pub dedicated_io_thread: Option<bool>,
    /// How the node caches the disk: `none`, `writethrough` or `writeback`. Default: `none` where the storage can, else
    /// `writethrough`.
    #[schemars(extend("enum" = ["", "none", "writethrough", "writeback"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<String>,
    /// How the node accesses the disk: `threads` or `native`. Default: `native` where it is of use.
    #[schemars(extend("enum" = ["", "threads", "native"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub io: Option<String>,
    /// Sector sizes that the guest sees. Default: 512 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_size: Option<BlockSize>,
    /// Lets several guests use the disk at once. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shareable: Option<bool>,
    /// What happens on an I/O error: `stop` pauses the guest, `ignore` goes on, `report` tells the guest, `enospace` pauses when
    /// space has run out and tells the guest otherwise. Default: `stop`.
    #[schemars(extend("enum" = ["stop", "ignore", "report", "enospace"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_policy: Option<String>,
}

impl Disk {
    /// The bus that the disk's target names, none when there is no target or it names none.
    pub fn bus(&self) -> Option<&str> {
        let disk = self.disk.as_ref().and_then(|target| target.bus.as_deref());
        let cdrom = self.cdrom.as_ref().and_then(|target| target.bus.as_deref());
        let lun = self.lun.as_ref().and_then(|target| target.bus.as_deref());
        disk.or(cdrom).or(lun)
    }
}

/// A disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiskTarget {
    /// Bus of the disk: `virtio`, `scsi`, `sata` or `usb`. Default: `sata` on amd64, `virtio` otherwise.
    #[schemars(extend("enum" = ["scsi", "sata", "usb", "virtio"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bus: Option<String>,
    /// Forbids the guest to write. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readonly: Option<bool>,
    /// PCI address of the disk in the guest, for example `0000:81:01.0`; virtio only. Default: the next free one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pci_address: Option<String>,
}

/// A CD-ROM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CDRomTarget {
    /// Bus of the drive: `sata`, `scsi` or `usb`. Default: `sata` on amd64.
    #[schemars(extend("enum" = ["scsi", "sata", "usb", "virtio"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bus: Option<String>,
    /// Forbids the guest to write. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readonly: Option<bool>,
    /// Whether the tray is `open` or `closed`. Default: `closed`.
    #[schemars(extend("enum" = ["open", "closed"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tray: Option<String>,
}

/// A SCSI device to which the guest's SCSI commands are passed on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LunTarget {
    /// Bus of the device: `scsi`, `sata`, `usb` or `virtio`. Default: `sata` on amd64, `virtio` otherwise.
    #[schemars(extend("enum" = ["scsi", "sata", "usb", "virtio"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bus: Option<String>,
    /// Forbids the guest to write. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readonly: Option<bool>,
}

/// Sector sizes that the guest sees.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockSize {
    /// Sizes given here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomBlockSize>,
}

/// Sector sizes in bytes, powers of two from 512 to 2097152.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomBlockSize {
    /// Smallest unit that the guest can address.
    #[serde(default)]
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    pub logical: u32,
    /// Unit that the storage works in; not smaller than logical.
    #[serde(default)]
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    pub physical: u32,
}
