//! What a launcher pod needs beside the guest's own memory.
//!
//! The figures are what the processes were measured to keep resident (anonymous memory, and file pages charged to the pod
//! that touches them first), rounded up so that a guest whose memory limit is its own memory plus this is not killed.

use kubevirt_api::VirtualMachineInstanceSpec;

use crate::config::ClusterConfig;

const MEBIBYTE: u64 = 1 << 20;

/// virt-launcher (about 1 MiB) and libvirtd with its QEMU driver.
const LIBVIRTD_AND_LAUNCHER: u64 = 18 * MEBIBYTE;
/// QEMU's code, heap, thread stacks and device models.
const QEMU: u64 = 28 * MEBIBYTE;
/// The cache of translated code, as the domain caps it, and the tables that go with it. Only under emulation.
const TRANSLATION: u64 = (32 + 12) * MEBIBYTE;
/// A display: the part of the video memory that guests touch, and the VNC server's buffers.
const GRAPHICS: u64 = 8 * MEBIBYTE;
/// Stack and state of a virtual processor's thread.
const VIRTUAL_PROCESSOR: u64 = 2 * MEBIBYTE;
/// Stack and buffers of an I/O thread.
const IO_THREAD: u64 = 2 * MEBIBYTE;
/// UEFI firmware: code and variables are memory of QEMU, not of the guest.
const UEFI: u64 = 8 * MEBIBYTE;
/// The TPM emulator, a process of its own.
const TPM: u64 = 12 * MEBIBYTE;
/// Page tables take 8 bytes for each page of 4 KiB.
const PAGE_TABLE_SHARE: u64 = 512;

/// Bytes that the pod of `spec` is charged beside the guest's memory of `guest` bytes.
pub fn bytes(spec: &VirtualMachineInstanceSpec, guest: u64, config: &ClusterConfig) -> u64 {
    let domain = &spec.domain;
    let mut sum = LIBVIRTD_AND_LAUNCHER + QEMU + guest / PAGE_TABLE_SHARE;
    sum += u64::from(virtual_processors(spec)) * VIRTUAL_PROCESSOR;
    if config.use_emulation {
        sum += TRANSLATION;
    }
    if domain.devices.autoattach_graphics_device != Some(false) {
        sum += GRAPHICS;
    }
    if domain.io_threads_policy.is_some() {
        sum += io_threads(spec) * IO_THREAD;
    }
    if domain
        .firmware
        .as_ref()
        .and_then(|firmware| firmware.bootloader.as_ref())
        .is_some_and(|loader| loader.efi.is_some())
    {
        sum += UEFI;
    }
    if domain
        .devices
        .tpm
        .as_ref()
        .is_some_and(|tpm| tpm.enabled != Some(false))
    {
        sum += TPM;
    }
    // Whole mebibytes: the fraction says nothing. A ratio below 1 or without sense was refused on the way in.
    let scaled =
        (sum as f64 * config.additional_guest_memory_overhead_ratio.max(1.0)).ceil() as u64;
    scaled.next_multiple_of(MEBIBYTE)
}

/// Virtual processors of a guest: sockets × cores × threads, each 1 when not given. Without any of them, as many as the CPU
/// limit or else the CPU request asks for, rounded up.
pub fn virtual_processors(spec: &VirtualMachineInstanceSpec) -> u32 {
    let domain = &spec.domain;
    let cpu = domain.cpu.as_ref();
    let given = cpu
        .map(|cpu| [cpu.sockets, cpu.cores, cpu.threads])
        .unwrap_or_default();
    if given.iter().all(|part| part.unwrap_or(0) == 0) {
        let resources = domain.resources.as_ref();
        let asked = resources
            .and_then(|resources| resources.limit("cpu").or_else(|| resources.request("cpu")));
        let millis = asked
            .and_then(|quantity| kubevirt_api::quantity::millis(quantity).ok())
            .unwrap_or(0);
        return u32::try_from(millis.div_ceil(1000)).unwrap_or(1).max(1);
    }
    given
        .iter()
        .map(|part| part.unwrap_or(1).max(1))
        .fold(1, u32::saturating_mul)
}

/// I/O threads: one for all disks, and one for each disk that asks for its own. With the policy `auto` no more than twice
/// the virtual processors.
fn io_threads(spec: &VirtualMachineInstanceSpec) -> u64 {
    let disks = spec.domain.devices.disks.len() as u64;
    match spec.domain.io_threads_policy.as_deref() {
        Some("auto") => disks.min(2 * u64::from(virtual_processors(spec))).max(1),
        _ => 1 + disks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubevirt_api::CPU;

    fn config(use_emulation: bool) -> ClusterConfig {
        ClusterConfig {
            use_emulation,
            ..ClusterConfig::default()
        }
    }

    fn mebibytes(spec: &VirtualMachineInstanceSpec, guest: u64, use_emulation: bool) -> u64 {
        bytes(spec, guest * MEBIBYTE, &config(use_emulation)) / MEBIBYTE
    }

    #[test]
    fn an_ordinary_guest_stays_within_the_budget() {
        let spec = VirtualMachineInstanceSpec::default();
        assert!(mebibytes(&spec, 1024, false) <= 60);
        assert!(mebibytes(&spec, 1024, true) <= 110);
    }

    #[test]
    fn processors_memory_and_displays_count() {
        let mut spec = VirtualMachineInstanceSpec::default();
        let one = mebibytes(&spec, 512, false);
        spec.domain.cpu = Some(CPU {
            cores: Some(2),
            sockets: Some(2),
            ..CPU::default()
        });
        assert_eq!(mebibytes(&spec, 512, false), one + 6);
        assert_eq!(mebibytes(&spec, 512 + 1024, false), one + 8);
        spec.domain.devices.autoattach_graphics_device = Some(false);
        assert_eq!(mebibytes(&spec, 512, false), one - 2);
    }

    #[test]
    fn the_ratio_multiplies() {
        let spec = VirtualMachineInstanceSpec::default();
        let plain = bytes(&spec, 0, &config(false));
        let mut doubled = config(false);
        doubled.additional_guest_memory_overhead_ratio = 2.0;
        assert_eq!(bytes(&spec, 0, &doubled), 2 * plain);
    }

    #[test]
    fn processors_follow_resources_when_there_is_no_topology() {
        let mut spec = VirtualMachineInstanceSpec::default();
        assert_eq!(virtual_processors(&spec), 1);
        let mut resources = kubevirt_api::ResourceRequirements::default();
        resources.requests.insert(
            "cpu".into(),
            k8s_openapi::apimachinery::pkg::api::resource::Quantity("1500m".into()),
        );
        spec.domain.resources = Some(resources);
        assert_eq!(virtual_processors(&spec), 2);
    }
}
