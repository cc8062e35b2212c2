//! Presets: parts of a domain that are merged into new VirtualMachineInstances whose labels they select (deprecated).
//!
//! A part is taken as a whole - `cpu`, `firmware`, each kind of device, each requested resource - where the instance does not
//! have it. What the instance says stays.

use std::collections::BTreeMap;

use kube::core::{Selector, SelectorExt};
use kubevirt_api::{DomainSpec, VirtualMachineInstance, VirtualMachineInstancePreset};
use serde_json::{Map, Value};

/// On instances that want no preset: `true`.
const EXCLUDE: &str = "virtualmachineinstancepresets.admission.kubevirt.io/exclude";
/// Beginning of the annotations that name the presets that were merged.
const APPLIED: &str = "virtualmachinepreset.kubevirt.io/";
/// Objects whose fields are parts of their own; the fields of others belong together.
const DIVIDED: [&str; 4] = ["resources", "requests", "limits", "devices"];

/// Two presets that select the same instance and contradict each other, or one that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PresetConflict(String);

/// Merges those of the namespace's `presets` that select `vmi` into it and notes which.
///
/// # Errors
/// When presets that select it contradict each other, or cannot be understood. The instance is unchanged then.
pub fn apply(
    vmi: &mut VirtualMachineInstance,
    presets: &[VirtualMachineInstancePreset],
) -> Result<(), PresetConflict> {
    let excluded = vmi
        .metadata
        .annotations
        .as_ref()
        .and_then(|all| all.get(EXCLUDE))
        .is_some_and(|value| value == "true");
    if excluded || presets.is_empty() {
        return Ok(());
    }
    let selected = selected(vmi, presets)?;
    contradiction(&selected)?;
    if selected.is_empty() {
        return Ok(());
    }
    let unreadable = |error: serde_json::Error| {
        PresetConflict(format!(
            "presets cannot be merged into the VirtualMachineInstance: {error}"
        ))
    };
    let mut domain = serde_json::to_value(&vmi.spec.domain).map_err(unreadable)?;
    let mut applied = Vec::new();
    for (name, preset) in &selected {
        let mut any = false;
        merge(&mut domain, preset, &mut any);
        if any {
            applied.push(*name);
        }
    }
    let merged: DomainSpec = serde_json::from_value(domain).map_err(unreadable)?;
    vmi.spec.domain = merged;
    for name in applied {
        super::annotations(&mut vmi.metadata)
            .insert(format!("{APPLIED}{name}"), "kubevirt.io/v1".to_owned());
    }
    Ok(())
}

/// Names and domains of the presets that select the instance, by name.
fn selected<'a>(
    vmi: &VirtualMachineInstance,
    presets: &'a [VirtualMachineInstancePreset],
) -> Result<Vec<(&'a str, Value)>, PresetConflict> {
    let none = BTreeMap::new();
    let labels = vmi.metadata.labels.as_ref().unwrap_or(&none);
    let mut selected = Vec::new();
    for preset in presets {
        let name = preset.metadata.name.as_deref().unwrap_or_default();
        let selector = Selector::try_from(preset.spec.selector.clone()).map_err(|error| {
            PresetConflict(format!(
                "VirtualMachineInstancePreset {name} has a selector that cannot be understood ({error}): mend or delete it"
            ))
        })?;
        if let (true, Some(domain)) = (selector.matches(labels), &preset.spec.domain) {
            let domain = serde_json::to_value(domain).map_err(|error| {
                PresetConflict(format!(
                    "VirtualMachineInstancePreset {name} cannot be expressed in JSON: {error}"
                ))
            })?;
            selected.push((name, domain));
        }
    }
    selected.sort_by_key(|(name, _)| *name);
    Ok(selected)
}

fn contradiction(selected: &[(&str, Value)]) -> Result<(), PresetConflict> {
    let mut said: BTreeMap<String, (&str, &Value)> = BTreeMap::new();
    for (name, domain) in selected {
        let mut parts = Vec::new();
        collect(domain, "domain", &mut parts);
        for (path, value) in parts {
            let (other, before) = *said.entry(path.clone()).or_insert((name, value));
            if before != value {
                return Err(PresetConflict(format!(
                    "presets {other} and {name} contradict each other in {path}: change the labels of the \
                     VirtualMachineInstance or one of the presets"
                )));
            }
        }
    }
    Ok(())
}

/// The parts of a domain that say something, with their paths.
fn collect<'a>(domain: &'a Value, path: &str, parts: &mut Vec<(String, &'a Value)>) {
    for (key, value) in domain.as_object().into_iter().flatten() {
        let path = format!("{path}.{key}");
        if DIVIDED.contains(&key.as_str()) {
            collect(value, &path, parts);
        } else if says_something(value) {
            parts.push((path, value));
        }
    }
}

/// Merges the parts of a preset; `any` becomes true when the result has one of them.
fn merge(domain: &mut Value, preset: &Value, any: &mut bool) {
    let (Some(preset), Some(domain)) = (preset.as_object(), domain.as_object_mut()) else {
        return;
    };
    for (key, value) in preset.iter().filter(|(_, value)| says_something(value)) {
        if DIVIDED.contains(&key.as_str()) {
            let target = domain
                .entry(key.clone())
                .or_insert_with(|| Value::Object(Map::new()));
            merge(target, value, any);
            continue;
        }
        let target = domain.entry(key.clone()).or_insert(Value::Null);
        if !says_something(target) {
            target.clone_from(value);
        }
        *any |= target == value;
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => true,
    }
}
