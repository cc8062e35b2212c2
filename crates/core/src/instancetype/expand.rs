//! A template completed by an instancetype and a preference.

use kubevirt_api::{
    VirtualMachineInstance, VirtualMachineInstanceSpec, VirtualMachineInstanceTemplateSpec,
};
use std::collections::BTreeMap;

use super::{Conflict, Selection, apply, names, preference};
use crate::{config::ClusterConfig, defaults};

/// Completes the template of a VirtualMachine.
///
/// # Errors
/// With all fields that both the template and the instancetype say.
pub fn expand(
    template: &VirtualMachineInstanceTemplateSpec,
    selection: &Selection,
    config: &ClusterConfig,
) -> Result<VirtualMachineInstanceTemplateSpec, Vec<Conflict>> {
    let mut expanded = template.clone();
    let mut annotations = expanded
        .metadata
        .as_mut()
        .and_then(|metadata| metadata.annotations.take())
        .unwrap_or_default();
    complete(&mut expanded.spec, &mut annotations, selection, config)?;
    if !annotations.is_empty() {
        expanded.metadata.get_or_insert_default().annotations = Some(annotations);
    }
    Ok(expanded)
}

/// Completes the VirtualMachineInstance that a VirtualMachine makes, and notes with what.
///
/// # Errors
/// With all fields that both the template and the instancetype say. The instance is then of no use.
pub fn expand_instance(
    instance: &mut VirtualMachineInstance,
    selection: &Selection,
    config: &ClusterConfig,
) -> Result<(), Vec<Conflict>> {
    let annotations = instance.metadata.annotations.get_or_insert_default();
    complete(&mut instance.spec, annotations, selection, config)?;
    names::note(annotations, selection);
    Ok(())
}

fn complete(
    spec: &mut VirtualMachineInstanceSpec,
    annotations: &mut BTreeMap<String, String>,
    selection: &Selection,
    config: &ClusterConfig,
) -> Result<(), Vec<Conflict>> {
    let preferred = selection.preference_spec();
    if let Some(instancetype) = selection.instancetype_spec() {
        apply::instancetype(spec, annotations, instancetype, preferred)?;
    }
    if let Some(preferred) = preferred {
        // Devices that are there by default get what is preferred too, so they must be there before.
        if let Some(devices) = &preferred.devices {
            preference::attach(&mut spec.domain.devices, devices);
        }
        let masquerade = preferred
            .devices
            .as_ref()
            .is_some_and(|devices| devices.preferred_interface_masquerade.is_some());
        defaults::default_devices(spec, config, !masquerade);
        preference::apply(spec, annotations, preferred);
    }
    Ok(())
}
