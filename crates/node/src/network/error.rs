use std::io;
use std::time::Duration;

/// Why a pod's network could not be made.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The request makes no sense.
    #[error("interface {interface}: {message}")]
    Request {
        /// The VM's interface.
        interface: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// The cluster's network plug-in did not give the pod this device.
    #[error(
        "interface {interface}: the pod has no network device {device}; does the node's CNI plug-in make one of that name?"
    )]
    NoDevice {
        /// The VM's interface.
        interface: String,
        /// The device's name.
        device: String,
    },
    /// The device has more addresses and routes than can be remembered.
    #[error(
        "interface {interface}: the addresses and routes of {device} take {length} bytes, at most {limit} can be kept; use fewer routes in the pod network or the masquerade binding"
    )]
    TooMuchState {
        /// The VM's interface.
        interface: String,
        /// The device's name.
        device: String,
        /// What would be needed.
        length: usize,
        /// What there is.
        limit: usize,
    },
    /// The pod's namespace cannot be entered; the pod has ended, most likely.
    #[error("cannot enter the pod's network namespace: {0}")]
    Namespace(#[source] io::Error),
    /// A step failed.
    #[error("cannot {action}: {source}")]
    Step {
        /// What was tried.
        action: String,
        /// Why it failed.
        source: io::Error,
    },
    /// nft refused the rules.
    #[error("cannot set the pod's address translation: nft says {message:?}")]
    Nft {
        /// What it wrote, shortened.
        message: String,
    },
    /// It took too long.
    #[error("making the pod's network took more than {0:?} and was given up")]
    TimedOut(Duration),
}

impl NetworkError {
    pub(super) fn step(action: impl Into<String>, source: io::Error) -> Self {
        Self::Step {
            action: action.into(),
            source,
        }
    }
}
