//! Virtual hardware.

mod clock;
mod cpu;
mod devices;
mod features;
mod firmware;
mod memory;

pub use clock::*;
pub use cpu::*;
pub use devices::*;
pub use features::*;
pub use firmware::*;
pub use memory::*;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    /// Features of the processor and the machine that can be switched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Features>,
    /// Disks, interfaces and other devices.
    pub devices: Devices,
    /// How disks share I/O threads: `shared` (one thread for all disks without one of their own) or `auto` (as many threads as
    /// disks, at most two for each processor). Default: no I/O thread unless a disk asks for its own.
    #[schemars(extend("enum" = ["shared", "auto"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub io_threads_policy: Option<String>,
    /// What the firmware tells the guest about its chassis (SMBIOS type 3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chassis: Option<Chassis>,
}

/// Machine type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    /// Name of the machine type, as QEMU calls it, for example `q35` or `pc-q35-10.0`. Default: by architecture, `q35` or `virt`.
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
