//! Instance types: named sizes of virtual machines. A virtual machine that names one takes processors, memory and the
//! devices that cost money from it, and must not set these itself.

mod spec;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use spec::{
    CPUInstancetype, MemoryInstancetype, VirtualMachineInstancetype, VirtualMachineInstancetypeSpec,
};

/// What virtual machines of any namespace get that name this size. The same fields as those of a
/// [`VirtualMachineInstancetypeSpec`].
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[kube(
    group = "instancetype.kubevirt.io",
    version = "v1beta1",
    kind = "VirtualMachineClusterInstancetype",
    plural = "virtualmachineclusterinstancetypes",
    singular = "virtualmachineclusterinstancetype",
    shortname = "vmclusterinstancetype",
    shortname = "vmclusterinstancetypes",
    shortname = "vmcf",
    shortname = "vmcfs",
    derive = "Default",
    derive = "PartialEq",
    doc = "A size that virtual machines of any namespace can name: processors, memory, and devices that come with it."
)]
pub struct VirtualMachineClusterInstancetypeSpec(pub VirtualMachineInstancetypeSpec);

impl std::ops::Deref for VirtualMachineClusterInstancetypeSpec {
    type Target = VirtualMachineInstancetypeSpec;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<VirtualMachineInstancetypeSpec> for VirtualMachineClusterInstancetypeSpec {
    fn from(spec: VirtualMachineInstancetypeSpec) -> Self {
        Self(spec)
    }
}
