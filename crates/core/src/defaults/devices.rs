//! Defaults of volumes, disks and other devices.

use kubevirt_api::{
    Diag288Watchdog, Disk, DiskTarget, I6300ESBWatchdog, Input, VirtualMachineInstanceSpec,
};

use super::fill;
use crate::config::Architecture;

/// Images whose tag moves are pulled each time, others once.
pub(super) fn image_pull_policies(spec: &mut VirtualMachineInstanceSpec) {
    for source in spec
        .volumes
        .iter_mut()
        .filter_map(|volume| volume.container_disk.as_mut())
    {
        let policy = if is_latest(&source.image) {
            "Always"
        } else {
            "IfNotPresent"
        };
        fill(&mut source.image_pull_policy, || policy.to_owned());
    }
}

/// Whether an image has the tag latest, or neither tag nor digest, which means the same.
fn is_latest(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    if name.contains('@') {
        return false;
    }
    name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

/// A volume that is neither a disk nor a file system of the guest becomes a disk, unless it takes the guest's memory.
pub(super) fn disk_for_each_volume(spec: &mut VirtualMachineInstanceSpec) {
    let filesystems = &spec.domain.devices.filesystems;
    let disks = &mut spec.domain.devices.disks;
    for volume in &spec.volumes {
        let used = disks.iter().any(|disk| disk.name == volume.name)
            || filesystems
                .iter()
                .any(|filesystem| filesystem.name == volume.name);
        if !used && volume.memory_dump.is_none() {
            disks.push(Disk {
                name: volume.name.clone(),
                ..Disk::default()
            });
        }
    }
}

/// An empty PCI address asks for none.
pub(super) fn pci_addresses(spec: &mut VirtualMachineInstanceSpec) {
    let devices = &mut spec.domain.devices;
    let targets = devices
        .disks
        .iter_mut()
        .filter_map(|disk| disk.disk.as_mut());
    targets
        .map(|target| &mut target.pci_address)
        .chain(
            devices
                .interfaces
                .iter_mut()
                .map(|interface| &mut interface.pci_address),
        )
        .filter(|address| address.as_deref() == Some(""))
        .for_each(|address| *address = None);
}

/// A disk without a target is a disk, a target without a bus is on the architecture's; a CD-ROM is closed and read only.
pub(super) fn disk_targets(spec: &mut VirtualMachineInstanceSpec, architecture: Architecture) {
    let bus = || architecture.default_disk_bus().to_owned();
    for disk in &mut spec.domain.devices.disks {
        if disk.cdrom.is_none() && disk.lun.is_none() {
            disk.disk.get_or_insert_with(DiskTarget::default);
        }
        if let Some(target) = &mut disk.disk {
            fill(&mut target.bus, bus);
        }
        if let Some(target) = &mut disk.lun {
            fill(&mut target.bus, bus);
        }
        if let Some(target) = &mut disk.cdrom {
            fill(&mut target.bus, bus);
            fill(&mut target.tray, || "closed".to_owned());
            target.readonly.get_or_insert(true);
        }
    }
}

/// A guest that wants input devices and names none gets one.
pub(super) fn attached_input(spec: &mut VirtualMachineInstanceSpec) {
    let devices = &mut spec.domain.devices;
    if devices.inputs.is_empty() && devices.autoattach_input_device == Some(true) {
        devices.inputs.push(Input {
            name: "default-0".to_owned(),
            ..Input::default()
        });
    }
}

/// An input device is a tablet on USB.
pub(super) fn inputs(spec: &mut VirtualMachineInstanceSpec) {
    for input in &mut spec.domain.devices.inputs {
        fill(&mut input.bus, || "usb".to_owned());
        if input.type_.is_empty() {
            input.type_ = "tablet".to_owned();
        }
    }
}

/// A watchdog is that of the architecture, and resets the guest. Arm has none.
pub(super) fn watchdog(spec: &mut VirtualMachineInstanceSpec, architecture: Architecture) {
    let Some(watchdog) = &mut spec.domain.devices.watchdog else {
        return;
    };
    let action = match architecture {
        Architecture::Amd64 => {
            &mut watchdog
                .i6300esb
                .get_or_insert_with(I6300ESBWatchdog::default)
                .action
        }
        Architecture::S390x => {
            &mut watchdog
                .diag288
                .get_or_insert_with(Diag288Watchdog::default)
                .action
        }
        Architecture::Arm64 => return,
    };
    fill(action, || "reset".to_owned());
}
