use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, fstatvfs, ftruncate, unlinkat};
use rustix::io::Errno;

use super::beneath::{explain, kind, open, open_root, reopen};
use crate::layout::Layout;

const NAME: &str = "disk.img";
const MEBIBYTE: u64 = 1 << 20;
/// Room that stays in the volume beside the disk.
const RESERVE: u64 = 131_072;

/// Makes the volume's disk.img, sparse, when it is missing; the claim's size is its size.
pub(super) fn prepare(layout: &Layout, volume: &str, bytes: u64) -> Result<(), String> {
    let directory = layout.private().join("vmi-disks").join(volume);
    let root = open_root(&directory)?;
    match open(&root, NAME, OFlags::PATH, Mode::empty()) {
        Ok(found) => keep(&found),
        Err(Errno::NOENT) => make(&root, bytes),
        Err(errno) => Err(format!("{NAME} in the volume: {}", explain(errno))),
    }
}

fn keep(found: &OwnedFd) -> Result<(), String> {
    match kind(found) {
        Ok(FileType::RegularFile) => {}
        Ok(_) => return Err(format!("{NAME} in the volume is not a regular file")),
        Err(errno) => return Err(format!("{NAME} in the volume: {errno}")),
    }
    match reopen(found, OFlags::RDWR) {
        Err(Errno::ACCESS) => Err(format!(
            "{NAME} in the volume cannot be written by user and group 107; change its owner (chown 107:107 {NAME})"
        )),
        // A volume that is mounted read-only can still be a read-only disk.
        _ => Ok(()),
    }
}

fn make(root: &OwnedFd, bytes: u64) -> Result<(), String> {
    let size = size_for(room(root)?, bytes)?;
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
    let file = match open(root, NAME, flags, Mode::from_raw_mode(0o660)) {
        Ok(file) => file,
        Err(Errno::ACCESS) => {
            return Err(format!(
                "{NAME} cannot be made in the volume: user and group 107 may not write there; does the volume honour fsGroup?"
            ));
        }
        Err(errno) => return Err(format!("{NAME} cannot be made in the volume: {errno}")),
    };
    ftruncate(&file, size).map_err(|errno| {
        // Empty, it would be taken for the disk the next time; if it stays, so does this error.
        let _ = unlinkat(root, NAME, AtFlags::empty());
        format!("{NAME} cannot be made {size} bytes large: {errno}")
    })
}

fn room(root: &OwnedFd) -> Result<u64, String> {
    let status = reopen(root, OFlags::RDONLY | OFlags::DIRECTORY)
        .and_then(fstatvfs)
        .map_err(|errno| format!("cannot look at the volume's size: {errno}"))?;
    Ok(status.f_bavail.saturating_mul(status.f_frsize))
}

/// Storage is often a little smaller than was claimed, since a file system needs some for itself; up to a tenth is tolerated.
fn size_for(room: u64, wanted: u64) -> Result<u64, String> {
    if wanted < MEBIBYTE {
        return Err(format!(
            "its size is {wanted} bytes, a disk has at least 1Mi"
        ));
    }
    let room = room.saturating_sub(RESERVE);
    if room >= wanted {
        return Ok(wanted);
    }
    if room < wanted - wanted / 10 {
        return Err(format!(
            "the volume has room for {room} bytes, the disk needs {wanted}; use a larger volume"
        ));
    }
    Ok(room / MEBIBYTE * MEBIBYTE)
}

#[cfg(test)]
mod tests {
    use super::{MEBIBYTE, RESERVE, size_for};

    #[test]
    fn sizes() {
        let wanted = 1000 * MEBIBYTE;
        assert_eq!(size_for(2000 * MEBIBYTE, wanted), Ok(wanted));
        assert_eq!(size_for(wanted + RESERVE, wanted), Ok(wanted));
        assert_eq!(size_for(950 * MEBIBYTE, wanted), Ok(949 * MEBIBYTE));
        assert!(
            size_for(800 * MEBIBYTE, wanted)
                .unwrap_err()
                .contains("larger volume")
        );
        assert!(size_for(wanted, 5).is_err());
    }
}
