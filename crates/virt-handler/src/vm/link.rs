//! The way to a launcher pod's libvirtd.

use std::path::Path;
use std::time::Duration;

use kubevirt_libvirt::{Connection, DomainState, Event, Reason, State};
use kubevirt_node::launcher::open_empty_dir;
use kubevirt_node::paths::{HeldPath, Owner, PathError};
use kubevirt_node::peer::{Peer, PeerError};
use tokio::sync::mpsc;

use super::plan;

/// How long libvirtd may take to answer a new connection.
const OPEN_TIMEOUT: Duration = Duration::from_secs(15);
/// The daemon's socket in the pod's emptyDir `libvirt-runtime`.
const SOCKET: &str = "libvirt-sock";

/// Why libvirtd cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("libvirtd of the pod is not reachable: {0}")]
    Path(#[from] PathError),
    #[error(transparent)]
    Peer(#[from] PeerError),
    #[error("libvirtd's socket belongs to user {0}, not to {uid}; it is not used", uid = Owner::QEMU.uid)]
    User(u32),
    #[error("libvirtd of the pod: {0}")]
    Libvirt(#[from] kubevirt_libvirt::Error),
}

/// A connection to the libvirtd of one pod.
pub(super) struct Link {
    pub(super) connection: Connection,
    pub(super) events: mpsc::Receiver<Event>,
    /// The connection's path names this descriptor.
    _socket: HeldPath,
}

impl Link {
    /// Connects. `None` when there is no socket: no libvirtd has been started in this pod yet.
    pub(super) async fn open(kubelet_root: &Path, pod_uid: &str) -> Result<Option<Self>, Error> {
        let runtime = open_empty_dir(kubelet_root, pod_uid, "libvirt-runtime")?;
        let socket = match runtime.hold_socket(SOCKET) {
            Err(error) if error.is_missing() => return Ok(None),
            other => other?,
        };
        // Ask the kernel who listens, then connect to the very same socket: it is held, so that no other can take its name.
        let probe = runtime.connect_unix(SOCKET)?;
        let shown = socket.shown().display().to_string();
        let peer = Peer::of_pod(&probe, pod_uid, &shown)?;
        if peer.uid() != Owner::QEMU.uid {
            return Err(Error::User(peer.uid()));
        }
        drop(probe);
        let connection = Connection::open(socket.path(), OPEN_TIMEOUT).await?;
        let events = connection.events();
        Ok(Some(Self {
            connection,
            events,
            _socket: socket,
        }))
    }
}

/// A domain's state in the plan's words.
pub(super) fn domain_state(state: Option<DomainState>) -> plan::Domain {
    let Some(DomainState { state, reason }) = state else {
        return plan::Domain::NotStarted;
    };
    match (state, reason) {
        // libvirtd gives no reason to a domain that it has defined and never started, and Failed to one that did not start.
        (State::ShutOff, Reason::Unknown | Reason::Failed) => plan::Domain::NotStarted,
        (State::ShutOff | State::Crashed, _) => plan::Domain::Ended,
        _ => plan::Domain::Active,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_by_what_they_call_for() {
        let seen = |state, reason| domain_state(Some(DomainState { state, reason }));
        assert_eq!(domain_state(None), plan::Domain::NotStarted);
        assert_eq!(
            seen(State::ShutOff, Reason::Unknown),
            plan::Domain::NotStarted
        );
        assert_eq!(
            seen(State::ShutOff, Reason::Failed),
            plan::Domain::NotStarted
        );
        assert_eq!(seen(State::ShutOff, Reason::Shutdown), plan::Domain::Ended);
        assert_eq!(seen(State::ShutOff, Reason::Crashed), plan::Domain::Ended);
        assert_eq!(seen(State::Paused, Reason::User), plan::Domain::Active);
        assert_eq!(
            seen(State::ShuttingDown, Reason::Unknown),
            plan::Domain::Active
        );
        assert_eq!(seen(State::Crashed, Reason::Panicked), plan::Domain::Ended);
    }
}
