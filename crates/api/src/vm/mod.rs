//! VirtualMachine: a virtual machine that outlives its runs.

mod instancetype;
mod memory_dump;
mod request;
mod run_strategy;
mod spec;
mod status;

pub use instancetype::*;
pub use memory_dump::*;
pub use request::*;
pub use run_strategy::*;
pub use spec::*;
pub use status::*;
