//! Disks.

mod block_size;

use std::collections::{BTreeMap, BTreeSet};

use kubevirt_api::{Disk, Volume};

use super::{Faults, Path, text, vmi::Context};
use crate::config::{Architecture, Gate};

/// Most characters of a serial number.
const MOST_SERIAL_CHARACTERS: usize = 256;

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    let mut names = BTreeSet::new();
    for (index, disk) in context.spec.domain.devices.disks.iter().enumerate() {
        let path = context.devices().field("disks").index(index);
        if !text::is_dns_label(&disk.name) {
            faults.invalid(
                &path.field("name"),
                format!(
                    "{:?} is not a DNS label: use {}",
                    disk.name,
                    text::DNS_LABEL
                ),
            );
        } else if !names.insert(&disk.name) {
            faults.duplicate(
                &path.field("name"),
                format!("{:?} names another disk too: rename one", disk.name),
            );
        }
        let volume = context
            .spec
            .volumes
            .iter()
            .find(|volume| volume.name == disk.name);
        // A CD-ROM drive may be empty, for a disc to be put in.
        let may_be_empty = disk.cdrom.is_some()
            && context
                .config
                .features
                .is_on(Gate::DeclarativeHotplugVolumes);
        if volume.is_none() && !may_be_empty {
            faults.invalid(
                &path.field("name"),
                format!(
                    "there is no volume {:?}: add one of this name to volumes",
                    disk.name
                ),
            );
        }
        target(faults, context, &path, disk, volume);
        access(faults, &path, disk);
        if let Some(size) = &disk.block_size {
            block_size::validate(faults, &path.field("blockSize"), size, disk.bus());
        }
    }
    boot_order(faults, context);
}

fn target(
    faults: &mut Faults,
    context: &Context<'_>,
    path: &Path,
    disk: &Disk,
    volume: Option<&Volume>,
) {
    let targets = [
        disk.disk.is_some(),
        disk.cdrom.is_some(),
        disk.lun.is_some(),
    ];
    if targets.iter().filter(|is_set| **is_set).count() > 1 {
        faults.invalid(
            path,
            "has more than one target: keep one of disk, cdrom and lun",
        );
        return;
    }
    let bus = disk.bus().unwrap_or_default();
    let (kind, allowed): (_, &[&str]) = match (&disk.cdrom, &disk.lun, context.architecture) {
        (Some(_), _, Architecture::Amd64) => ("cdrom", &["sata", "scsi", "usb"]),
        (Some(_), _, Architecture::Arm64 | Architecture::S390x) => ("cdrom", &["scsi"]),
        // Other buses do not pass on SCSI commands.
        (_, Some(_), _) => ("lun", &["scsi", "virtio"]),
        (.., Architecture::Amd64) => ("disk", &["virtio", "scsi", "sata", "usb"]),
        (.., Architecture::Arm64 | Architecture::S390x) => ("disk", &["virtio", "scsi"]),
    };
    let path_of_target = path.field(kind);
    faults.one_of(&path_of_target.field("bus"), Some(bus), allowed);
    if let Some(target) = &disk.disk {
        if bus == "sata" && target.readonly == Some(true) {
            faults.invalid(
                &path_of_target.field("readonly"),
                "a sata disk cannot be read only: use another bus such as virtio, or a cdrom",
            );
        }
        if let Some(address) = target
            .pci_address
            .as_deref()
            .filter(|address| !address.is_empty())
        {
            let path = path_of_target.field("pciAddress");
            if bus != "virtio" {
                faults.invalid(&path, "only a virtio disk has a PCI address: set bus to virtio, or take pciAddress out");
            } else if !text::is_pci_address(address) {
                faults.invalid(
                    &path,
                    format!("{address:?} is not a PCI address: write domain, bus, slot and function such as 0000:81:01.0"),
                );
            }
        }
    }
    if let Some(target) = &disk.cdrom {
        faults.one_of(
            &path_of_target.field("tray"),
            target.tray.as_deref(),
            &["open", "closed"],
        );
    }
    if disk.lun.is_some() && volume.is_some_and(|volume| volume.claim().is_none()) {
        faults.invalid(
            &path_of_target,
            "a lun needs a persistentVolumeClaim or dataVolume: use one, or disk instead of lun",
        );
    }
    let reserves = disk
        .lun
        .as_ref()
        .is_some_and(|target| target.reservation == Some(true));
    if reserves && !context.config.persistent_reservation {
        faults.invalid(
            &path_of_target.field("reservation"),
            "reservations are not enabled: have persistentReservationConfiguration.enabled set in the settings, or take reservation out",
        );
    }
    if volume.is_some_and(|volume| volume.downward_metrics.is_some()) && bus != "virtio" {
        faults.invalid(
            &path_of_target.field("bus"),
            "guests read downward metrics from a virtio disk only: set bus to virtio",
        );
    }
    if disk.dedicated_io_thread == Some(true) && bus != "virtio" {
        faults.invalid(
            &path.field("dedicatedIOThread"),
            "only a virtio disk can have an I/O thread of its own: set bus to virtio, or take dedicatedIOThread out",
        );
    }
}

fn access(faults: &mut Faults, path: &Path, disk: &Disk) {
    let cache = disk.cache.as_deref().unwrap_or_default();
    faults.one_of(
        &path.field("cache"),
        Some(cache),
        &["", "none", "writethrough", "writeback"],
    );
    faults.one_of(
        &path.field("io"),
        disk.io.as_deref(),
        &["", "native", "threads"],
    );
    let policies = ["stop", "ignore", "report", "enospace"];
    faults.one_of(
        &path.field("errorPolicy"),
        disk.error_policy.as_deref(),
        &policies,
    );
    let caching = matches!(cache, "writethrough" | "writeback");
    if caching && disk.io.as_deref() == Some("native") {
        faults.invalid(
            &path.field("io"),
            "native needs cache none: set cache to none, or io to threads",
        );
    }
    if caching && disk.shareable == Some(true) {
        faults.invalid(
            &path.field("cache"),
            "a shared disk must not be cached: set cache to none",
        );
    }
    let is_serial = |serial: &str| {
        serial.len() <= MOST_SERIAL_CHARACTERS
            && serial
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"_.+-".contains(&c))
    };
    if let Some(serial) = disk.serial.as_deref().filter(|serial| !is_serial(serial)) {
        faults.invalid(
            &path.field("serial"),
            format!("{serial:?} is not a serial number: use letters, digits and _.+-, at most {MOST_SERIAL_CHARACTERS}"),
        );
    }
}

/// Places in the boot order start at 1 and are unique among disks and interfaces.
fn boot_order(faults: &mut Faults, context: &Context<'_>) {
    let devices = &context.spec.domain.devices;
    let disks = devices
        .disks
        .iter()
        .enumerate()
        .map(|(index, disk)| ("disks", index, disk.boot_order));
    let interfaces = devices
        .interfaces
        .iter()
        .enumerate()
        .map(|(index, interface)| ("interfaces", index, interface.boot_order));
    let mut taken = BTreeMap::new();
    for (list, index, order) in disks.chain(interfaces) {
        let Some(order) = order else { continue };
        let path = context
            .devices()
            .field(list)
            .index(index)
            .field("bootOrder");
        if order == 0 {
            faults.invalid(&path, "0 is not a place in the boot order: start with 1");
        } else if let Some((list, index)) = taken.insert(order, (list, index)) {
            faults.duplicate(
                &path,
                format!("{order} is the place of {list}[{index}] too: choose another"),
            );
        }
    }
}
