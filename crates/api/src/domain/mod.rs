//! Virtual hardware.

mod clock;
mod cpu;
mod devices;
mod display;
mod features;
mod filesystem;
mod firmware;
mod host_devices;
mod hyperv;
mod input;
mod kernel_boot;
mod launch_security;
mod memory;
mod small_devices;
mod tpm;
mod watchdog;

pub use clock::*;
pub use cpu::*;
pub use devices::*;
pub use display::*;
pub use features::*;
pub use filesystem::*;
pub use firmware::*;
pub use host_devices::*;
pub use hyperv::*;
pub use input::*;
pub use kernel_boot::*;
pub use launch_security::*;
pub use memory::*;
pub use small_devices::*;
pub use tpm::*;
pub use watchdog::*;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::DiskIOThreads;

/// Virtual hardware of a VirtualMachineInstance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DomainSpec {
    /// What the pod requests and may use at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// Processors that the guest sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<CPU>,
    /// Memory that the guest sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    /// Machine type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
    /// Firmware and its identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firmware: Option<Firmware>,
    /// Clock and timers.
    #[schemars(extend("x-kubernetes-preserve-unknown-fields" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    /// Features of the processor and the machine that can be switched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Features>,
    /// Disks, interfaces and other devices.
    pub devices: Devices,
    /// How disks share I/O threads: `shared` (one thread for all disks without one of their own), `auto` (as many threads as
    /// disks, at most two for each processor) or `supplementalPool` (as many as ioThreads says; each disk may use all of them).
    /// Default: no I/O thread unless a disk asks for its own.
    #[schemars(extend("enum" = ["shared", "auto", "supplementalPool"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub io_threads_policy: Option<String>,
    /// Size of the pool of I/O threads of the policy supplementalPool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub io_threads: Option<DiskIOThreads>,
    /// What the firmware tells the guest about its chassis (SMBIOS type 3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chassis: Option<Chassis>,
    /// Protects the guest's memory from the node, on processors that can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_security: Option<LaunchSecurity>,
    /// What happens when the guest reboots: `Reboot` resets it in place, `Terminate` ends it as if it had powered off, so that
    /// changes which wait for a restart take effect. Default: it is reset in place. Needs the feature gate RebootPolicy.
    #[schemars(extend("enum" = ["Reboot", "Terminate"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reboot_policy: Option<String>,
}

/// Machine type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    /// Name of the machine type, as QEMU calls it, for example `q35` or `pc-q35-10.0`. Default: by architecture, `q35`, `virt` or
    /// `s390-ccw-virtio`.
    #[serde(default)]
    #[serde(rename = "type")]
    pub type_: String,
}

/// What the firmware tells the guest about its chassis (SMBIOS type 3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Chassis {
    /// Manufacturer of the chassis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Version of the chassis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Serial number of the chassis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Asset tag of the chassis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// Stock keeping unit of the chassis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
}
