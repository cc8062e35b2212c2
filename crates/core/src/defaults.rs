//! What a manifest means where it says nothing: the defaults that the mutating webhook writes.
//!
//! Setting defaults twice is the same as setting them once. Nothing that a manifest says is changed, except what it may
//! not say: the status of an object that is just being created, and what only KubeVirt's components may change.

mod devices;
mod domain;
mod hyperv;
mod identity;
mod kinds;
mod launch_security;
mod live_update;
mod networks;
mod presets;
mod probes;
mod protected;
mod vm;
mod vmi;

#[cfg(test)]
mod tests;

pub use identity::legacy_firmware_uuid;
pub use kinds::{default_clone, default_migration};
pub use presets::{PresetConflict, apply as apply_presets};
pub use protected::restore_protected;
pub use vm::{Surroundings, default_vm, default_vm_update};
pub use vmi::{default_vmi, default_vmi_spec};

pub(crate) use vmi::default_devices;

use std::collections::BTreeMap;

use kubevirt_api::{
    VirtualMachineInstanceSpec, k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta,
    names::annotation,
};

use crate::config::{Architecture, ClusterConfig};

/// A text that is absent or empty gets a value.
fn fill(text: &mut Option<String>, value: impl FnOnce() -> String) {
    if text.as_deref().unwrap_or_default().is_empty() {
        *text = Some(value());
    }
}

/// Architecture and machine type: they come first because other defaults follow from them.
fn default_platform(spec: &mut VirtualMachineInstanceSpec, config: &ClusterConfig) {
    fill(&mut spec.architecture, || {
        config.default_architecture.clone()
    });
    let machine = spec.domain.machine.get_or_insert_default();
    if machine.type_.is_empty()
        && let Some(architecture) = spec.architecture.as_deref().and_then(Architecture::parse)
    {
        machine.type_ = config.machine_type(architecture).to_owned();
    }
}

/// Machines with PCI Express give out PCI addresses in the way that new guests have.
fn default_pci_topology(metadata: &mut ObjectMeta, spec: &VirtualMachineInstanceSpec) {
    let machine = spec
        .domain
        .machine
        .as_ref()
        .map(|machine| machine.type_.as_str())
        .unwrap_or_default();
    let express = match spec.architecture.as_deref() {
        Some("amd64") => machine.contains("q35"),
        Some("arm64") => machine.starts_with("virt"),
        _ => false,
    };
    if express {
        annotations(metadata)
            .entry(annotation::PCI_TOPOLOGY_VERSION.to_owned())
            .or_insert_with(|| annotation::PCI_TOPOLOGY_V3.to_owned());
    }
}

/// The versions of the API that the object was written with and is stored in.
fn observe_api_version(metadata: &mut ObjectMeta) {
    for name in [
        annotation::LATEST_OBSERVED_API_VERSION,
        annotation::STORAGE_OBSERVED_API_VERSION,
    ] {
        annotations(metadata).insert(name.to_owned(), kubevirt_api::VERSION.to_owned());
    }
}

fn annotations(metadata: &mut ObjectMeta) -> &mut BTreeMap<String, String> {
    metadata.annotations.get_or_insert_default()
}
