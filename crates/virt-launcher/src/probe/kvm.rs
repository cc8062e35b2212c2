use std::fs::{self, File, OpenOptions};
use std::path::Path;

use nix::sched::{CloneFlags, unshare};
use rustix::fs::{CWD, FileType, Gid, Mode, Uid, chown, makedev, mknodat};
use rustix::io::Errno;
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind, mount_change, unmount,
};

use super::USER;
use crate::failure::Failure;

const DEVICE: &str = "/dev/kvm";

/// Makes /dev/kvm for our children what it will be in the launcher pods: open to QEMU's user where KVM can be used, and
/// closed otherwise. Says whether it can be used.
///
/// The container of virt-handler is privileged and sees the node's device in any case. The node's own /dev may be mounted,
/// so nothing in it is touched: something else is mounted over the one file, in a mount namespace of our own.
pub(super) fn arrange(work: &Path, root: bool) -> Result<bool, Failure> {
    let usable = usable();
    if !root || fs::symlink_metadata(DEVICE).is_err() {
        return Ok(usable);
    }
    match cover(work, usable) {
        Ok(()) => Ok(usable),
        // Not privileged: then this container has the device only if it was given to it as to a launcher pod.
        Err(Errno::PERM) => Ok(usable),
        Err(errno) => Err(Failure::new(
            "probe",
            format!("cannot prepare {DEVICE} for the probe: {errno}"),
        )),
    }
}

/// Unmounts what [`arrange`] mounted in the working directory, so that it can be removed; the cover stays.
pub(super) fn uncover(work: &Path) {
    match unmount(work.join("dev"), UnmountFlags::DETACH) {
        // Nothing was mounted there.
        Ok(()) | Err(Errno::INVAL | Errno::NOENT | Errno::PERM) => {}
        Err(errno) => eprintln!("virt-launcher: cannot unmount the probe's devices: {errno}"),
    }
}

fn usable() -> bool {
    let opens = OpenOptions::new()
        .read(true)
        .write(true)
        .open(DEVICE)
        .is_ok();
    let flags = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    opens && has_virtualization(&flags)
}

/// Some hosts have a /dev/kvm on which no ordinary guest runs; their CPU flags say so.
fn has_virtualization(cpuinfo: &str) -> bool {
    cpuinfo
        .lines()
        .filter(|line| line.starts_with("flags"))
        .flat_map(str::split_whitespace)
        .any(|flag| flag == "vmx" || flag == "svm")
}

fn cover(work: &Path, usable: bool) -> Result<(), Errno> {
    unshare(CloneFlags::CLONE_NEWNS).map_err(|errno| Errno::from_raw_os_error(errno as i32))?;
    mount_change(
        "/",
        MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC,
    )?;
    let directory = work.join("dev");
    fs::create_dir_all(&directory).map_err(from_io)?;
    // A file system of our own on which devices work; a container's volumes often are mounted without.
    mount("tmpfs", &directory, "tmpfs", MountFlags::NOEXEC, None)?;
    let cover = directory.join("kvm");
    if usable {
        // The node's may be open to root alone; kubelet's device plug-in gives it to the pod's user.
        let device = makedev(10, 232);
        mknodat(
            CWD,
            &cover,
            FileType::CharacterDevice,
            Mode::from_raw_mode(0o600),
            device,
        )?;
        chown(&cover, Some(Uid::from_raw(USER)), Some(Gid::from_raw(USER)))?;
    } else {
        let file = File::create(&cover).map_err(from_io)?;
        rustix::fs::fchmod(&file, Mode::empty())?;
    }
    mount_bind(&cover, DEVICE)
}

fn from_io(error: std::io::Error) -> Errno {
    Errno::from_io_error(&error).unwrap_or(Errno::IO)
}

#[cfg(test)]
mod tests {
    use super::has_virtualization;

    #[test]
    fn cpu_flags() {
        assert!(has_virtualization(
            "processor : 0\nflags\t\t: fpu vmx ssse3\n"
        ));
        assert!(has_virtualization("flags\t\t: fpu svm\n"));
        assert!(!has_virtualization(
            "flags\t\t: fpu hypervisor\nvmx flags : vnmi\n"
        ));
        assert!(!has_virtualization("model name : a vmx svm thing\n"));
        assert!(!has_virtualization(""));
    }
}
