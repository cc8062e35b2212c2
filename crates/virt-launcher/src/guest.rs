//! Which process is the guest's QEMU.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::layout::Layout;

/// libvirt writes the number of the domain's process here and removes it once the process is reaped, which we do. The QEMUs
/// that libvirt only asks for their capabilities have their files elsewhere.
#[derive(Debug)]
pub(crate) struct GuestFile(PathBuf);

impl GuestFile {
    pub(crate) fn new(layout: &Layout, domain: &str) -> Self {
        Self(
            layout
                .runtime()
                .join("libvirt/qemu/run")
                .join(format!("{domain}.pid")),
        )
    }

    /// The guest's process, running or not yet reaped.
    pub(crate) fn read(&self) -> Option<i32> {
        let mut text = String::new();
        File::open(&self.0)
            .ok()?
            .take(32)
            .read_to_string(&mut text)
            .ok()?;
        let pid = text.trim().parse().ok().filter(|pid| *pid > 1)?;
        // Until QEMU is executed it is still a child of libvirtd; a left-over file may name anything.
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        name.starts_with("qemu-").then_some(pid)
    }
}

/// False once a process has ended and was reaped.
pub(crate) fn exists(pid: i32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}
