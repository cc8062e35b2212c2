//! Device nodes in the launcher's container.
//!
//! The container runtime makes them with the owner and mode that the node's own have, which on a node without udev's rules is
//! root alone. QEMU runs as user 107, so that user gets the container's copy; the node's own are never touched.

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use kubevirt_node::paths::{Beneath, Owner, PathError};
use kubevirt_node::peer::Peer;
use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, ResolveFlags, Uid};

/// What launcher pods get from the device plugins.
const DEVICES: [&str; 3] = ["kvm", "net/tun", "vhost-net"];

/// Gives the device nodes of the launcher `peer` to user 107 where that user cannot use them.
pub(super) fn give(peer: &Peer) -> Result<(), PathError> {
    let root = Beneath::open_root(&peer.proc_path("root"))?;
    let dev = root.open_dir("dev")?;
    for device in DEVICES {
        match give_one(&dev, device) {
            Ok(true) => tracing::debug!(device, "device given to user 107 in the pod"),
            // Not every pod has every device; what is missing or not usable QEMU names when it needs it.
            Ok(false) | Err(rustix::io::Errno::NOENT) => {}
            Err(errno) => {
                tracing::warn!(device, %errno, "cannot give a device to user 107 in the pod")
            }
        }
    }
    Ok(())
}

/// Changes the owner of one device node; false when it did not need it or is not to be touched.
fn give_one(dev: &Beneath, name: &str) -> rustix::io::Result<bool> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let node: OwnedFd = rustix::fs::openat2(dev.as_fd(), name, flags, Mode::empty(), resolve)?;
    let status = rustix::fs::fstat(&node)?;
    if FileType::from_raw_mode(status.st_mode) != FileType::CharacterDevice {
        return Ok(false);
    }
    let (uid, gid) = (Owner::QEMU.uid, Owner::QEMU.gid);
    let mode = status.st_mode & 0o666;
    if mode & 0o006 == 0o006
        || (status.st_uid == uid && mode & 0o600 == 0o600)
        || (status.st_gid == gid && mode & 0o060 == 0o060)
    {
        return Ok(false);
    }
    // A node bound in from the node's /dev is the node's own.
    let own = std::fs::metadata(Path::new("/dev"))
        .map(|metadata| metadata.dev())
        .ok();
    if own == Some(status.st_dev) || rustix::fs::fstat(dev.as_fd())?.st_dev != status.st_dev {
        return Ok(false);
    }
    rustix::fs::chownat(
        &node,
        "",
        Some(Uid::from_raw(uid)),
        Some(Gid::from_raw(gid)),
        AtFlags::EMPTY_PATH,
    )?;
    Ok(true)
}
