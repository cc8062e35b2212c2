//! Machine, firmware, features, clock and volumes of a preference.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ClockOffsetUTC, EFI, FeatureAPIC, FeatureHyperv, FeatureKVM, FeatureState, Timer};

/// Machine type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MachinePreferences {
    /// Machine type of a virtual machine that names none, for example `q35`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_machine_type: Option<String>,
}

/// Firmware of a virtual machine that chooses neither BIOS nor EFI.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FirmwarePreferences {
    /// Chooses BIOS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_use_bios: Option<bool>,
    /// Lets the BIOS write to the serial console. Together with preferredUseBios only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_use_bios_serial: Option<bool>,
    /// Deprecated, use preferredEfi: chooses EFI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_use_efi: Option<bool>,
    /// Deprecated, use preferredEfi.secureBoot: boots signed systems only. Together with preferredUseEfi only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_use_secure_boot: Option<bool>,
    /// Chooses EFI with these settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_efi: Option<EFI>,
}

/// Features of the processor and the machine, each for a virtual machine that does not set it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeaturePreferences {
    /// Power management and device discovery by ACPI. It replaces what the virtual machine says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_acpi: Option<FeatureState>,
    /// Programmable interrupt controller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_apic: Option<FeatureAPIC>,
    /// Interfaces that Windows guests use to run better; each is filled in on its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_hyperv: Option<FeatureHyperv>,
    /// How KVM shows itself to the guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_kvm: Option<FeatureKVM>,
    /// Lets processors that wait for a lock tell the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_pvspinlock: Option<FeatureState>,
    /// System management mode; secure boot needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_smm: Option<FeatureState>,
}

/// What a clock shows at boot: at most one of utc and timezone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClockOffset {
    /// The clock starts with the time in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utc: Option<ClockOffsetUTC>,
    /// The clock starts with the local time of this time zone, for example `Europe/Berlin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
}

/// Clock and timers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClockPreferences {
    /// What the guest's clock shows at boot when the virtual machine does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_clock_offset: Option<ClockOffset>,
    /// Timers; each is filled in on its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_timer: Option<Timer>,
}

/// Volumes that are made for the virtual machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumePreferences {
    /// StorageClass of dataVolumeTemplates that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_storage_class_name: Option<String>,
}
