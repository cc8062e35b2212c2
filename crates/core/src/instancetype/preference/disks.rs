//! Preferred properties of disks.

use kubevirt_api::{DevicePreferences, Disk};

use super::{prefer, prefer_text};

/// The bus on which disks may have an I/O thread of their own.
const VIRTIO: &str = "virtio";

pub(super) fn apply(disks: &mut [Disk], preferred: &DevicePreferences) {
    for disk in disks {
        if let Some(target) = &mut disk.cdrom {
            prefer_text(&mut target.bus, &preferred.preferred_cdrom_bus);
            continue;
        }
        if let Some(target) = &mut disk.lun {
            prefer_text(&mut target.bus, &preferred.preferred_lun_bus);
            continue;
        }
        let target = disk.disk.get_or_insert_default();
        prefer_text(&mut target.bus, &preferred.preferred_disk_bus);
        if target.bus.as_deref() == Some(VIRTIO) {
            prefer(
                &mut disk.dedicated_io_thread,
                &preferred.preferred_disk_dedicated_io_thread,
            );
        }
        prefer_text(&mut disk.cache, &preferred.preferred_disk_cache);
        prefer_text(&mut disk.io, &preferred.preferred_disk_io);
        prefer(&mut disk.block_size, &preferred.preferred_disk_block_size);
    }
}
