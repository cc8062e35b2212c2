//! VirtualMachineSnapshot.

use kubevirt_api::VirtualMachineSnapshot;

use super::duration::duration;
use super::reference::{VIRTUAL_MACHINE, reference};
use super::{Fault, Faults, Path, unchangeable};
use crate::config::{ClusterConfig, Gate};

/// What is wrong with a snapshot that is being created.
pub fn validate_snapshot(snapshot: &VirtualMachineSnapshot, config: &ClusterConfig) -> Vec<Fault> {
    let mut faults = Faults::default();
    let path = Path::new("spec");
    gate(&mut faults, &path, config);
    let spec = &snapshot.spec;
    reference(
        &mut faults,
        &path.field("source"),
        &spec.source,
        &[VIRTUAL_MACHINE],
    );
    duration(
        &mut faults,
        &path.field("failureDeadline"),
        spec.failure_deadline.as_deref(),
        false,
    );
    faults.into_vec()
}

/// What is wrong with a change of a snapshot.
pub fn validate_snapshot_update(
    old: &VirtualMachineSnapshot,
    new: &VirtualMachineSnapshot,
) -> Vec<Fault> {
    unchangeable("VirtualMachineSnapshot", &old.spec, &new.spec)
}

/// That the feature is on.
pub(super) fn gate(faults: &mut Faults, path: &Path, config: &ClusterConfig) {
    if !config.features.is_on(Gate::Snapshot) {
        faults.not_supported(
            path,
            format!(
                "snapshots are switched off: {}",
                config.features.remedy(Gate::Snapshot)
            ),
        );
    }
}
