//! VirtualMachineRestore.

use std::collections::BTreeSet;

use kubevirt_api::snapshot::VirtualMachineRestoreSpec;
use kubevirt_api::{VirtualMachineRestore, VirtualMachineSpec};

use super::json_patch::patches;
use super::reference::{VIRTUAL_MACHINE, is, reference};
use super::snapshot::gate;
use super::{Fault, Faults, Path, unchangeable};
use crate::config::ClusterConfig;
use crate::validation::text;

/// What patches may change.
const PATCHABLE: [&str; 5] = [
    "/spec/",
    "/metadata/labels",
    "/metadata/labels/",
    "/metadata/annotations",
    "/metadata/annotations/",
];

/// What was seen of other objects when a restoration is created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreObservation {
    /// Names of restorations into the same target that are not done.
    pub in_progress: Vec<String>,
    /// The virtual machine that the snapshot is of; none when the snapshot or its content does not exist yet.
    pub source: Option<SnapshotSource>,
}

/// The virtual machine that a snapshot is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SnapshotSource {
    /// Its name.
    pub name: String,
    /// Whether it keeps state beside its volumes, see [`SnapshotSource::new`].
    pub keeps_state: bool,
}

impl SnapshotSource {
    /// What matters of a virtual machine: a persistent trusted platform module and persistent EFI variables are kept on a
    /// claim that belongs to it alone.
    pub fn new(name: &str, spec: &VirtualMachineSpec) -> Self {
        let domain = &spec.template.spec.domain;
        let tpm =
            domain.devices.tpm.as_ref().is_some_and(|tpm| {
                tpm.enabled.unwrap_or(true) && tpm.persistent.unwrap_or_default()
            });
        let efi = domain
            .firmware
            .as_ref()
            .and_then(|firmware| firmware.bootloader.as_ref())
            .and_then(|bootloader| bootloader.efi.as_ref())
            .is_some_and(|efi| efi.persistent.unwrap_or_default());
        Self {
            name: name.to_owned(),
            keeps_state: tpm || efi,
        }
    }
}

/// What is wrong with a restoration that is being created.
pub fn validate_restore(
    restore: &VirtualMachineRestore,
    observed: &RestoreObservation,
    config: &ClusterConfig,
) -> Vec<Fault> {
    let mut faults = Faults::default();
    let path = Path::new("spec");
    gate(&mut faults, &path, config);
    let spec = &restore.spec;
    let target = path.field("target");
    reference(&mut faults, &target, &spec.target, &[VIRTUAL_MACHINE]);
    if spec.virtual_machine_snapshot_name.is_empty() {
        faults.required(
            &path.field("virtualMachineSnapshotName"),
            "must name the VirtualMachineSnapshot to restore",
        );
    }
    policies(&mut faults, &path, spec);
    overrides(&mut faults, &path.field("volumeRestoreOverrides"), spec);
    patches(
        &mut faults,
        &path.field("patches"),
        &spec.patches,
        &PATCHABLE,
    );
    if is(&spec.target, VIRTUAL_MACHINE) {
        others(&mut faults, &target, spec, observed);
    }
    faults.into_vec()
}

/// What is wrong with a change of a restoration.
pub fn validate_restore_update(
    old: &VirtualMachineRestore,
    new: &VirtualMachineRestore,
) -> Vec<Fault> {
    unchangeable("VirtualMachineRestore", &old.spec, &new.spec)
}

fn others(
    faults: &mut Faults,
    target: &Path,
    spec: &VirtualMachineRestoreSpec,
    observed: &RestoreObservation,
) {
    if let Some(other) = observed.in_progress.first() {
        faults.invalid(
            target,
            format!(
                "VirtualMachineRestore {other:?} restores into {:?} already: wait until it is done, or delete it",
                spec.target.name
            ),
        );
    }
    if let Some(source) = &observed.source
        && source.keeps_state
        && source.name != spec.target.name
    {
        faults.invalid(
            &target.field("name"),
            format!(
                "the snapshot is of {0:?}, whose persistent TPM or EFI state cannot be given to another virtual machine: restore into {0:?}",
                source.name
            ),
        );
    }
}

/// The schema has these lists too; they are said here for objects that come by another way, such as an old version.
fn policies(faults: &mut Faults, path: &Path, spec: &VirtualMachineRestoreSpec) {
    let lists: [(&str, Option<&str>, &[&str]); 3] = [
        (
            "targetReadinessPolicy",
            spec.target_readiness_policy.as_deref(),
            &[
                "StopTarget",
                "WaitGracePeriod",
                "FailImmediate",
                "WaitEventually",
            ],
        ),
        (
            "volumeRestorePolicy",
            spec.volume_restore_policy.as_deref(),
            &["RandomizeNames", "InPlace", "PrefixTargetName"],
        ),
        (
            "volumeOwnershipPolicy",
            spec.volume_ownership_policy.as_deref(),
            &["Vm", "None"],
        ),
    ];
    for (name, value, allowed) in lists {
        faults.one_of(&path.field(name), value, allowed);
    }
}

fn overrides(faults: &mut Faults, path: &Path, spec: &VirtualMachineRestoreSpec) {
    let mut seen = BTreeSet::new();
    for (index, given) in spec.volume_restore_overrides.iter().enumerate() {
        let path = path.index(index);
        match given.volume_name.as_deref().unwrap_or_default() {
            "" => faults.required(
                &path.field("volumeName"),
                "must name a volume of the virtual machine",
            ),
            name if !seen.insert(name) => faults.duplicate(
                &path.field("volumeName"),
                format!("{name:?} is overridden twice: put both into one"),
            ),
            _ => {}
        }
        let name = given.restore_name.as_deref().unwrap_or_default();
        if name.is_empty() && given.labels.is_empty() && given.annotations.is_empty() {
            faults.required(
                &path,
                "overrides nothing: set restoreName, labels or annotations, or take it out",
            );
        }
        if !name.is_empty() && !text::is_dns_subdomain(name) {
            faults.invalid(
                &path.field("restoreName"),
                format!(
                    "{name:?} cannot be the name of a claim: use {}",
                    text::DNS_SUBDOMAIN
                ),
            );
        }
    }
}
