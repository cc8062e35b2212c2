//! Preferences: what fits a guest's operating system. A virtual machine that names one takes from it what it does not set
//! itself.

mod cpu;
mod devices;
mod machine;
mod requirements;
mod spec;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use cpu::{CPUPreferences, SpreadOptions};
pub use devices::DevicePreferences;
pub use machine::{
    ClockOffset, ClockPreferences, FeaturePreferences, FirmwarePreferences, MachinePreferences,
    VolumePreferences,
};
pub use requirements::{
    CPUPreferenceRequirement, MemoryPreferenceRequirement, PreferenceRequirements,
};
pub use spec::{VirtualMachinePreference, VirtualMachinePreferenceSpec};

/// What virtual machines of any namespace get that name this preference. The same fields as those of a
/// [`VirtualMachinePreferenceSpec`].
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[kube(
    group = "instancetype.kubevirt.io",
    version = "v1beta1",
    kind = "VirtualMachineClusterPreference",
    plural = "virtualmachineclusterpreferences",
    singular = "virtualmachineclusterpreference",
    shortname = "vmcp",
    shortname = "vmcps",
    derive = "Default",
    derive = "PartialEq",
    doc = "What fits an operating system, for virtual machines of any namespace: it fills in what a virtual machine leaves open."
)]
pub struct VirtualMachineClusterPreferenceSpec(pub VirtualMachinePreferenceSpec);

impl std::ops::Deref for VirtualMachineClusterPreferenceSpec {
    type Target = VirtualMachinePreferenceSpec;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<VirtualMachinePreferenceSpec> for VirtualMachineClusterPreferenceSpec {
    fn from(spec: VirtualMachinePreferenceSpec) -> Self {
        Self(spec)
    }
}
