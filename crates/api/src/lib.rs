//! KubeVirt's kinds and fields as Rust types, and their CustomResourceDefinitions.
//!
//! Types bear the names of the group and version in which they are stored, fields the snake case of the JSON name. What
//! the types say is what the schema says: [`crds`] derives the CustomResourceDefinitions from them.
//!
//! Values out of a fixed set that users write (a disk's bus, a run strategy) are strings here and an `enum` in the
//! schema: the API server then names the wrong value and those allowed, and a stored object from another version still
//! decodes. Values that we write ourselves (phases, printable status, condition status) are Rust enums whose unknown
//! values decode as `Unknown`.

pub mod access_credentials;
pub mod backup;
pub mod clone;
pub mod condition;
mod crds;
pub mod data_volume;
pub mod disk;
pub mod domain;
mod empty;
pub mod export;
pub mod instancetype;
pub mod interface;
pub mod kubevirt;
pub mod migration;
pub mod migration_policy;
pub mod names;
pub mod network;
pub mod plugin;
pub mod pool;
pub mod preference;
pub mod preset;
pub mod probe;
pub mod quantity;
pub mod replica_set;
mod schema;
pub mod snapshot;
mod string_enum;
pub mod subresource;
pub mod vm;
pub mod vmi;
pub mod volume;

pub use access_credentials::*;
pub use backup::{VirtualMachineBackup, VirtualMachineBackupTracker};
pub use clone::VirtualMachineClone;
pub use condition::{
    Condition, ConditionStatus, KubeVirtCondition, VirtualMachineCondition,
    VirtualMachineInstanceCondition,
};
pub use crds::crds;
pub use data_volume::DataVolumeTemplateSpec;
pub use disk::*;
pub use domain::*;
pub use export::VirtualMachineExport;
pub use instancetype::*;
pub use interface::*;
pub use k8s_openapi;
pub use kubevirt::*;
pub use migration::*;
pub use migration_policy::*;
pub use network::*;
pub use plugin::Plugin;
pub use pool::*;
pub use preference::*;
pub use preset::*;
pub use probe::*;
pub use replica_set::*;
pub use schema::schema_of;
pub use snapshot::{VirtualMachineRestore, VirtualMachineSnapshot, VirtualMachineSnapshotContent};
pub use subresource::*;
pub use vm::*;
pub use vmi::*;
pub use volume::*;

/// API group of the kinds of this crate.
pub const GROUP: &str = "kubevirt.io";
/// The version that is stored, and that the components speak.
pub const VERSION: &str = "v1";

/// The example of README.md, so that it is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct ReadMe;
