//! Opening what images and volumes hold, whose makers may have put links there.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2};
use rustix::io::Errno;

/// Opens a directory that Kubernetes mounted.
pub(crate) fn open_root(path: &Path) -> Result<OwnedFd, String> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(CWD, path, flags, Mode::empty())
        .map_err(|errno| format!("cannot open directory {}: {errno}", path.display()))
}

/// Opens something beneath a directory without following any link; `O_PATH` must be among the flags or the file's kind known.
pub(super) fn open(
    root: impl AsFd,
    relative: &str,
    flags: OFlags,
    mode: Mode,
) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    for _ in 0..64 {
        match openat2(&root, relative, flags | OFlags::CLOEXEC, mode, resolve) {
            Err(Errno::AGAIN | Errno::INTR) => {}
            other => return other,
        }
    }
    Err(Errno::AGAIN)
}

/// What a failed [`open`] means to the one who made the image or volume.
pub(super) fn explain(errno: Errno) -> String {
    match errno {
        Errno::NOENT | Errno::NOTDIR => "it is not there".to_owned(),
        Errno::LOOP | Errno::XDEV => {
            "a symbolic link is in its path, which is not followed".to_owned()
        }
        Errno::ACCESS => "user 107 may not open it; make it readable for all".to_owned(),
        errno => errno.to_string(),
    }
}

pub(super) fn kind(fd: impl AsFd) -> Result<FileType, Errno> {
    Ok(FileType::from_raw_mode(fstat(fd)?.st_mode))
}

/// Opens for real what `O_PATH` has found and [`kind`] has looked at.
pub(super) fn reopen(fd: impl AsFd, flags: OFlags) -> Result<OwnedFd, Errno> {
    let path = format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd());
    openat(CWD, path, flags | OFlags::CLOEXEC, Mode::empty())
}
