//! The rules of KubeVirt, without I/O: defaults, validation, the launcher pod and what the controllers decide.
//!
//! Everything here is a plain function of its arguments. Time, random identifiers and the cluster's configuration are
//! passed in, so that a table or a property can test each rule.

pub mod config;
pub mod defaults;
pub mod instancetype;
pub mod launcher_pod;
pub mod not_acted_on;
pub mod overhead;
pub mod replica_set;
pub mod validation;
pub mod vm;
pub mod vmi;
