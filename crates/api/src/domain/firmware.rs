//! Firmware.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::KernelBoot;

/// Firmware and the identity that it tells the guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Firmware {
    /// UUID of the guest (SMBIOS system UUID). Default: a random one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Which firmware starts the guest. Default: BIOS on amd64, EFI on arm64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bootloader: Option<Bootloader>,
    /// Serial number of the guest (SMBIOS system serial). Default: a random one for a VirtualMachine, none otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Starts a kernel directly, without a boot loader on a disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_boot: Option<KernelBoot>,
    /// ACPI tables that the guest gets in addition, for software that looks for a licence in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acpi: Option<ACPI>,
}

/// Which firmware starts the guest: at most one of bios and efi.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!(has(self.bios) && has(self.efi))",
    "message": "bios and efi exclude each other: keep one of them"
}]))]
#[serde(rename_all = "camelCase")]
pub struct Bootloader {
    /// Start with a BIOS; amd64 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bios: Option<BIOS>,
    /// Start with EFI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub efi: Option<EFI>,
}

/// A BIOS.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BIOS {
    /// Writes the BIOS's messages to the first serial console. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_serial: Option<bool>,
}

/// EFI.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EFI {
    /// Demands signed boot loaders; needs the feature smm. Default: true, false on arm64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secure_boot: Option<bool>,
    /// Keeps the firmware's variables, such as boot entries, on a volume that outlives the guest. Default: false, they are lost
    /// when the guest ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent: Option<bool>,
}

/// ACPI tables that the guest gets in addition: at least one of the two.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ACPI {
    /// Name of a volume of the kind secret whose key `slic.bin` is the table SLIC (software licensing).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slic_name_ref: Option<String>,
    /// Name of a volume of the kind secret whose key `msdm.bin` is the table MSDM (digital marker of Windows).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msdm_name_ref: Option<String>,
}
