//! The rules of the kinds around virtual machines: migrations, replica sets, presets, sizes and preferences, pools,
//! snapshots, clones, exports, backups, policies and plugins.
//!
//! Each kind has one function for a new object and, where changes are restricted, one for a change. A rule that looks at
//! other objects takes what was seen of them as an argument, so that all of this stays pure.

mod backup;
mod clone;
mod duration;
mod export;
mod instancetype;
mod json_patch;
mod migration;
mod migration_policy;
mod plugin;
mod pool;
mod preference;
mod preset;
mod reference;
mod replica_set;
mod restore;
mod selector;
mod snapshot;

#[cfg(test)]
mod tests;

pub use backup::{
    validate_backup, validate_backup_tracker, validate_backup_tracker_update,
    validate_backup_update,
};
pub use clone::validate_clone;
pub use duration::go_duration;
pub use export::{validate_export, validate_export_update};
pub use instancetype::{validate_instancetype, warnings_instancetype};
pub use migration::{MigrationObservation, validate_migration, validate_migration_update};
pub use migration_policy::validate_migration_policy;
pub use plugin::validate_plugin;
pub use pool::{validate_pool, validate_pool_update, warnings_pool};
pub use preference::{validate_preference, warnings_preference};
pub use preset::{validate_preset, warnings_preset};
pub use replica_set::{validate_replica_set, validate_replica_set_update, warnings_replica_set};
pub use restore::{RestoreObservation, SnapshotSource, validate_restore, validate_restore_update};
pub use snapshot::{validate_snapshot, validate_snapshot_update};

use super::{Fault, Faults, Path};

/// The fault of a specification that changes although it must not; none when it does not.
fn unchangeable<T: PartialEq>(kind: &str, old: &T, new: &T) -> Vec<Fault> {
    let mut faults = Faults::default();
    if old != new {
        faults.invalid(
            &Path::new("spec"),
            format!("cannot be changed: create another {kind}"),
        );
    }
    faults.into_vec()
}
