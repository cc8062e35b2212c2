//! VirtualMachineBackup and VirtualMachineBackupTracker.

use kubevirt_api::{VirtualMachineBackup, VirtualMachineBackupTracker};

use super::duration::duration;
use super::reference::{Kind, VIRTUAL_MACHINE, reference};
use super::{Fault, Faults, Path, unchangeable};

const TRACKER: Kind = ("backup.kubevirt.io", "VirtualMachineBackupTracker");

/// What is wrong with a backup that is being created. `in_progress` are the names of other backups of the same source that
/// are not done.
pub fn validate_backup(backup: &VirtualMachineBackup, in_progress: &[String]) -> Vec<Fault> {
    let mut faults = Faults::default();
    let path = Path::new("spec");
    let spec = &backup.spec;
    let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    reference(
        &mut faults,
        &path.field("source"),
        &spec.source,
        &[VIRTUAL_MACHINE, TRACKER],
    );
    if let Some(other) = in_progress.first() {
        faults.invalid(
            &path.field("source"),
            format!("VirtualMachineBackup {other:?} of it is in progress: wait until it is done, or delete it"),
        );
    }
    if !given(&spec.pvc_name) {
        faults.required(
            &path.field("pvcName"),
            "must name the PersistentVolumeClaim that the backup is written to",
        );
    }
    if spec.mode.as_deref() == Some("Pull") && !given(&spec.token_secret_ref) {
        faults.required(
            &path.field("tokenSecretRef"),
            "must name a Secret with the token of the download when mode is Pull",
        );
    }
    duration(
        &mut faults,
        &path.field("ttlDuration"),
        spec.ttl_duration.as_deref(),
        true,
    );
    faults.into_vec()
}

/// What is wrong with a change of a backup.
pub fn validate_backup_update(
    old: &VirtualMachineBackup,
    new: &VirtualMachineBackup,
) -> Vec<Fault> {
    unchangeable("VirtualMachineBackup", &old.spec, &new.spec)
}

/// What is wrong with a tracker that is being created.
pub fn validate_backup_tracker(tracker: &VirtualMachineBackupTracker) -> Vec<Fault> {
    let mut faults = Faults::default();
    reference(
        &mut faults,
        &Path::new("spec.source"),
        &tracker.spec.source,
        &[VIRTUAL_MACHINE],
    );
    faults.into_vec()
}

/// What is wrong with a change of a tracker.
pub fn validate_backup_tracker_update(
    old: &VirtualMachineBackupTracker,
    new: &VirtualMachineBackupTracker,
) -> Vec<Fault> {
    unchangeable("VirtualMachineBackupTracker", &old.spec, &new.spec)
}
