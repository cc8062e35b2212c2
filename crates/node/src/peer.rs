//! Who is at the other end of a socket, as the kernel says it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::time::Timespec;

/// No real list of cgroups is longer.
const CGROUP_LIMIT: u64 = 64 * 1024;

/// A process of a known pod, held by a pidfd so that its number cannot be taken by another one unnoticed.
#[derive(Debug)]
pub struct Peer {
    pid: Pid,
    uid: u32,
    pidfd: OwnedFd,
}

/// Why the other end of a socket is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// The kernel names no process, or the process is gone.
    #[error("the process behind {socket} is gone: {source}")]
    Gone {
        /// Which socket.
        socket: String,
        /// The kernel's answer.
        source: io::Error,
    },
    /// The process is not in the pod.
    #[error(
        "{socket} is answered by process {pid}, which is not in a cgroup of pod {pod_uid}; it is not used"
    )]
    NotInPod {
        /// Which socket.
        socket: String,
        /// The process as the kernel gives it, in the reader's PID namespace; 0 when it has none there.
        pid: i32,
        /// The pod that was expected.
        pod_uid: String,
    },
}

impl Peer {
    /// Identifies the listener at the other end of a connected Unix socket and makes sure that it runs in the pod.
    /// `shown` names the socket in messages.
    pub fn of_pod(socket: impl AsFd, pod_uid: &str, shown: &str) -> Result<Self, PeerError> {
        let gone = |source: io::Error| PeerError::Gone {
            socket: shown.to_owned(),
            source,
        };
        let credentials =
            rustix::net::sockopt::socket_peercred(&socket).map_err(|errno| gone(errno.into()))?;
        let pid = credentials.pid;
        let not_in_pod = || PeerError::NotInPod {
            socket: shown.to_owned(),
            pid: pid.as_raw_nonzero().get(),
            pod_uid: pod_uid.to_owned(),
        };
        let pidfd = pidfd_open(pid, PidfdFlags::empty()).map_err(|errno| gone(errno.into()))?;
        let cgroups = read_cgroups(pid).map_err(gone)?;
        if !names_pod(&cgroups, pod_uid) {
            return Err(not_in_pod());
        }
        let peer = Self {
            pid,
            uid: credentials.uid.as_raw(),
            pidfd,
        };
        // Alive after the look at /proc/PID: the number meant this process all the while.
        if !peer.is_alive() {
            return Err(gone(io::ErrorKind::NotFound.into()));
        }
        Ok(peer)
    }

    /// The process's number in our PID namespace.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// The user it ran as when it made the socket.
    #[must_use]
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// A descriptor of the process.
    #[must_use]
    pub fn pidfd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }

    /// False once the process has exited.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        let mut fds = [PollFd::new(&self.pidfd, PollFlags::IN)];
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        matches!(poll(&mut fds, Some(&now)), Ok(0))
    }

    /// Opens a file of `/proc/PID/` (such as `ns/net`) and makes sure that it was this process's.
    pub fn open_proc(&self, name: &str) -> io::Result<File> {
        let file = File::open(self.proc_path(name))?;
        if self.is_alive() {
            Ok(file)
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    /// `/proc/PID/NAME`. Check [`Self::is_alive`] after opening it.
    #[must_use]
    pub fn proc_path(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.pid()))
    }
}

fn read_cgroups(pid: Pid) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(format!("/proc/{}/cgroup", pid.as_raw_nonzero()))?
        .take(CGROUP_LIMIT)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// Whether a `/proc/PID/cgroup` (lines `ID:CONTROLLERS:PATH`) lies in a pod's cgroup, as kubelet's two drivers name it:
/// `.../podUID/...` (cgroupfs) or `.../kubepods-QOS-podUID_WITH_UNDERSCORES.slice/...` (systemd).
fn names_pod(cgroups: &str, pod_uid: &str) -> bool {
    if pod_uid.is_empty() {
        return false;
    }
    let cgroupfs = format!("pod{pod_uid}");
    let systemd = format!("pod{}.slice", pod_uid.replace('-', "_"));
    cgroups
        .lines()
        .filter_map(|line| line.splitn(3, ':').nth(2))
        .flat_map(|path| path.split('/'))
        .any(|part| {
            part == cgroupfs
                || part
                    .strip_suffix(&systemd)
                    .is_some_and(|front| front.starts_with("kubepods") && front.ends_with('-'))
        })
}

#[cfg(test)]
mod tests {
    use super::names_pod;

    const UID: &str = "0b9f7a52-1c11-4a0e-9f43-0123456789ab";

    #[test]
    fn kubelets_two_cgroup_drivers_are_known() {
        let v1 = format!("5:memory:/node1/kubepods/burstable/pod{UID}/abc\n4:cpu:/x\n");
        assert!(names_pod(&v1, UID));
        let v2 = "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0b9f7a52_1c11_4a0e_9f43_0123456789ab.slice/cri-containerd-1.scope\n";
        assert!(names_pod(v2, UID));
        let relative = format!("0::/../../../besteffort/pod{UID}/abc\n");
        assert!(names_pod(&relative, UID));
        let guaranteed =
            "0::/kubepods.slice/kubepods-pod0b9f7a52_1c11_4a0e_9f43_0123456789ab.slice/x\n";
        assert!(names_pod(guaranteed, UID));
    }

    #[test]
    fn other_pods_and_lookalikes_are_not() {
        assert!(!names_pod("0::/kubepods/podother/abc\n", UID));
        assert!(!names_pod(&format!("0::/kubepods/pod{UID}x/abc\n"), UID));
        assert!(!names_pod(&format!("0::/kubepods/{UID}/abc\n"), UID));
        assert!(!names_pod("0::/\n", UID));
        assert!(!names_pod("0::/kubepods/pod/abc\n", ""));
    }
}
