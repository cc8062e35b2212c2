//! VirtualMachineInstanceMigration.

use kubevirt_api::names::{condition, label};
use kubevirt_api::{
    Condition, ConditionStatus, VirtualMachineInstance, VirtualMachineInstanceMigration,
    VirtualMachineInstanceMigrationSpec,
};

use super::{Fault, Faults, Path};
use crate::config::{ClusterConfig, Gate};

/// What was seen of other objects when a migration is created.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MigrationObservation {
    /// The instance that is to move; none when there is none of its name.
    pub instance: Option<VirtualMachineInstance>,
    /// Names of migrations of the same instance that have not ended.
    pub in_flight: Vec<String>,
}

/// What is wrong with a migration that is being created. Only virt-controller may give it a priority.
pub fn validate_migration(
    migration: &VirtualMachineInstanceMigration,
    observed: &MigrationObservation,
    config: &ClusterConfig,
    requester_is_controller: bool,
) -> Vec<Fault> {
    let mut faults = Faults::default();
    let path = Path::new("spec");
    let spec = &migration.spec;
    if spec.priority.is_some() && !requester_is_controller {
        faults.invalid(
            &path.field("priority"),
            "is for virt-controller to set: take it out",
        );
    }
    other_cluster(&mut faults, &path, spec, config);
    let path = path.field("vmiName");
    let name = spec.vmi_name.as_deref().unwrap_or_default();
    match (&observed.instance, name) {
        (_, "") => faults.required(
            &path,
            "must name the VirtualMachineInstance that is to move",
        ),
        (None, name) => faults.not_found(
            &path,
            format!(
                "there is no VirtualMachineInstance {name:?} in the namespace: name one that runs"
            ),
        ),
        (Some(instance), name) => can_move(&mut faults, &path, name, instance, spec),
    }
    if let Some(other) = observed.in_flight.first() {
        faults.invalid(
            &path,
            format!("{name:?} is moved by the VirtualMachineInstanceMigration {other:?} already: wait until it has ended, or delete it to abort it"),
        );
    }
    faults.into_vec()
}

/// What is wrong with a change of a migration.
pub fn validate_migration_update(
    old: &VirtualMachineInstanceMigration,
    new: &VirtualMachineInstanceMigration,
) -> Vec<Fault> {
    let mut faults = Faults::default();
    if old.spec != new.spec {
        faults.invalid(
            &Path::new("spec"),
            "cannot be changed: delete the migration, which aborts it, and create another",
        );
    }
    let of = |migration: &VirtualMachineInstanceMigration| {
        migration
            .metadata
            .labels
            .as_ref()?
            .get(label::VMI_NAME)
            .cloned()
    };
    let ended = old
        .status
        .as_ref()
        .is_some_and(|status| status.phase.is_final());
    if !ended && of(old) != of(new) {
        faults.invalid(
            &Path::new("metadata.labels").key(label::VMI_NAME),
            "cannot be changed while the migration goes on: leave it as it is",
        );
    }
    faults.into_vec()
}

fn can_move(
    faults: &mut Faults,
    path: &Path,
    name: &str,
    instance: &VirtualMachineInstance,
    spec: &VirtualMachineInstanceMigrationSpec,
) {
    let status = instance.status.clone().unwrap_or_default();
    if status.phase.is_final() {
        faults.invalid(
            path,
            format!(
                "{name:?} has ended ({}): start it before it can move",
                status.phase
            ),
        );
    }
    // What is received does not run here yet.
    let blocked = Condition::find(&status.conditions, condition::LIVE_MIGRATABLE)
        .filter(|found| found.status == ConditionStatus::False && spec.receive.is_none());
    if let Some(blocked) = blocked {
        let reason = blocked.reason.as_deref().unwrap_or("no reason given");
        let message = blocked.message.as_deref().unwrap_or_default();
        faults.invalid(
            path,
            format!("{name:?} cannot move ({reason}) {message}")
                .trim_end()
                .to_owned(),
        );
    }
}

fn other_cluster(
    faults: &mut Faults,
    path: &Path,
    spec: &VirtualMachineInstanceMigrationSpec,
    config: &ClusterConfig,
) {
    let send = path.field("sendTo");
    let receive = path.field("receive");
    if spec.send_to.is_some() && spec.receive.is_some() {
        faults.invalid(
            path,
            "must have one of sendTo and receive: each end has a migration of its own; take one out",
        );
    }
    let given = [
        (&send, spec.send_to.as_ref().map(|send| &send.migration_id)),
        (
            &receive,
            spec.receive.as_ref().map(|receive| &receive.migration_id),
        ),
    ];
    for (path, id) in given {
        let Some(id) = id else { continue };
        if !config.features.is_on(Gate::DecentralizedLiveMigration) {
            faults.not_supported(
                path,
                format!(
                    "needs the feature gate {}: {}, or take the field out",
                    Gate::DecentralizedLiveMigration.name(),
                    config.features.remedy(Gate::DecentralizedLiveMigration)
                ),
            );
        }
        if id.is_empty() {
            faults.required(
                &path.field("migrationID"),
                "must be the same text at both ends, such as a UUID",
            );
        }
    }
    if spec
        .send_to
        .as_ref()
        .is_some_and(|send| send.connect_url.is_empty())
    {
        faults.required(
            &send.field("connectURL"),
            "must be address and port of the receiving end, as its migration shows them in status.synchronizationAddresses",
        );
    }
}
