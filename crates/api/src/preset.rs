//! VirtualMachineInstancePreset: settings for VirtualMachineInstances with certain labels.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::DomainSpec;

/// Which VirtualMachineInstances get which settings when they are created.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "kubevirt.io",
    version = "v1",
    kind = "VirtualMachineInstancePreset",
    plural = "virtualmachineinstancepresets",
    singular = "virtualmachineinstancepreset",
    shortname = "vmipreset",
    shortname = "vmipresets",
    category = "all",
    namespaced,
    derive = "Default",
    derive = "PartialEq",
    doc = "Deprecated, use instance types and preferences: settings that VirtualMachineInstances with certain labels get when they are created."
)]
pub struct VirtualMachineInstancePresetSpec {
    /// Which VirtualMachineInstances get the settings, by their labels.
    pub selector: LabelSelector,
    /// Virtual hardware that is laid over that of the VirtualMachineInstance where the two do not contradict each
    /// other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainSpec>,
}
