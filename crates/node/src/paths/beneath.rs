use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net::UnixStream;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{self, CWD, FileType, Mode, OFlags, RawDir, ResolveFlags};
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use super::{HeldPath, PathError};

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To read an existing regular file.
    Read,
    /// To read and write an existing regular file.
    Write,
    /// To write a file that must not exist yet; its mode, before the umask.
    CreateNew {
        /// Permission bits, such as `0o600`.
        mode: u32,
    },
}

/// A directory that is open, beneath which other names are opened. See the [module](super).
#[derive(Debug)]
pub struct Beneath {
    fd: OwnedFd,
    /// For messages only.
    shown: PathBuf,
}

/// What `open` refuses on the way, always.
const NO_LINKS: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_SYMLINKS)
    .union(ResolveFlags::NO_MAGICLINKS);

impl Beneath {
    /// Opens a directory that is trusted: the kubelet's root, or a `/proc/PID/root` of a process that is known.
    pub fn open_root(path: &Path) -> Result<Self, PathError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = fs::openat(CWD, path, flags, Mode::empty())
            .map_err(|errno| PathError::new("open", path, errno))?;
        Ok(Self::from_fd(fd, path.to_owned()))
    }

    pub(super) fn from_fd(fd: OwnedFd, shown: PathBuf) -> Self {
        Self { fd, shown }
    }

    /// The path as messages show it. It is never opened again.
    #[must_use]
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// Opens a directory beneath this one.
    pub fn open_dir(&self, relative: impl AsRef<Path>) -> Result<Self, PathError> {
        let relative = relative.as_ref();
        let fd = self.resolve(
            relative,
            OFlags::PATH | OFlags::DIRECTORY,
            Mode::empty(),
            NO_LINKS,
        )?;
        Ok(Self::from_fd(fd, self.shown.join(relative)))
    }

    /// Opens a regular file beneath this directory. A FIFO, device or socket is refused without being opened.
    pub fn open_file(&self, relative: impl AsRef<Path>, access: Access) -> Result<File, PathError> {
        let relative = relative.as_ref();
        let flags = match access {
            Access::Read => OFlags::RDONLY,
            Access::Write => OFlags::RDWR,
            Access::CreateNew { mode } => {
                let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
                let fd = self.resolve(relative, flags, Mode::from_raw_mode(mode), NO_LINKS)?;
                return Ok(File::from(fd));
            }
        };
        let held = self.hold(relative, FileType::RegularFile, NO_LINKS)?;
        held.reopen(flags)
    }

    /// Opens a file for reading the way a Kubernetes volume (secret, config map, projected token) needs it: its names are
    /// links to `..data/NAME`. Links are followed, but nothing leads out of this directory.
    pub fn follow_within(&self, relative: impl AsRef<Path>) -> Result<File, PathError> {
        let flags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);
        let held = self.hold(relative.as_ref(), FileType::RegularFile, flags)?;
        held.reopen(OFlags::RDONLY)
    }

    /// Connects to the Unix socket at a path beneath this directory. Who answers is to be asked of the kernel: [`crate::peer`].
    /// The stream is non-blocking, ready for `tokio::net::UnixStream::from_std`.
    pub fn connect_unix(&self, relative: impl AsRef<Path>) -> Result<UnixStream, PathError> {
        let held = self.hold_socket(relative)?;
        // connect() on a Unix stream waits for room in the listener's queue, and a hostile listener never makes any: no wait.
        connect_without_waiting(held.path())
            .map_err(|errno| PathError::new("connect to", held.shown(), errno))
    }

    /// A path that names the very socket found at `relative`, for libraries that connect by path.
    pub fn hold_socket(&self, relative: impl AsRef<Path>) -> Result<HeldPath, PathError> {
        self.hold(relative.as_ref(), FileType::Socket, NO_LINKS)
    }

    /// A path that names the very regular file found at `relative`, for programs that open by path.
    pub fn hold_file(&self, relative: impl AsRef<Path>) -> Result<HeldPath, PathError> {
        self.hold(relative.as_ref(), FileType::RegularFile, NO_LINKS)
    }

    /// Reads a whole regular file of at most `max` bytes.
    pub fn read_bounded(&self, relative: impl AsRef<Path>, max: u64) -> Result<Vec<u8>, PathError> {
        let relative = relative.as_ref();
        let file = self.open_file(relative, Access::Read)?;
        self.read_all(relative, file, max)
    }

    /// [`Self::read_bounded`] for Kubernetes volumes, with links followed as in [`Self::follow_within`].
    pub fn read_within(&self, relative: impl AsRef<Path>, max: u64) -> Result<Vec<u8>, PathError> {
        let relative = relative.as_ref();
        let file = self.follow_within(relative)?;
        self.read_all(relative, file, max)
    }

    fn read_all(&self, relative: &Path, file: File, max: u64) -> Result<Vec<u8>, PathError> {
        let mut bytes = Vec::new();
        file.take(max.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|source| PathError::Io {
                action: "read",
                path: self.shown.join(relative),
                source,
            })?;
        if bytes.len() as u64 > max {
            return Err(PathError::TooLarge {
                path: self.shown.join(relative),
                limit: format!("{max} bytes"),
            });
        }
        Ok(bytes)
    }

    /// The names in this directory, sorted, without `.` and `..`; more than `max` of them are an error.
    pub fn names(&self, max: usize) -> Result<Vec<OsString>, PathError> {
        let fd = self.readable()?;
        let mut buffer = Vec::with_capacity(8192);
        let mut entries = RawDir::new(fd, buffer.spare_capacity_mut());
        let mut names = Vec::new();
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(|errno| PathError::new("list", &self.shown, errno))?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            if names.len() == max {
                return Err(PathError::TooLarge {
                    path: self.shown.clone(),
                    limit: format!("{max} names"),
                });
            }
            names.push(OsString::from_vec(name.to_vec()));
        }
        names.sort();
        Ok(names)
    }

    fn readable(&self) -> Result<OwnedFd, PathError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        fs::openat(&self.fd, ".", flags, Mode::empty())
            .map_err(|errno| PathError::new("list", &self.shown, errno))
    }

    pub(super) fn resolve(
        &self,
        relative: &Path,
        flags: OFlags,
        mode: Mode,
        resolve: ResolveFlags,
    ) -> Result<OwnedFd, PathError> {
        let shown = self.shown.join(relative);
        if relative
            .components()
            .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
        {
            return Err(PathError::Refused { path: shown });
        }
        // The kernel answers EAGAIN when it cannot rule out that a rename elsewhere raced with the look-up.
        for _ in 0..64 {
            match fs::openat2(&self.fd, relative, flags | OFlags::CLOEXEC, mode, resolve) {
                Err(Errno::AGAIN | Errno::INTR) => {}
                other => return other.map_err(|errno| PathError::new("open", &shown, errno)),
            }
        }
        Err(PathError::new("open", &shown, Errno::AGAIN))
    }

    fn hold(
        &self,
        relative: &Path,
        wanted: FileType,
        resolve: ResolveFlags,
    ) -> Result<HeldPath, PathError> {
        let fd = self.resolve(relative, OFlags::PATH, Mode::empty(), resolve)?;
        HeldPath::new(fd, self.shown.join(relative), wanted)
    }
}

impl AsFd for Beneath {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn connect_without_waiting(path: &Path) -> Result<UnixStream, Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    net::connect(&socket, &SocketAddrUnix::new(path)?)?;
    Ok(UnixStream::from(socket))
}
