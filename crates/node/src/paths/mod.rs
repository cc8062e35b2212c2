//! Paths into pods and volumes, which their owners may rename, replace and link while they are opened.
//!
//! Everything is opened by `openat2` beneath a directory that is already open, with symbolic links and magic links refused,
//! so that no name ever leads outside. Where a library needs a path, it gets `/proc/self/fd/N` of a descriptor that was
//! opened and looked at before: that names the very file, whatever happens to its name meanwhile.

mod beneath;
mod error;
mod held;
mod write;

pub use beneath::{Access, Beneath};
pub use error::PathError;
pub use held::HeldPath;
pub use write::Owner;

#[cfg(test)]
mod tests;
