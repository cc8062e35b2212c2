//! Devices other than disks and interfaces.

use std::collections::BTreeSet;

use super::{Faults, vmi::Context};
use crate::config::{Architecture, Gate};

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    inputs(faults, context);
    watchdog(faults, context);
    graphics(faults, context);
    let devices = &context.spec.domain.devices;
    let path = context.devices();
    if let Some(sound) = &devices.sound {
        let path = path.field("sound");
        if sound.name.is_empty() {
            faults.required(&path.field("name"), "a sound card needs a name");
        }
        faults.one_of(
            &path.field("model"),
            sound.model.as_deref(),
            &["", "ich9", "ac97"],
        );
        if context.architecture == Architecture::Arm64 {
            faults.not_supported(&path, "arm64 guests have no sound card: take it out");
        }
    }
    if devices.autoattach_vsock == Some(true) {
        context.needs(faults, &path.field("autoattachVSOCK"), Gate::VSOCK);
    }
    if devices.downward_metrics.is_some() {
        context.needs(
            faults,
            &path.field("downwardMetrics"),
            Gate::DownwardMetrics,
        );
    }
    if !devices.panic_devices.is_empty() && context.architecture == Architecture::S390x {
        faults.not_supported(
            &path.field("panicDevices"),
            "s390x guests report a crash without a device: take them out",
        );
    }
    for (index, device) in devices.panic_devices.iter().enumerate() {
        let path = path.field("panicDevices").index(index).field("model");
        faults.one_of(
            &path,
            device.model.as_deref(),
            &["hyperv", "isa", "pvpanic"],
        );
    }
}

fn inputs(faults: &mut Faults, context: &Context<'_>) {
    let mut names = BTreeSet::new();
    for (index, input) in context.spec.domain.devices.inputs.iter().enumerate() {
        let path = context.devices().field("inputs").index(index);
        faults.one_of(&path.field("bus"), input.bus.as_deref(), &["usb", "virtio"]);
        faults.one_of(&path.field("type"), Some(&input.type_), &["tablet"]);
        if input.name.is_empty() {
            faults.required(&path.field("name"), "an input device needs a name");
        } else if !names.insert(&input.name) {
            faults.duplicate(
                &path.field("name"),
                format!(
                    "{:?} names another input device too: rename one",
                    input.name
                ),
            );
        }
    }
}

fn watchdog(faults: &mut Faults, context: &Context<'_>) {
    let Some(watchdog) = &context.spec.domain.devices.watchdog else {
        return;
    };
    let path = context.devices().field("watchdog");
    if watchdog.name.is_empty() {
        faults.required(&path.field("name"), "a watchdog needs a name");
    }
    let other = match context.architecture {
        Architecture::Arm64 => {
            faults.not_supported(&path, "arm64 guests have no watchdog: take it out");
            return;
        }
        Architecture::Amd64 => watchdog
            .diag288
            .is_some()
            .then_some(("diag288", "i6300esb")),
        Architecture::S390x => watchdog
            .i6300esb
            .is_some()
            .then_some(("i6300esb", "diag288")),
    };
    if let Some((wrong, right)) = other {
        let name = context.spec.architecture.as_deref().unwrap_or_default();
        faults.not_supported(
            &path.field(wrong),
            format!("{name} guests have no such watchdog: use {right}"),
        );
    }
    let first = watchdog.i6300esb.as_ref().map(|device| &device.action);
    let second = watchdog.diag288.as_ref().map(|device| &device.action);
    for (kind, action) in [("i6300esb", first), ("diag288", second)] {
        faults.one_of(
            &path.field(kind).field("action"),
            action.and_then(|action| action.as_deref()),
            &["poweroff", "reset", "shutdown"],
        );
    }
}

fn graphics(faults: &mut Faults, context: &Context<'_>) {
    let devices = &context.spec.domain.devices;
    let Some(video) = &devices.video else { return };
    let path = context.devices().field("video");
    if devices.autoattach_graphics_device == Some(false) {
        faults.invalid(
            &path,
            "a graphics card needs a display: take out video, or autoattachGraphicsDevice: false",
        );
    }
    let allowed: &[&str] = match context.architecture {
        Architecture::Amd64 => &["vga", "cirrus", "virtio", "ramfb", "bochs"],
        Architecture::Arm64 => &["virtio", "ramfb"],
        Architecture::S390x => &["virtio"],
    };
    faults.one_of(&path.field("type"), video.type_.as_deref(), allowed);
}
