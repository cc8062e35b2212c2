//! Firmware.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
}

/// Which firmware starts the guest: at most one of bios and efi.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Bootloader {
    /// Start with a BIOS.
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
    /// Demands signed boot loaders; needs the feature smm. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secure_boot: Option<bool>,
}
