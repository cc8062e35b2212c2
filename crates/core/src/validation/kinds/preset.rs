//! VirtualMachineInstancePreset.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::core::Selector;
use kubevirt_api::{DomainSpec, Memory, VirtualMachineInstancePreset, VirtualMachineInstanceSpec};

use super::{Fault, Faults, Path};
use crate::config::ClusterConfig;
use crate::validation::validate_vmi;

/// Memory that every guest could have, in place of that which the instance says.
const SOME_MEMORY: &str = "1Gi";

/// What is wrong with a preset: its domain is judged as that of an instance which adds what a preset leaves open.
pub fn validate_preset(
    preset: &VirtualMachineInstancePreset,
    config: &ClusterConfig,
) -> Vec<Fault> {
    let mut faults = Faults::default();
    let path = Path::new("spec");
    if let Err(error) = Selector::try_from(preset.spec.selector.clone()) {
        faults.invalid(
            &path.field("selector"),
            format!("is not a selector ({error}): use the operators In and NotIn with values, Exists and DoesNotExist"),
        );
    }
    let Some(domain) = &preset.spec.domain else {
        faults.required(
            &path.field("domain"),
            "must say what instances get: write a part of an instance's spec.domain",
        );
        return faults.into_vec();
    };
    let spec = VirtualMachineInstanceSpec {
        domain: completed(domain),
        ..VirtualMachineInstanceSpec::default()
    };
    let mut faults = faults.into_vec();
    faults.extend(validate_vmi("spec", &spec, &Default::default(), config));
    faults
}

/// What in a preset works, but deserves a word.
pub fn warnings_preset(_: &VirtualMachineInstancePreset) -> Vec<String> {
    vec![
        "presets are deprecated, use a VirtualMachineInstancetype and a VirtualMachinePreference"
            .to_owned(),
    ]
}

/// A domain with what an instance brings: memory, and the volumes and networks that its devices are for.
fn completed(domain: &DomainSpec) -> DomainSpec {
    let mut domain = domain.clone();
    domain.devices.disks.clear();
    domain.devices.filesystems.clear();
    domain.devices.interfaces.clear();
    let resources = domain.resources.clone().unwrap_or_default();
    let memory = domain.memory.get_or_insert_default();
    let none = Memory {
        hugepages: memory.hugepages.clone(),
        max_guest: memory.max_guest.clone(),
        ..Memory::default()
    };
    let given = resources.request("memory").is_some() || resources.limit("memory").is_some();
    if *memory == none && memory.hugepages.is_none() && !given {
        memory.guest = Some(Quantity(SOME_MEMORY.to_owned()));
    }
    domain
}
