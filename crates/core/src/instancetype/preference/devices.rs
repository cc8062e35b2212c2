//! Preferred devices other than disks.

use kubevirt_api::{
    DevicePreferences, Devices, InterfaceMasquerade, Network, SoundDevice, VideoDevice,
    VirtualMachineInstanceSpec,
};

use super::{prefer, prefer_text};

/// What decides whether devices are there at all: it comes before the devices that are there by default.
pub(in super::super) fn attach(devices: &mut Devices, preferred: &DevicePreferences) {
    prefer(
        &mut devices.autoattach_graphics_device,
        &preferred.preferred_autoattach_graphics_device,
    );
    prefer(
        &mut devices.autoattach_mem_balloon,
        &preferred.preferred_autoattach_mem_balloon,
    );
    prefer(
        &mut devices.autoattach_pod_interface,
        &preferred.preferred_autoattach_pod_interface,
    );
    prefer(
        &mut devices.autoattach_serial_console,
        &preferred.preferred_autoattach_serial_console,
    );
    prefer(
        &mut devices.autoattach_input_device,
        &preferred.preferred_autoattach_input_device,
    );
}

pub(super) fn apply(spec: &mut VirtualMachineInstanceSpec, preferred: &DevicePreferences) {
    let devices = &mut spec.domain.devices;
    attach(devices, preferred);
    if devices.disable_hotplug != Some(true) && preferred.preferred_disable_hotplug.is_some() {
        devices.disable_hotplug = preferred.preferred_disable_hotplug;
    }
    prefer(
        &mut devices.use_virtio_transitional,
        &preferred.preferred_use_virtio_transitional,
    );
    prefer(&mut devices.rng, &preferred.preferred_rng);
    prefer(
        &mut devices.block_multi_queue,
        &preferred.preferred_block_multi_queue,
    );
    prefer(
        &mut devices.network_interface_multiqueue,
        &preferred.preferred_network_interface_multi_queue,
    );
    prefer(&mut devices.tpm, &preferred.preferred_tpm);
    for gpu in &mut devices.gpus {
        prefer(
            &mut gpu.virtual_gpu_options,
            &preferred.preferred_virtual_gpu_options,
        );
    }
    for panic in &mut devices.panic_devices {
        prefer_text(&mut panic.model, &preferred.preferred_panic_device_model);
    }
    if let Some(sound) = &mut devices.sound {
        prefer_sound(sound, preferred);
    }
    inputs(devices, preferred);
    video(devices, preferred);
    interfaces(&spec.networks, devices, preferred);
}

fn prefer_sound(sound: &mut SoundDevice, preferred: &DevicePreferences) {
    prefer_text(&mut sound.model, &preferred.preferred_sound_model);
}

fn inputs(devices: &mut Devices, preferred: &DevicePreferences) {
    for input in &mut devices.inputs {
        prefer_text(&mut input.bus, &preferred.preferred_input_bus);
        if let (true, Some(kind)) = (input.type_.is_empty(), &preferred.preferred_input_type) {
            input.type_.clone_from(kind);
        }
    }
}

/// A guest without a display has no video device either.
fn video(devices: &mut Devices, preferred: &DevicePreferences) {
    let Some(kind) = &preferred.preferred_video_type else {
        return;
    };
    if devices.autoattach_graphics_device != Some(false) {
        let video = devices.video.get_or_insert_with(VideoDevice::default);
        prefer_text(&mut video.type_, &Some(kind.clone()));
    }
}

fn interfaces(networks: &[Network], devices: &mut Devices, preferred: &DevicePreferences) {
    for interface in &mut devices.interfaces {
        // The device of the network card itself has no model to choose.
        if interface.sriov.is_none() {
            prefer_text(&mut interface.model, &preferred.preferred_interface_model);
        }
        let unbound = interface.bridge.is_none()
            && interface.masquerade.is_none()
            && interface.sriov.is_none()
            && interface.passt_binding.is_none()
            && interface.binding.is_none()
            && interface.slirp.is_none()
            && interface.macvtap.is_none()
            && interface.passt.is_none();
        let on_pod_network = networks
            .iter()
            .any(|network| network.name == interface.name && network.pod.is_some());
        if unbound && on_pod_network && preferred.preferred_interface_masquerade.is_some() {
            interface.masquerade = Some(InterfaceMasquerade {});
        }
    }
}
