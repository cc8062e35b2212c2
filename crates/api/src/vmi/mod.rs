//! VirtualMachineInstance: one run of a virtual machine.

mod spec;
mod status;

pub use spec::*;
pub use status::*;
