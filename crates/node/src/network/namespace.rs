use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tokio::sync::oneshot;

use super::NetworkError;
use crate::peer::Peer;

/// A pod's network namespace, held open.
#[derive(Debug)]
pub struct PodNetwork(OwnedFd);

impl PodNetwork {
    /// The namespace that a launcher runs in.
    pub fn of(peer: &Peer) -> Result<Self, NetworkError> {
        let file = peer.open_proc("ns/net").map_err(NetworkError::Namespace)?;
        Ok(Self(file.into()))
    }

    /// The namespace behind a trusted path such as `/proc/PID/ns/net` or `/run/netns/NAME`.
    pub fn open(path: &Path) -> Result<Self, NetworkError> {
        let file = File::open(path).map_err(NetworkError::Namespace)?;
        Ok(Self(file.into()))
    }

    /// Runs a task inside the namespace, on a thread of its own that ends with it: a thread's namespace is never changed
    /// back, so that no other work runs in the wrong one.
    pub(crate) async fn run<T, W>(&self, limit: Duration, work: W) -> Result<T, NetworkError>
    where
        T: Send + 'static,
        W: AsyncFnOnce() -> Result<T, NetworkError> + Send + 'static,
    {
        let namespace = self.0.try_clone().map_err(NetworkError::Namespace)?;
        let (sender, receiver) = oneshot::channel();
        let span = tracing::Span::current();
        std::thread::Builder::new()
            .name("pod-network".to_owned())
            .stack_size(512 * 1024)
            .spawn(move || {
                let _entered = span.entered();
                // Nobody listens any more when the caller gave up.
                let _ = sender.send(run_inside(namespace, limit, work));
            })
            .map_err(NetworkError::Namespace)?;
        match receiver.await {
            Ok(result) => result,
            Err(_) => Err(NetworkError::Namespace(io::Error::other(
                "the thread that entered it ended early",
            ))),
        }
    }
}

fn run_inside<T, W>(namespace: OwnedFd, limit: Duration, work: W) -> Result<T, NetworkError>
where
    W: AsyncFnOnce() -> Result<T, NetworkError>,
{
    move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))
        .map_err(|errno| NetworkError::Namespace(errno.into()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(NetworkError::Namespace)?;
    runtime.block_on(async {
        match tokio::time::timeout(limit, work()).await {
            Ok(result) => result,
            Err(_) => Err(NetworkError::TimedOut(limit)),
        }
    })
}
