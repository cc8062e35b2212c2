//! Disks: how the guest sees a volume.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::FeatureState;

/// How the guest sees the volume of the same name. At most one of disk, cdrom and lun; none means disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "[has(self.disk), has(self.lun), has(self.cdrom)].filter(given, given).size() <= 1",
    "message": "disk, lun and cdrom exclude each other: keep one of them"
}]))]
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
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub cache: Option<String>,
    /// How the node accesses the disk: `threads` or `native`. Default: `native` where it is of use.
    #[schemars(extend("enum" = ["", "threads", "native"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub io: Option<String>,
    /// Text that the guest finds beside the disk in its metadata on the configuration disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
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
    /// Keeps a record of which blocks change, so that backups copy only those. Set by the cluster where the VM's labels match
    /// changedBlockTrackingLabelSelectors. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_block_tracking: Option<bool>,
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
    #[schemars(extend("enum" = ["", "scsi", "sata", "usb", "virtio"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
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
    #[schemars(extend("enum" = ["", "scsi", "sata", "usb", "virtio"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub bus: Option<String>,
    /// Forbids the guest to write. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readonly: Option<bool>,
    /// Whether the tray is `open` or `closed`. Default: `closed`.
    #[schemars(extend("enum" = ["", "open", "closed"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub tray: Option<String>,
}

/// A SCSI device to which the guest's SCSI commands are passed on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LunTarget {
    /// Bus of the device: `scsi`, `sata`, `usb` or `virtio`. Default: `sata` on amd64, `virtio` otherwise.
    #[schemars(extend("enum" = ["", "scsi", "sata", "usb", "virtio"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub bus: Option<String>,
    /// Forbids the guest to write. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readonly: Option<bool>,
    /// Lets the guest reserve the device for itself among several machines (SCSI persistent reservation). The cluster's
    /// persistentReservationConfiguration must be enabled. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation: Option<bool>,
}

/// Sector sizes that the guest sees: at most one of custom and matchVolume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockSize {
    /// Sizes given here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomBlockSize>,
    /// Sizes of the storage below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_volume: Option<FeatureState>,
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
    /// Unit in which the guest gives back space, a multiple of logical; 0 means that it cannot. Default: as the storage has it.
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discard_granularity: Option<u32>,
}

/// A pool of I/O threads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiskIOThreads {
    /// Number of threads in the pool, at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplemental_pool_thread_count: Option<u32>,
}
