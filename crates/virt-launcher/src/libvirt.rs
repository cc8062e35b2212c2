//! How libvirtd and its client are run.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::layout::Layout;

/// Environment variable with the log verbosity from the cluster's settings; absent when that is the default.
const VERBOSITY: &str = "VIRT_LAUNCHER_LOG_VERBOSITY";

/// libvirt's log level for a verbosity: 1 is everything, 2 what it does; none leaves it at warnings, as configured.
fn log_level(verbosity: &str) -> Option<&'static str> {
    match verbosity.parse::<u32>() {
        Ok(0..=3) | Err(_) => None,
        Ok(4..=6) => Some("2"),
        Ok(_) => Some("1"),
    }
}

/// The directories that libvirt lives in.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    /// XDG_RUNTIME_DIR.
    pub(crate) runtime: PathBuf,
    /// HOME, XDG_CONFIG_HOME and XDG_CACHE_HOME.
    pub(crate) private: PathBuf,
}

impl Home {
    /// The launcher pod's.
    pub(crate) fn of_pod(layout: &Layout) -> Self {
        Self {
            runtime: layout.runtime(),
            private: layout.private(),
        }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.runtime.join("libvirt/libvirt-sock")
    }

    /// Whether libvirtd listens. The kernel's list tells; connecting would leave a complaint in libvirtd's log.
    pub(crate) fn accepts(&self) -> bool {
        const LISTENING: &str = "00010000";
        let socket = self.socket();
        let Ok(list) = fs::read_to_string("/proc/net/unix") else {
            return UnixStream::connect(socket).is_ok();
        };
        let path = socket.to_string_lossy();
        list.lines().any(|line| {
            let mut fields = line.split_whitespace();
            fields.nth(3) == Some(LISTENING) && fields.nth(3).is_some_and(|name| name == path)
        })
    }

    /// libvirtd, in the foreground, its messages in our log.
    pub(crate) fn libvirtd(&self, layout: &Layout) -> Command {
        let mut command = Command::new(layout.libvirtd());
        command
            .arg("--config")
            .arg(layout.libvirt_configuration().join("libvirtd.conf"))
            .stdin(Stdio::null());
        self.environment(&mut command);
        let verbosity = std::env::var(VERBOSITY).ok();
        if let Some(level) = verbosity.as_deref().and_then(log_level) {
            // The outputs have a threshold of their own, which would keep the rest back.
            command
                .env("LIBVIRT_DEBUG", level)
                .env("LIBVIRT_LOG_OUTPUTS", format!("{level}:stderr"));
        }
        command
    }

    /// virsh, connected to that libvirtd.
    pub(crate) fn virsh(&self, layout: &Layout, arguments: &[&str]) -> Command {
        let mut command = Command::new(layout.virsh());
        let socket = self.socket();
        command
            .arg("--connect")
            .arg(format!("qemu+unix:///session?socket={}", socket.display()))
            .args(arguments)
            .stdin(Stdio::null());
        self.environment(&mut command);
        command
    }

    fn environment(&self, command: &mut Command) {
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C")
            .env("HOME", &self.private)
            .env("XDG_CONFIG_HOME", &self.private)
            .env("XDG_CACHE_HOME", &self.private)
            .env("XDG_RUNTIME_DIR", &self.runtime)
            // One memory arena: libvirtd's many threads else have one each, for 6 MB more.
            .env("MALLOC_ARENA_MAX", "1");
    }

    /// Puts the image's qemu.conf where a session daemon looks for it.
    pub(crate) fn configure(&self, layout: &Layout) -> Result<(), Failure> {
        let to = self.private.join("libvirt");
        make_directory(&to, 0o700)?;
        let from = layout.libvirt_configuration().join("qemu.conf");
        fs::copy(&from, to.join("qemu.conf"))
            .map(drop)
            .map_err(|error| {
                Failure::new(
                    "libvirtd",
                    format!(
                        "cannot copy {} to {}: {error}",
                        from.display(),
                        to.display()
                    ),
                )
            })
    }
}

/// Makes a directory and those above it; one that exists is fine.
pub(crate) fn make_directory(path: &Path, mode: u32) -> Result<(), Failure> {
    let made = DirBuilder::new().recursive(true).mode(mode).create(path);
    made.map_err(|error| {
        let remedy = if error.kind() == io::ErrorKind::PermissionDenied {
            "; does the pod have fsGroup 107?"
        } else {
            ""
        };
        Failure::new(
            "pod",
            format!("cannot make directory {}: {error}{remedy}", path.display()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::log_level;

    #[test]
    fn log_levels() {
        let cases = [
            ("0", None),
            ("3", None),
            ("4", Some("2")),
            ("6", Some("2")),
            ("7", Some("1")),
            ("2147483647", Some("1")),
            ("", None),
            ("-1", None),
        ];
        for (verbosity, expected) in cases {
            assert_eq!(log_level(verbosity), expected, "{verbosity}");
        }
    }
}
