//! The guest's serial console for several viewers at once.
//!
//! QEMU's serial socket takes one client at a time, so each virtual machine has at most one [`hub`], which holds that one
//! connection while somebody looks and shares it. [`server`] is the HTTP side, [`viewer`] one WebSocket of it.
//!
//! ```text
//!   viewer ◀─ queue of 64 chunks ─┐
//!   viewer ◀─ queue of 64 chunks ─┼─ hub ◀──▶ virt-serial0 of QEMU
//!   viewers ── one input queue ───┘
//! ```

mod hub;
mod server;
mod viewer;

pub(crate) use hub::Console;
pub(crate) use server::{Consoles, DialError, router};
