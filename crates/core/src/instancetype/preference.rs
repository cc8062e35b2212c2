//! What a preference says becomes what the template says where that says nothing.

mod devices;
mod disks;
mod features;
mod firmware;

pub(super) use devices::attach;

use std::collections::BTreeMap;

use kubevirt_api::{ClockPreferences, VirtualMachineInstanceSpec, VirtualMachinePreferenceSpec};

/// Applies a preference to a specification and the annotations beside it, in the order of the contract.
pub(super) fn apply(
    spec: &mut VirtualMachineInstanceSpec,
    annotations: &mut BTreeMap<String, String>,
    preference: &VirtualMachinePreferenceSpec,
) {
    processor_features(spec, preference);
    if let Some(preferred) = &preference.devices {
        devices::apply(spec, preferred);
        disks::apply(&mut spec.domain.devices.disks, preferred);
    }
    if let Some(preferred) = &preference.features {
        features::apply(&mut spec.domain, preferred);
    }
    if let Some(preferred) = &preference.firmware {
        firmware::apply(&mut spec.domain, preferred);
    }
    machine(spec, preference);
    if let Some(preferred) = &preference.clock {
        clock(spec, preferred);
    }
    prefer_text(&mut spec.subdomain, &preference.preferred_subdomain);
    prefer(
        &mut spec.termination_grace_period_seconds,
        &preference.preferred_termination_grace_period_seconds,
    );
    prefer(
        &mut spec.domain.launch_security,
        &preference.preferred_launch_security,
    );
    prefer_text(&mut spec.architecture, &preference.preferred_architecture);
    for (key, value) in &preference.annotations {
        annotations
            .entry(key.clone())
            .or_insert_with(|| value.clone());
    }
}

/// Gives a value to what has none.
fn prefer<T: Clone>(target: &mut Option<T>, preferred: &Option<T>) {
    if target.is_none() {
        target.clone_from(preferred);
    }
}

/// As [`prefer`]; an empty text is none.
fn prefer_text(target: &mut Option<String>, preferred: &Option<String>) {
    let preferred = preferred.as_ref().filter(|text| !text.is_empty());
    if let (true, Some(preferred)) = (target.as_deref().unwrap_or_default().is_empty(), preferred) {
        *target = Some(preferred.clone());
    }
}

fn processor_features(
    spec: &mut VirtualMachineInstanceSpec,
    preference: &VirtualMachinePreferenceSpec,
) {
    let preferred = preference
        .cpu
        .as_ref()
        .map(|cpu| cpu.preferred_cpu_features.as_slice())
        .unwrap_or_default();
    if preferred.is_empty() {
        return;
    }
    let features = &mut spec.domain.cpu.get_or_insert_default().features;
    for feature in preferred {
        if !features.iter().any(|said| said.name == feature.name) {
            features.push(feature.clone());
        }
    }
}

fn machine(spec: &mut VirtualMachineInstanceSpec, preference: &VirtualMachinePreferenceSpec) {
    let preferred = preference
        .machine
        .as_ref()
        .and_then(|machine| machine.preferred_machine_type.as_deref())
        .unwrap_or_default();
    if !preferred.is_empty() {
        let machine = spec.domain.machine.get_or_insert_default();
        if machine.type_.is_empty() {
            preferred.clone_into(&mut machine.type_);
        }
    }
}

fn clock(spec: &mut VirtualMachineInstanceSpec, preferred: &ClockPreferences) {
    let clock = spec.domain.clock.get_or_insert_default();
    if let Some(offset) = &preferred.preferred_clock_offset
        && clock.utc.is_none()
        && clock.timezone.is_none()
    {
        clock.utc.clone_from(&offset.utc);
        clock.timezone.clone_from(&offset.timezone);
    }
    prefer(&mut clock.timer, &preferred.preferred_timer);
}
