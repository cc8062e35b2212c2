use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{self, CWD, FileType, Mode, OFlags};

use super::PathError;

/// A file that was found and is held by a descriptor, with a path that names this very file. Keep it for as long as the
/// path is used.
#[derive(Debug)]
pub struct HeldPath {
    fd: OwnedFd,
    path: PathBuf,
    shown: PathBuf,
}

impl HeldPath {
    pub(super) fn new(fd: OwnedFd, shown: PathBuf, wanted: FileType) -> Result<Self, PathError> {
        let status = fs::fstat(&fd).map_err(|errno| PathError::new("look at", &shown, errno))?;
        let found = FileType::from_raw_mode(status.st_mode);
        if found == FileType::Symlink {
            return Err(PathError::Refused { path: shown });
        }
        if found != wanted {
            return Err(PathError::WrongKind {
                path: shown,
                found: kind_name(found),
                wanted: kind_name(wanted),
            });
        }
        let path = PathBuf::from(format!("/proc/self/fd/{}", fd.as_raw_fd()));
        Ok(Self { fd, path, shown })
    }

    /// `/proc/self/fd/N`: valid in this process (and its threads) while `self` lives.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it was found, for messages.
    #[must_use]
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    pub(super) fn reopen(&self, flags: OFlags) -> Result<File, PathError> {
        let flags = flags | OFlags::CLOEXEC | OFlags::NOCTTY;
        fs::openat(CWD, &self.path, flags, Mode::empty())
            .map(File::from)
            .map_err(|errno| PathError::new("open", &self.shown, errno))
    }
}

impl AsFd for HeldPath {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn kind_name(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "a regular file",
        FileType::Directory => "a directory",
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a FIFO",
        FileType::Socket => "a socket",
        FileType::CharacterDevice => "a character device",
        FileType::BlockDevice => "a block device",
        _ => "something unknown",
    }
}
