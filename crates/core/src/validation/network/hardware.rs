//! What an interface looks like to the guest.

use std::collections::BTreeSet;

use kubevirt_api::Interface;

use super::{Faults, Path, text};

const MODELS: [&str; 7] = [
    "virtio", "e1000", "e1000e", "igb", "ne2k_pci", "pcnet", "rtl8139",
];
/// MAC address of the bridge in the pod.
const BRIDGE_MAC: [u8; 6] = [2, 0, 0, 0, 0, 0];
/// Indexes that firmware can tell the guest.
const ACPI_INDEXES: std::ops::RangeInclusive<i32> = 1..=16_383;

pub(super) fn validate(
    faults: &mut Faults,
    path: &Path,
    interface: &Interface,
    indexes: &mut BTreeSet<i32>,
) {
    faults.one_of(
        &path.field("model"),
        interface.model.as_deref().filter(|model| !model.is_empty()),
        &MODELS,
    );
    if let Some(address) = interface
        .mac_address
        .as_deref()
        .filter(|address| !address.is_empty())
    {
        let path = path.field("macAddress");
        match text::mac_address(address) {
            None => faults.invalid(
                &path,
                format!(
                    "{address:?} is not a MAC address: write six bytes such as de:ad:00:00:be:af"
                ),
            ),
            Some(bytes) if bytes[0] & 1 == 1 => {
                faults.invalid(
                    &path,
                    format!("{address:?} is for groups: use an even first byte such as de"),
                );
            }
            Some(bytes) if bytes == BRIDGE_MAC && interface.masquerade.is_some() => {
                faults.invalid(
                    &path,
                    format!("{address:?} is the address of the bridge in the pod: choose another"),
                );
            }
            Some(_) => {}
        }
    }
    if let Some(address) = interface
        .pci_address
        .as_deref()
        .filter(|address| !address.is_empty() && !text::is_pci_address(address))
    {
        faults.invalid(
            &path.field("pciAddress"),
            format!("{address:?} is not a PCI address: write domain, bus, slot and function such as 0000:81:01.0"),
        );
    }
    if let Some(index) = interface.acpi_index.filter(|index| *index != 0) {
        let path = path.field("acpiIndex");
        if !ACPI_INDEXES.contains(&index) {
            faults.invalid(
                &path,
                format!(
                    "{index} is not an index: use {} to {}",
                    ACPI_INDEXES.start(),
                    ACPI_INDEXES.end()
                ),
            );
        } else if !indexes.insert(index) {
            faults.duplicate(&path, format!("{index} is given twice: choose another"));
        }
    }
}
