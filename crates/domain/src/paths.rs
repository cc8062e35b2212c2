//! Where things are inside the launcher pod (docs/architecture.md).

use std::fmt::Display;

/// QEMU for amd64 guests.
pub const EMULATOR: &str = "/usr/bin/qemu-system-x86_64";
/// The volume that only the pod's own processes and virt-handler use.
pub const PRIVATE: &str = "/var/run/kubevirt-private";
/// The volume with the disks that last as long as the pod.
pub const EPHEMERAL: &str = "/var/run/kubevirt-ephemeral-disks";

/// The Unix socket of the first serial port.
pub fn serial_socket(vmi_uid: impl Display) -> String {
    format!("{PRIVATE}/{vmi_uid}/virt-serial0")
}

/// The Unix socket of the VNC display.
pub fn vnc_socket(vmi_uid: impl Display) -> String {
    format!("{PRIVATE}/{vmi_uid}/virt-vnc")
}

/// The file that holds EFI's variables.
pub fn nvram(vmi_name: impl Display) -> String {
    format!("{PRIVATE}/libvirt/qemu/nvram/{vmi_name}_VARS.fd")
}

/// The disk of a PersistentVolumeClaim of volume mode Filesystem.
pub fn filesystem_disk(volume: impl Display) -> String {
    format!("{PRIVATE}/vmi-disks/{volume}/disk.img")
}

/// The device of a PersistentVolumeClaim of volume mode Block.
pub fn block_device(volume: impl Display) -> String {
    format!("/dev/{volume}")
}

/// The overlay that takes a containerDisk's writes.
pub fn overlay(volume: impl Display) -> String {
    format!("{EPHEMERAL}/disk-data/{volume}/disk.qcow2")
}

/// The link to a containerDisk's image; `index` is the volume's place in spec.volumes.
pub fn container_disk(index: usize) -> String {
    format!("/var/run/kubevirt/container-disks/disk_{index}.img")
}

/// The cloud-init disk.
pub fn cloud_init(namespace: impl Display, name: impl Display) -> String {
    format!("{EPHEMERAL}/cloud-init-data/{namespace}/{name}/noCloud.iso")
}

/// The image of an emptyDisk.
pub fn empty_disk(volume: impl Display) -> String {
    format!("{EPHEMERAL}/empty-disks/{volume}.qcow2")
}
