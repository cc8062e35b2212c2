use std::time::Duration;

use crate::paths::PathError;
use crate::peer::PeerError;

/// What went wrong between virt-handler and a launcher pod.
#[derive(Debug, thiserror::Error)]
pub enum LauncherError {
    /// The pod's socket did not appear.
    #[error(
        "pod {pod_uid} has no launcher socket after {waited:?} ({last}); look at the log of its container compute"
    )]
    NoSocket {
        /// The pod.
        pod_uid: String,
        /// How long it was waited for.
        waited: Duration,
        /// What the last look found.
        last: String,
    },
    /// The socket cannot be used.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Somebody else answers.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// virt-launcher cannot do it, for a reason that the VM's owner should read.
    #[error("{subject}: {message}")]
    Failed {
        /// The disk or daemon it is about.
        subject: String,
        /// What happened and what to do.
        message: String,
    },
    /// No answer came.
    #[error("virt-launcher did not answer {command:?} within {waited:?}")]
    TimedOut {
        /// The line that was sent.
        command: &'static str,
        /// How long the answer was waited for.
        waited: Duration,
    },
    /// It does not speak the protocol.
    #[error(
        "virt-launcher answered {command:?} with {answer:?}, which is not in the protocol; its version may be too old"
    )]
    Protocol {
        /// The line that was sent.
        command: &'static str,
        /// The line that came, shortened.
        answer: String,
    },
    /// The connection is gone; so is virt-launcher or it talks to another virt-handler.
    #[error("the connection to virt-launcher has ended")]
    Closed,
}

impl LauncherError {
    /// True when a later try may succeed: the socket is not there yet.
    #[must_use]
    pub fn is_not_yet(&self) -> bool {
        match self {
            Self::NoSocket { .. } => true,
            Self::Path(PathError::Missing { .. }) => true,
            Self::Path(PathError::Io { source, .. }) => matches!(
                source.kind(),
                std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::WouldBlock
            ),
            _ => false,
        }
    }
}
