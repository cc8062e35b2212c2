use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::path::{Component, Path};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::{self, AtFlags, Gid, Mode, Uid};
use rustix::io::Errno;

use super::{Access, Beneath, PathError};

/// Who owns what is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The user's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

impl Owner {
    /// The user that QEMU and libvirt run as in every launcher pod.
    pub const QEMU: Self = Self { uid: 107, gid: 107 };
}

impl Beneath {
    /// Makes a file that must not exist yet. Only this new file changes its owner; on failure nothing is left.
    pub fn write_new(
        &self,
        relative: impl AsRef<Path>,
        bytes: &[u8],
        owner: Owner,
        mode: u32,
    ) -> Result<(), PathError> {
        let relative = relative.as_ref();
        let (parent, name) = self.parent_of(relative)?;
        let file = parent.open_file(name, Access::CreateNew { mode: 0o600 })?;
        let done = fill(&parent.shown().join(name), file, bytes, owner, mode);
        if done.is_err() {
            parent.remove_quietly(name);
        }
        done
    }

    /// Makes a file or replaces the one of that name in one step, so that a reader sees the old or the new content whole.
    /// A link of that name is replaced, not followed.
    pub fn write_atomic(
        &self,
        relative: impl AsRef<Path>,
        bytes: &[u8],
        owner: Owner,
        mode: u32,
    ) -> Result<(), PathError> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let relative = relative.as_ref();
        let (parent, name) = self.parent_of(relative)?;
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let temporary = format!(".kubevirt-{}-{number}.tmp", std::process::id());
        // A crash may have left one of the same process number behind.
        parent.remove_quietly(OsStr::new(&temporary));
        parent.write_new(&temporary, bytes, owner, mode)?;
        fs::renameat(&parent, temporary.as_str(), &parent, name).map_err(|errno| {
            parent.remove_quietly(OsStr::new(&temporary));
            PathError::new("replace", &self.shown().join(relative), errno)
        })
    }

    /// Makes a directory and those above it where they are missing, and opens it. What exists is kept as it is; what is
    /// made gets `owner` and `mode`.
    pub fn create_dir(
        &self,
        relative: impl AsRef<Path>,
        owner: Owner,
        mode: u32,
    ) -> Result<Self, PathError> {
        let mut current = self.open_dir(".")?;
        for part in relative.as_ref().components() {
            let name = match part {
                Component::Normal(name) => name,
                Component::CurDir => continue,
                _ => {
                    return Err(PathError::Refused {
                        path: self.shown().join(relative.as_ref()),
                    });
                }
            };
            current = current.child_dir(name, owner, mode)?;
        }
        Ok(current)
    }

    fn child_dir(&self, name: &OsStr, owner: Owner, mode: u32) -> Result<Self, PathError> {
        let shown = self.shown().join(name);
        let made = match fs::mkdirat(self, name, Mode::from_raw_mode(0o700)) {
            Ok(()) => true,
            Err(Errno::EXIST) => false,
            Err(errno) => return Err(PathError::new("make directory", &shown, errno)),
        };
        let child = self.open_dir(name)?;
        if made {
            // Through the descriptor: a name could lead elsewhere by now. The pod could have put another directory of its
            // own there, no more: it cannot have directories of others beneath this root, and links are refused.
            let (uid, gid) = (Uid::from_raw(owner.uid), Gid::from_raw(owner.gid));
            fs::chownat(&child, "", Some(uid), Some(gid), AtFlags::EMPTY_PATH)
                .and_then(|()| {
                    fs::chmodat(&child, ".", Mode::from_raw_mode(mode), AtFlags::empty())
                })
                .map_err(|errno| PathError::new("set the owner of", &shown, errno))?;
        }
        Ok(child)
    }

    fn parent_of<'a>(&self, relative: &'a Path) -> Result<(Self, &'a OsStr), PathError> {
        let refused = || PathError::Refused {
            path: self.shown().join(relative),
        };
        let name = relative.file_name().ok_or_else(refused)?;
        let parent = relative.parent().ok_or_else(refused)?;
        let parent = if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        };
        Ok((self.open_dir(parent)?, name))
    }

    fn remove_quietly(&self, name: &OsStr) {
        if let Err(errno) = fs::unlinkat(self, name, AtFlags::empty())
            && errno != Errno::NOENT
        {
            tracing::warn!(path = %self.shown().join(name).display(), %errno, "cannot remove an unfinished file");
        }
    }
}

fn fill(
    shown: &Path,
    mut file: File,
    bytes: &[u8],
    owner: Owner,
    mode: u32,
) -> Result<(), PathError> {
    let failed = |action, source| PathError::Io {
        action,
        path: shown.to_owned(),
        source,
    };
    file.write_all(bytes)
        .map_err(|error| failed("write", error))?;
    let (uid, gid) = (Uid::from_raw(owner.uid), Gid::from_raw(owner.gid));
    fs::fchown(file.as_fd(), Some(uid), Some(gid))
        .and_then(|()| fs::fchmod(file.as_fd(), Mode::from_raw_mode(mode)))
        .map_err(|errno| failed("set the owner of", errno.into()))
}
