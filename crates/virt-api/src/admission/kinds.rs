//! The validating webhooks of the kinds around virtual machines: which rules of kubevirt-core apply when.

use kube::Resource;
use kubevirt_api::snapshot::{VirtualMachineRestore, VirtualMachineSnapshot};
use kubevirt_api::{
    MigrationPolicy, Plugin, VirtualMachineBackup, VirtualMachineBackupTracker,
    VirtualMachineClone, VirtualMachineClusterInstancetype, VirtualMachineClusterPreference,
    VirtualMachineExport, VirtualMachineInstanceMigration, VirtualMachineInstancePreset,
    VirtualMachineInstanceReplicaSet, VirtualMachineInstancetype, VirtualMachineInstancetypeSpec,
    VirtualMachinePool, VirtualMachinePreference, VirtualMachinePreferenceSpec,
};
use kubevirt_core::not_acted_on;
use kubevirt_core::validation::Fault;
use kubevirt_core::validation::kinds::*;
use serde::de::DeserializeOwned;

use super::Admission;
use super::observe;
use super::review::{Cause, Outcome, Request, typed};

/// VirtualMachineInstanceMigration, CREATE.
pub(super) async fn migration_create(admission: &Admission, request: &Request) -> Outcome {
    let observed = match observe::for_migration(admission, request).await {
        Ok(observed) => observed,
        Err(error) => return not_observed(&error),
    };
    let config = admission.config.current();
    let controller = admission.is_controller(request);
    judge(
        request,
        |migration: &VirtualMachineInstanceMigration| {
            validate_migration(migration, &observed, &config, controller)
        },
        validate_migration_update,
        no_words,
    )
}

/// VirtualMachineInstanceMigration, UPDATE.
pub(super) fn migration_update(_: &Admission, request: &Request) -> Outcome {
    judge(
        request,
        |_: &VirtualMachineInstanceMigration| Vec::new(),
        validate_migration_update,
        no_words,
    )
}

/// VirtualMachineInstanceReplicaSet, CREATE and UPDATE.
pub(super) fn replica_set(admission: &Admission, request: &Request) -> Outcome {
    let config = admission.config.current();
    judge(
        request,
        |set: &VirtualMachineInstanceReplicaSet| validate_replica_set(set, &config),
        |old, new| validate_replica_set_update(old, new, &config),
        warnings_replica_set,
    )
}

/// VirtualMachineInstancePreset, CREATE and UPDATE.
pub(super) fn preset(admission: &Admission, request: &Request) -> Outcome {
    let config = admission.config.current();
    judge(
        request,
        |preset: &VirtualMachineInstancePreset| validate_preset(preset, &config),
        |old, new| unless(old.spec == new.spec, || validate_preset(new, &config)),
        warnings_preset,
    )
}

/// VirtualMachinePool, CREATE and UPDATE.
pub(super) fn pool(admission: &Admission, request: &Request) -> Outcome {
    let config = admission.config.current();
    let changed = |old: &VirtualMachinePool, new: &VirtualMachinePool| {
        validate_pool_update(old, new, &config)
    };
    judge(
        request,
        |pool: &VirtualMachinePool| validate_pool(pool, &config),
        changed,
        warnings_pool,
    )
}

/// VirtualMachineSnapshot, CREATE and UPDATE.
pub(super) fn snapshot(admission: &Admission, request: &Request) -> Outcome {
    let config = admission.config.current();
    judge(
        request,
        |snapshot: &VirtualMachineSnapshot| validate_snapshot(snapshot, &config),
        validate_snapshot_update,
        no_words,
    )
}

/// VirtualMachineRestore, CREATE and UPDATE.
pub(super) async fn restore(admission: &Admission, request: &Request) -> Outcome {
    let observed = match observe::for_restore(admission, request).await {
        Ok(observed) => observed,
        Err(error) => return not_observed(&error),
    };
    let config = admission.config.current();
    judge(
        request,
        |restore: &VirtualMachineRestore| validate_restore(restore, &observed, &config),
        validate_restore_update,
        no_words,
    )
}

/// VirtualMachineExport, CREATE and UPDATE.
pub(super) fn export(_: &Admission, request: &Request) -> Outcome {
    judge(
        request,
        |export: &VirtualMachineExport| validate_export(export),
        validate_export_update,
        no_words,
    )
}

/// VirtualMachineBackup, CREATE and UPDATE.
pub(super) async fn backup(admission: &Admission, request: &Request) -> Outcome {
    let in_progress = match observe::for_backup(admission, request).await {
        Ok(in_progress) => in_progress,
        Err(error) => return not_observed(&error),
    };
    judge(
        request,
        |backup: &VirtualMachineBackup| validate_backup(backup, &in_progress),
        validate_backup_update,
        no_words,
    )
}

