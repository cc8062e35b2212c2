//! What a preference consists of, and the kind for one namespace.

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    CPUPreferences, ClockPreferences, DevicePreferences, FeaturePreferences, FirmwarePreferences,
    MachinePreferences, PreferenceRequirements, VolumePreferences,
};
use crate::LaunchSecurity;

/// What virtual machines get that name this preference and do not say otherwise. It is copied when a virtual machine first
/// uses it, so that later changes reach only virtual machines that ask for them.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "instancetype.kubevirt.io",
    version = "v1beta1",
    kind = "VirtualMachinePreference",
    plural = "virtualmachinepreferences",
    singular = "virtualmachinepreference",
    shortname = "vmpref",
    shortname = "vmprefs",
    shortname = "vmp",
    shortname = "vmps",
    category = "all",
    namespaced,
    derive = "Default",
    derive = "PartialEq",
    doc = "What fits an operating system, for virtual machines of the same namespace: it fills in what a virtual machine leaves open."
)]
pub struct VirtualMachinePreferenceSpec {
    /// Clock and timers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockPreferences>,
    /// Processors: what the number that a size gives becomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<CPUPreferences>,
    /// Disks, interfaces and other devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub devices: Option<DevicePreferences>,
    /// Features of the processor and the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<FeaturePreferences>,
    /// Firmware.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firmware: Option<FirmwarePreferences>,
    /// Machine type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<MachinePreferences>,
    /// Volumes that are made for the virtual machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volumes: Option<VolumePreferences>,
    /// Subdomain of a guest that names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_subdomain: Option<String>,
    /// Seconds that a guest gets to shut down whose virtual machine does not say; 0 switches it off at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_termination_grace_period_seconds: Option<i64>,
    /// What a virtual machine must have at least to use the preference. One that has less is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirements: Option<PreferenceRequirements>,
    /// Annotations of the VirtualMachineInstance; those of the template come first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Deprecated, use cpu.spreadOptions.ratio: cores for each socket when processors are spread. Default: 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefer_spread_socket_to_core_ratio: Option<u32>,
    /// Processor architecture in Kubernetes' words, for example `arm64`, of a virtual machine that names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_architecture: Option<String>,
    /// Keeps the guest's memory secret from the node, unless the virtual machine says how itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_launch_security: Option<LaunchSecurity>,
}
