//! VirtualMachineExport.

use kubevirt_api::VirtualMachineExport;

use super::duration::duration;
use super::reference::{Kind, SNAPSHOT, VIRTUAL_MACHINE, reference};
use super::{Fault, Faults, Path, unchangeable};
use crate::validation::text;

const SOURCES: [Kind; 5] = [
    ("", "PersistentVolumeClaim"),
    VIRTUAL_MACHINE,
    SNAPSHOT,
    ("backup.kubevirt.io", "VirtualMachineBackup"),
    ("template.kubevirt.io", "VirtualMachineTemplate"),
];

/// What is wrong with an export that is being created.
pub fn validate_export(export: &VirtualMachineExport) -> Vec<Fault> {
    let mut faults = Faults::default();
    let path = Path::new("spec");
    let spec = &export.spec;
    reference(&mut faults, &path.field("source"), &spec.source, &SOURCES);
    duration(
        &mut faults,
        &path.field("ttlDuration"),
        spec.ttl_duration.as_deref(),
        true,
    );
    if let Some(name) = spec
        .token_secret_ref
        .as_deref()
        .filter(|name| !name.is_empty() && !text::is_dns_subdomain(name))
    {
        faults.invalid(
            &path.field("tokenSecretRef"),
            format!(
                "{name:?} cannot be the name of a Secret: use {}",
                text::DNS_SUBDOMAIN
            ),
        );
    }
    faults.into_vec()
}

/// What is wrong with a change of an export.
pub fn validate_export_update(
    old: &VirtualMachineExport,
    new: &VirtualMachineExport,
) -> Vec<Fault> {
    unchangeable("VirtualMachineExport", &old.spec, &new.spec)
}
