//! Preferred firmware.

use kubevirt_api::{BIOS, Bootloader, DomainSpec, EFI, FirmwarePreferences};

use super::prefer;

/// Chooses the firmware of a guest whose template chooses none, and completes what it chooses.
pub(super) fn apply(domain: &mut DomainSpec, preferred: &FirmwarePreferences) {
    let on = |flag: Option<bool>| flag == Some(true);
    let given = domain
        .firmware
        .as_ref()
        .and_then(|firmware| firmware.bootloader.clone())
        .unwrap_or_default();
    let mut loader = given.clone();
    let unset = |loader: &Bootloader| loader.bios.is_none() && loader.efi.is_none();
    if on(preferred.preferred_use_bios) && unset(&loader) {
        loader.bios = Some(BIOS::default());
    }
    if let Some(bios) = &mut loader.bios
        && on(preferred.preferred_use_bios_serial)
    {
        prefer(&mut bios.use_serial, &Some(true));
    }
    if let Some(efi) = &preferred.preferred_efi {
        // The older two fields say the same and do not count beside it.
        if unset(&loader) {
            loader.efi = Some(efi.clone());
        }
    } else {
        if on(preferred.preferred_use_efi) && unset(&loader) {
            loader.efi = Some(EFI::default());
        }
        if let Some(efi) = &mut loader.efi {
            prefer(&mut efi.secure_boot, &preferred.preferred_use_secure_boot);
        }
    }
    if loader != given {
        domain.firmware.get_or_insert_default().bootloader = Some(loader);
    }
}