/// VirtualMachineBackupTracker, CREATE and UPDATE.
pub(super) fn backup_tracker(_: &Admission, request: &Request) -> Outcome {
    judge(
        request,
        |tracker: &VirtualMachineBackupTracker| validate_backup_tracker(tracker),
        validate_backup_tracker_update,
        no_words,
    )
}

/// VirtualMachineClone, CREATE and UPDATE.
pub(super) fn clone(_: &Admission, request: &Request) -> Outcome {
    judge(
        request,
        |clone: &VirtualMachineClone| validate_clone(clone),
        |old, new| unless(old.spec == new.spec, || validate_clone(new)),
        no_words,
    )
}

/// MigrationPolicy, CREATE and UPDATE.
pub(super) fn migration_policy(admission: &Admission, request: &Request) -> Outcome {
    let config = admission.config.current();
    judge(
        request,
        |policy: &MigrationPolicy| validate_migration_policy(policy, &config),
        |old, new| {
            unless(old.spec == new.spec, || {
                validate_migration_policy(new, &config)
            })
        },
        no_words,
    )
}

/// Plugin, CREATE and UPDATE.
pub(super) fn plugin(_: &Admission, request: &Request) -> Outcome {
    judge(
        request,
        |plugin: &Plugin| validate_plugin(plugin),
        |old, new| unless(old.spec == new.spec, || validate_plugin(new)),
        no_words,
    )
}

/// VirtualMachineInstancetype, CREATE and UPDATE.
pub(super) fn instancetype(_: &Admission, request: &Request) -> Outcome {
    size(request, |object: &VirtualMachineInstancetype| &object.spec)
}

/// VirtualMachineClusterInstancetype, CREATE and UPDATE.
pub(super) fn cluster_instancetype(_: &Admission, request: &Request) -> Outcome {
    size(request, |object: &VirtualMachineClusterInstancetype| {
        &object.spec.0
    })
}

/// VirtualMachinePreference, CREATE and UPDATE.
pub(super) fn preference(_: &Admission, request: &Request) -> Outcome {
    wish(request, |object: &VirtualMachinePreference| &object.spec)
}

/// VirtualMachineClusterPreference, CREATE and UPDATE.
pub(super) fn cluster_preference(_: &Admission, request: &Request) -> Outcome {
    wish(request, |object: &VirtualMachineClusterPreference| {
        &object.spec.0
    })
}

fn size<T: Object>(request: &Request, spec: fn(&T) -> &VirtualMachineInstancetypeSpec) -> Outcome {
    judge(
        request,
        |object| validate_instancetype(spec(object)),
        |old, new| unless(spec(old) == spec(new), || validate_instancetype(spec(new))),
        |object| warnings_instancetype(spec(object)),
    )
}

fn wish<T: Object>(request: &Request, spec: fn(&T) -> &VirtualMachinePreferenceSpec) -> Outcome {
    judge(
        request,
        |object| validate_preference(spec(object)),
        |old, new| unless(spec(old) == spec(new), || validate_preference(spec(new))),
        |object| warnings_preference(spec(object)),
    )
}

/// An object of a kind of ours.
pub(super) trait Object: Resource<DynamicType = ()> + DeserializeOwned {}

impl<T: Resource<DynamicType = ()> + DeserializeOwned> Object for T {}

/// Judges a new object by `create` and a change by `update`, and tells what deserves a word. One that is being deleted may
/// change as it likes: nothing must keep it from going.
pub(super) fn judge<T: Object>(
    request: &Request,
    create: impl FnOnce(&T) -> Vec<Fault>,
    update: impl FnOnce(&T, &T) -> Vec<Fault>,
    words: impl FnOnce(&T) -> Vec<String>,
) -> Outcome {
    let new: T = match typed(&request.object) {
        Ok(new) => new,
        // What cannot be read may still go.
        Err(_) if request.is_going() => return Outcome::allowed(),
        Err(refused) => return refused,
    };
    let told = || {
        let mut told = words(&new);
        told.extend(not_acted_on::warnings(&T::kind(&()), &request.object));
        told
    };
    if request.operation == "CREATE" {
        return Outcome::judged(create(&new), told());
    }
    if request.is_going() {
        return Outcome::allowed();
    }
    // An old object that our types cannot read counts as different.
    match typed::<T>(&request.old_object) {
        Ok(old) if request.has_same_spec() => Outcome::judged(update(&old, &new), Vec::new()),
        Ok(old) => Outcome::judged(update(&old, &new), told()),
        Err(_) => Outcome::judged(create(&new), told()),
    }
}

fn unless(same: bool, faults: impl FnOnce() -> Vec<Fault>) -> Vec<Fault> {
    if same { Vec::new() } else { faults() }
}

pub(super) fn no_words<T>(_: &T) -> Vec<String> {
    Vec::new()
}

pub(super) fn not_observed(error: &observe::Error) -> Outcome {
    Outcome::Refused(vec![Cause {
        field: String::new(),
        reason: "FieldValueInvalid",
        message: error.to_string(),
    }])
}
