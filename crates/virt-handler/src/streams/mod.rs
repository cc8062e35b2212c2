//! What clients look at by way of virt-api: the guest's serial console and its display.
//!
//! QEMU's serial socket takes one client at a time, so each virtual machine has at most one [`hub`], which holds that one
//! connection while somebody looks and shares it. Its display takes several: each viewer has a connection of its own.
//! [`routes`] is the HTTP side; the WebSockets are those of `kubevirt_streams`.
//!
//! ```text
//!   viewer ◀─ at most 64 KiB ─┐
//!   viewer ◀─ at most 64 KiB ─┼─ hub ◀──▶ virt-serial0 of QEMU
//!   viewers ─ one input queue ┘
//!   viewer ◀───────────────────────────▶ virt-vnc of QEMU
//! ```

mod feed;
mod hub;
mod routes;
mod screen;

pub(crate) use hub::Console;
pub(crate) use routes::{DialError, Fate, Guests, Port, router};
pub(crate) use screen::Screen;
