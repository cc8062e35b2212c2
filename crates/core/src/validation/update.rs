//! Changes of objects that exist.

mod in_progress;
mod volume_requests;

use std::collections::BTreeMap;

use kubevirt_api::{VirtualMachine, VirtualMachineInstance, names::RESERVED_LABELS};

use super::{Fault, Faults, Path, validate_vm};
use crate::{config::ClusterConfig, instancetype::stale_revisions};

pub use volume_requests::validate_volume_requests;

/// Bindings that are gone. A machine that has one from before may still be changed.
const GONE: [&str; 3] = [".slirp", ".macvtap", ".passt"];

/// What is wrong with a change of a VirtualMachine. One that is being deleted, or whose specification does not change,
/// is left alone: rules that came later must not keep it from going or from being labelled.
pub fn validate_vm_update(
    old: &VirtualMachine,
    new: &VirtualMachine,
    config: &ClusterConfig,
) -> Vec<Fault> {
    if new.metadata.deletion_timestamp.is_some() || old.spec == new.spec {
        return Vec::new();
    }
    let mut faults = Faults::default();
    in_progress::validate(&mut faults, old, new);
    let mut all = [faults.into_vec(), stale_revisions(old, new)].concat();
    let is_gone = |fault: &Fault| GONE.iter().any(|name| fault.field.ends_with(name));
    let (gone, others): (Vec<_>, Vec<_>) = validate_vm(new, config).into_iter().partition(is_gone);
    all.extend(others);
    if !gone.is_empty() {
        let before = validate_vm(old, config);
        all.extend(gone.into_iter().filter(|fault| !before.contains(fault)));
    }
    all
}

/// What is wrong with a change of a VirtualMachineInstance: its specification and reserved labels are for KubeVirt's
/// components alone to change.
pub fn validate_vmi_update(
    old: &VirtualMachineInstance,
    new: &VirtualMachineInstance,
    requester_is_component: bool,
) -> Vec<Fault> {
    let mut faults = Faults::default();
    if requester_is_component {
        return faults.into_vec();
    }
    if old.spec != new.spec {
        faults.invalid(
            &Path::new("spec"),
            "a running VirtualMachineInstance cannot be changed: change its VirtualMachine and restart that, or delete this and create it anew",
        );
    }
    let empty = BTreeMap::new();
    let before = old.metadata.labels.as_ref().unwrap_or(&empty);
    let after = new.metadata.labels.as_ref().unwrap_or(&empty);
    for name in RESERVED_LABELS
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
    {
        faults.invalid(
            &Path::new("metadata.labels").key(name),
            "is reserved for KubeVirt's components: leave it as it is",
        );
    }
    faults.into_vec()
}
