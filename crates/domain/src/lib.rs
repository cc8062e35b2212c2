//! VirtualMachineInstance to libvirt domain XML, and libvirt's answers to phases. Pure: no I/O, no clock.
//!
//! * [`render`] writes the domain XML of a VirtualMachineInstance; what only its node knows (which tap, whether a volume
//!   is a block device) comes in as the [`Environment`].
//! * [`phase`] says which phase a domain's state means.
//! * [`LiveDomain`] reads what libvirt made of the XML: machine type, disk targets, interfaces.
//!
//! Paths are those inside the launcher pod; [`paths`] has them all.

mod boot;
mod clock;
mod context;
mod controllers;
mod cpu;
mod devices;
mod disk_driver;
mod disks;
mod display;
mod environment;
mod error;
mod features;
mod hyperv;
mod identity;
mod interfaces;
mod io_threads;
mod live;
mod memory;
pub mod paths;
mod pci;
mod phase;
mod render;
mod targets;
mod xml;

pub use context::{acpi_enabled, interface_queues, is_virtio, virtual_cpus};
pub use environment::{
    Backing, Environment, FirmwareFiles, ImageFormat, InterfaceAttachment, Smbios, VolumeSource,
};
pub use error::Error;
pub use identity::{METADATA_NAMESPACE, domain_name, grace_period_seconds};
pub use interfaces::is_absent;
pub use live::{LiveDisk, LiveDomain, LiveInterface, THAW_METADATA, machine_type_of, thaw_note};
pub use phase::{DomainState, Reason, State, phase};
pub use render::{render, starts_paused};
