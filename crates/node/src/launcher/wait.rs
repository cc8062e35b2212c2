use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use std::os::fd::{AsRawFd, OwnedFd};
use tokio::io::unix::AsyncFd;
use tokio::time::timeout;

use super::{LauncherConnection, LauncherError, SOCKET, open_empty_dir};
use crate::paths::Beneath;
use crate::peer::Peer;

/// How often is looked where nothing tells.
const PERIOD: Duration = Duration::from_millis(50);

/// Connects to the launcher of a pod, once. `kubelet_root` is kubelet's root directory as this process sees it.
pub async fn connect(
    kubelet_root: &Path,
    pod_uid: &str,
) -> Result<LauncherConnection, LauncherError> {
    let public = open_empty_dir(kubelet_root, pod_uid, "public")?;
    connect_in(&public, pod_uid).await
}

/// Waits until the launcher of a pod has its socket and connects, for at most `limit`.
pub async fn wait_and_connect(
    kubelet_root: &Path,
    pod_uid: &str,
    limit: Duration,
) -> Result<LauncherConnection, LauncherError> {
    let began = Instant::now();
    let mut watch = None;
    loop {
        // The watch first, then the look: what happens in between is told.
        let result = match open_empty_dir(kubelet_root, pod_uid, "public") {
            Ok(public) => {
                watch = watch.or_else(|| Watch::on(&public));
                if let Some(watch) = &watch {
                    watch.add(&public, "sockets");
                }
                connect_in(&public, pod_uid).await
            }
            Err(error) => Err(error.into()),
        };
        match result {
            Err(error) if error.is_not_yet() => {
                if began.elapsed() >= limit {
                    return Err(LauncherError::NoSocket {
                        pod_uid: pod_uid.to_owned(),
                        waited: limit,
                        last: error.to_string(),
                    });
                }
            }
            other => return other,
        }
        let pause = PERIOD.min(limit.saturating_sub(began.elapsed()));
        match &watch {
            Some(watch) => watch.changed(pause).await,
            None => tokio::time::sleep(pause).await,
        }
    }
}

async fn connect_in(public: &Beneath, pod_uid: &str) -> Result<LauncherConnection, LauncherError> {
    let shown = public.shown().join(SOCKET).display().to_string();
    let stream = public.connect_unix(SOCKET)?;
    let peer = Peer::of_pod(&stream, pod_uid, &shown)?;
    LauncherConnection::new(stream, peer).await
}

/// Tells when something appears in the pod's directory.
struct Watch(AsyncFd<OwnedFd>);

impl Watch {
    fn on(public: &Beneath) -> Option<Self> {
        let fd = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
        let watch = Self(crate::sys::watch_readable(fd).ok()?);
        watch.add(public, ".").then_some(watch)
    }

    /// Watching the same directory twice is one watch.
    fn add(&self, public: &Beneath, name: &str) -> bool {
        use std::os::fd::AsFd;
        let Ok(directory) = public.open_dir(name) else {
            return false;
        };
        let path = format!("/proc/self/fd/{}", directory.as_fd().as_raw_fd());
        let flags = WatchFlags::CREATE | WatchFlags::MOVED_TO;
        inotify::add_watch(self.0.get_ref(), path, flags).is_ok()
    }

    async fn changed(&self, limit: Duration) {
        let Ok(Ok(mut guard)) = timeout(limit, self.0.readable()).await else {
            return;
        };
        // What it says does not matter; a bounded number of reads, since the pod can make events without end.
        let mut buffer = [0_u8; 4096];
        for _ in 0..16 {
            if rustix::io::read(self.0.get_ref(), &mut buffer).is_err() {
                guard.clear_ready();
                return;
            }
        }
        tokio::time::sleep(PERIOD.min(limit)).await;
    }
}
