//! What a manifest may say: the rules of the validating webhook.
//!
//! Each function returns all faults that it finds, so that a user can mend a manifest in one go. A manifest without
//! faults can work: what is known never to work is refused here rather than failing later. A template is judged as
//! what it becomes once defaults have completed it.

mod compute;
mod cpu;
mod devices;
mod disks;
mod dns;
mod fault;
mod firmware;
mod growth;
mod host_devices;
pub mod kinds;
mod launch_security;
mod memory;
mod metadata;
mod network;
mod placement;
mod probes;
mod scheduling;
pub mod text;
mod update;
mod vm;
mod vmi;
mod volumes;
mod warnings;

#[cfg(test)]
mod tests;

pub use fault::{Fault, FaultReason, Faults, Path};
pub use metadata::{validate_annotations, validate_reserved_labels};
pub use update::{validate_vm_update, validate_vmi_update, validate_volume_requests};
pub use vm::validate_vm;
pub use vmi::{validate_vmi, validate_vmi_create};
pub use warnings::{warnings_vm, warnings_vmi};
