//! The conversation with virt-launcher, the first process of a launcher pod, over the Unix socket in the pod's `public`
//! emptyDir. `docs/architecture.md`, "virt-launcher's socket", has the protocol.
//!
//! The other end may be hostile: its lines are bounded, every answer has a time-out, and who it is comes from the kernel.

mod connection;
mod error;
mod lines;
mod protocol;
mod wait;

pub use connection::{LauncherCommands, LauncherConnection};
pub use error::LauncherError;
pub use protocol::LauncherEvent;
pub use wait::{connect, wait_and_connect};

use std::path::{Path, PathBuf};

use crate::paths::{Beneath, PathError};

/// The socket in the `public` emptyDir.
const SOCKET: &str = "sockets/launcher-sock";

/// Opens one of a pod's emptyDirs (`public`, `private`, `ephemeral-disks`, `libvirt-runtime`) as kubelet has it beneath its
/// root, which is `/var/lib/kubelet` nearly everywhere.
pub fn open_empty_dir(
    kubelet_root: &Path,
    pod_uid: &str,
    volume: &str,
) -> Result<Beneath, PathError> {
    let relative = PathBuf::from("pods")
        .join(pod_uid)
        .join("volumes/kubernetes.io~empty-dir")
        .join(volume);
    let root = Beneath::open_root(kubelet_root)?;
    // An absolute path or `..` in what was joined is refused there.
    root.open_dir(relative)
}
