//! What the domain XML needs beside the VirtualMachineInstance.

use std::collections::BTreeMap;

use kubevirt_api::{KubeVirtConfiguration, SMBiosConfiguration, VirtualMachineInstance};

use crate::paths;

/// What the node, the cluster's configuration and the image add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Run without hardware virtualization (domain type `qemu` instead of `kvm`).
    pub emulation: bool,
    /// QEMU's path in the pod.
    pub emulator: String,
    /// What the firmware says of the system.
    pub smbios: Smbios,
    /// The pod's side of each interface, by the interface's name.
    pub interfaces: BTreeMap<String, InterfaceAttachment>,
    /// Where each volume is, by the volume's name.
    pub volumes: BTreeMap<String, VolumeSource>,
    /// Seconds between two reports of the memory balloon; 0 for none.
    pub memballoon_period: u32,
    /// EFI's files.
    pub firmware: FirmwareFiles,
    /// Size of QEMU's translation cache under emulation, in MiB. QEMU's own choice costs 16 to 26 MB more for each VM
    /// at no visible gain.
    pub translation_cache_mib: u32,
}

impl Environment {
    /// From the cluster's configuration, with no interface and no volume yet.
    pub fn new(configuration: &KubeVirtConfiguration, emulation: bool) -> Self {
        Self {
            emulation,
            emulator: paths::EMULATOR.to_owned(),
            smbios: configuration
                .smbios
                .as_ref()
                .map(Smbios::from)
                .unwrap_or_default(),
            interfaces: BTreeMap::new(),
            volumes: BTreeMap::new(),
            memballoon_period: configuration.mem_balloon_stats_period.unwrap_or(10),
            firmware: FirmwareFiles::default(),
            translation_cache_mib: 32,
        }
    }
}

/// SMBIOS type 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smbios {
    /// Manufacturer.
    pub manufacturer: Option<String>,
    /// Family.
    pub family: Option<String>,
    /// Product.
    pub product: Option<String>,
    /// Stock keeping unit.
    pub sku: Option<String>,
    /// Version.
    pub version: Option<String>,
}

impl Default for Smbios {
    fn default() -> Self {
        Self {
            manufacturer: Some("KubeVirt".to_owned()),
            family: Some("KubeVirt".to_owned()),
            product: Some("None".to_owned()),
            sku: None,
            version: None,
        }
    }
}

impl From<&SMBiosConfiguration> for Smbios {
    fn from(configuration: &SMBiosConfiguration) -> Self {
        let default = Self::default();
        Self {
            manufacturer: configuration.manufacturer.clone().or(default.manufacturer),
            family: configuration.family.clone().or(default.family),
            product: configuration.product.clone().or(default.product),
            sku: configuration.sku.clone(),
            version: configuration.version.clone(),
        }
    }
}

/// EFI's files in the image; by default where Debian's package ovmf has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmwareFiles {
    /// Code without Secure Boot.
    pub code: String,
    /// Its variables, empty.
    pub variables: String,
    /// Code with Secure Boot.
    pub secure_code: String,
    /// Its variables, with the keys enrolled.
    pub secure_variables: String,
}

impl Default for FirmwareFiles {
    fn default() -> Self {
        Self {
            code: "/usr/share/OVMF/OVMF_CODE_4M.fd".to_owned(),
            variables: "/usr/share/OVMF/OVMF_VARS_4M.fd".to_owned(),
            secure_code: "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd".to_owned(),
            secure_variables: "/usr/share/OVMF/OVMF_VARS_4M.ms.fd".to_owned(),
        }
    }
}

/// The pod's side of an interface.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InterfaceAttachment {
    /// Name of the tap device, made beforehand for QEMU's user.
    pub tap: String,
    /// The guest's MAC address.
    pub mac: String,
    /// The guest's MTU in bytes.
    pub mtu: u32,
    /// Queues of the tap; 0 and 1 mean one. [`crate::interface_queues`] says how many the spec asks for.
    pub queues: u32,
    /// The pod has /dev/vhost-net.
    pub vhost: bool,
}

/// Format of a disk image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// Sectors, one after the other.
    Raw,
    /// QEMU's copy-on-write format.
    Qcow2,
}

impl ImageFormat {
    /// libvirt's word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
        }
    }
}

/// Where a volume's contents are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeSource {
    /// Path in the pod.
    pub path: String,
    /// Format of what is there.
    pub format: ImageFormat,
    /// The path is a block device.
    pub block: bool,
    /// Files there, and those they are based on, can be opened with O_DIRECT.
    pub direct_io: bool,
    /// A file whose blocks are all allocated: native I/O gains, discarding would undo the allocation.
    pub preallocated: bool,
    /// The file that it is based on; libvirt reads it from the image when it is not given.
    pub backing: Option<Backing>,
}

/// The read-only file below an overlay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backing {
    /// Path in the pod.
    pub path: String,
    /// Its format.
    pub format: ImageFormat,
}

impl VolumeSource {
    /// A file or device whose only known properties are the path and the format.
    pub fn new(path: String, format: ImageFormat) -> Self {
        Self {
            path,
            format,
            block: false,
            direct_io: false,
            preallocated: false,
            backing: None,
        }
    }

    /// The usual place of volume number `index` of spec.volumes. `block` says whether its claim has volume mode Block.
    /// `None` when there is no such volume, or it has no source.
    pub fn of(vmi: &VirtualMachineInstance, index: usize, block: bool) -> Option<Self> {
        let volume = vmi.spec.volumes.get(index)?;
        let name = &volume.name;
        if volume.claim().is_some() {
            let path = if block {
                paths::block_device(name)
            } else {
                paths::filesystem_disk(name)
            };
            return Some(Self {
                block,
                ..Self::new(path, ImageFormat::Raw)
            });
        }
        if volume.container_disk.is_some() {
            return Some(Self::new(paths::overlay(name), ImageFormat::Qcow2));
        }
        if volume.empty_disk.is_some() {
            return Some(Self::new(paths::empty_disk(name), ImageFormat::Qcow2));
        }
        if volume.cloud_init_no_cloud.is_some() {
            let namespace = vmi.metadata.namespace.as_deref().unwrap_or_default();
            let path =
                paths::cloud_init(namespace, vmi.metadata.name.as_deref().unwrap_or_default());
            return Some(Self::new(path, ImageFormat::Raw));
        }
        None
    }
}
