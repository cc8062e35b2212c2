//! VirtualMachineInstanceReplicaSet.

use kubevirt_api::VirtualMachineInstanceReplicaSet;

use super::selector::selects;
use super::{Fault, Faults, Path};
use crate::config::ClusterConfig;
use crate::validation::{validate_reserved_labels, validate_vmi, warnings_vmi};

const TEMPLATE: &str = "spec.template.spec";

/// What is wrong with a replica set that is being created.
pub fn validate_replica_set(
    set: &VirtualMachineInstanceReplicaSet,
    config: &ClusterConfig,
) -> Vec<Fault> {
    let mut faults = Faults::default();
    let spec = &set.spec;
    let metadata = spec.template.metadata.clone().unwrap_or_default();
    let labels = metadata.labels.unwrap_or_default();
    let path = Path::new("spec");
    if let Some(replicas) = spec.replicas.filter(|replicas| *replicas < 0) {
        faults.invalid(
            &path.field("replicas"),
            format!("{replicas} is negative: write a number from 0"),
        );
    }
    selects(
        &mut faults,
        &path.field("selector"),
        &spec.selector,
        "template.metadata",
        &labels,
    );
    let mut faults = faults.into_vec();
    faults.extend(validate_reserved_labels(
        "spec.template.metadata.labels",
        &labels,
    ));
    faults.extend(validate_vmi(
        TEMPLATE,
        &spec.template.spec,
        &metadata.annotations.unwrap_or_default(),
        config,
    ));
    faults
}

/// What is wrong with a change of a replica set. One that is being deleted, or whose specification does not change, is left
/// alone.
pub fn validate_replica_set_update(
    old: &VirtualMachineInstanceReplicaSet,
    new: &VirtualMachineInstanceReplicaSet,
    config: &ClusterConfig,
) -> Vec<Fault> {
    if new.metadata.deletion_timestamp.is_some() || old.spec == new.spec {
        return Vec::new();
    }
    validate_replica_set(new, config)
}

/// What in a replica set works, but deserves a word.
pub fn warnings_replica_set(set: &VirtualMachineInstanceReplicaSet) -> Vec<String> {
    warnings_vmi(TEMPLATE, &set.spec.template.spec)
}
