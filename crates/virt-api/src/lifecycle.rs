//! start, stop and restart of a VirtualMachine: what to write is decided by [`decision`], a pure function of the objects;
//! [`carry_out`] reads them, writes, and starts over when they changed in between.

pub(crate) mod carry_out;
pub(crate) mod decision;
pub(crate) mod options;
