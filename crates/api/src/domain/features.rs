//! Features of the processor and the machine that can be switched.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{FeatureHyperv, HyperVPassthrough};

/// Features of the processor and the machine that can be switched. A feature that is given without `enabled` is on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Features {
    /// Power management and device discovery by ACPI. Default: on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acpi: Option<FeatureState>,
    /// Programmable interrupt controller. Default: as the machine type has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apic: Option<FeatureAPIC>,
    /// All interfaces for Windows guests that the node offers, instead of those that hyperv names. The guest can then move to
    /// nodes of the same kind only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hyperv_passthrough: Option<HyperVPassthrough>,
    /// Interfaces that Windows guests use to run better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hyperv: Option<FeatureHyperv>,
    /// System management mode; secure boot needs it. Default: as the machine type has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smm: Option<FeatureState>,
    /// How KVM shows itself to the guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kvm: Option<FeatureKVM>,
    /// Spin locks that tell the host when they wait. Default: as the host has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pvspinlock: Option<FeatureState>,
}

/// A feature that is on or off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureState {
    /// Whether the feature is on. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

impl FeatureState {
    /// Whether a feature that may be given, and may say whether it is on, is given and on.
    pub fn is_on(feature: Option<&Self>) -> bool {
        feature.is_some_and(|feature| feature.enabled != Some(false))
    }
}

/// Programmable interrupt controller.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureAPIC {
    /// Whether the guest has one. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether the guest may acknowledge interrupts without leaving it. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_of_interrupt: Option<bool>,
}

/// How KVM shows itself to the guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureKVM {
    /// Hides KVM from the guest. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
}
