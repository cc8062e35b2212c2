//! What can go wrong in a call.

use std::fmt;
use std::time::Duration;

/// libvirt's own account of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The libvirt function that failed.
    pub call: &'static str,
    /// libvirt's error number (`virErrorNumber`).
    pub code: i32,
    /// The part of libvirt that reported it (`virErrorDomain`).
    pub domain: i32,
    /// libvirt's text, at most 4096 bytes.
    pub message: String,
}

impl fmt::Display for Detail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} ({}, libvirt error {})",
            self.message, self.call, self.code
        )
    }
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The domain, or the metadata asked for, does not exist.
    #[error("not found: {0}")]
    NotFound(Detail),
    /// A domain of this name or UUID exists already.
    #[error("exists already: {0}")]
    Exists(Detail),
    /// The call did not return in time. Its connection is given up: open a new one.
    #[error("libvirt did not answer {call} within {} s; the connection is given up", limit.as_secs_f32())]
    Timeout {
        /// What was asked.
        call: &'static str,
        /// How long was waited.
        limit: Duration,
    },
    /// There is no connection (any more): the daemon is not there or went away, or an earlier call timed out.
    #[error("libvirt daemon cannot be reached: {message} ({call})")]
    Disconnected {
        /// What was asked.
        call: &'static str,
        /// Why.
        message: String,
    },
    /// The domain XML is not well-formed or does not match libvirt's schema.
    #[error("domain XML is refused: {0}")]
    InvalidXml(Detail),
    /// The domain XML asks for what this libvirt or QEMU cannot do.
    #[error("configuration is not supported: {0}")]
    ConfigUnsupported(Detail),
    /// The domain is in a state in which this cannot be done, such as starting a running domain.
    #[error("not possible in the domain's state: {0}")]
    OperationInvalid(Detail),
    /// The driver does not know this call.
    #[error("call is not supported: {0}")]
    NoSupport(Detail),
    /// libvirt itself waited too long, as a rule for a lock that another call holds. The connection stays usable.
    #[error("libvirt is busy: {0}")]
    Busy(Detail),
    /// The guest agent does not run or does not answer.
    #[error("guest agent does not answer: {0}")]
    AgentUnavailable(Detail),
    /// The guest agent answers, and that it will not or cannot do this.
    #[error("guest agent refuses: {0}")]
    AgentRefused(Detail),
    /// The daemon refuses the caller.
    #[error("access is denied: {0}")]
    Denied(Detail),
    /// Anything else that libvirt reports, such as QEMU failing to start.
    #[error("{0}")]
    Internal(Detail),
    /// An argument that cannot be sent.
    #[error("{what} {reason}")]
    InvalidArgument {
        /// The argument.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The peer's answer is longer than allowed.
    #[error("answer to {call} is longer than {limit} bytes")]
    TooLong {
        /// What was asked.
        call: &'static str,
        /// The bound in bytes.
        limit: usize,
    },
    /// Too many calls wait already, on this connection or (when opening) in hanging connections.
    #[error("{call} is refused: {reason}")]
    Overloaded {
        /// What was asked.
        call: &'static str,
        /// Which bound is reached, and what to do.
        reason: &'static str,
    },
    /// libvirt's client library cannot be loaded.
    #[error("cannot load {file}: {reason}; install the package {package} in this program's image")]
    Library {
        /// The library's file name.
        file: String,
        /// The Debian package that has it.
        package: String,
        /// The loader's text.
        reason: String,
    },
    /// The process cannot start a thread or libvirt's event loop.
    #[error("cannot start {what}: {reason}")]
    Resources {
        /// What was to be started.
        what: &'static str,
        /// The system's text.
        reason: String,
    },
}

impl Error {
    /// True when the connection is of no more use and a new one has to be opened.
    pub fn is_disconnected(&self) -> bool {
        matches!(self, Self::Disconnected { .. } | Self::Timeout { .. })
    }

    /// True when the thing asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_))
    }

    /// libvirt's own account, where the failure is libvirt's.
    pub fn detail(&self) -> Option<&Detail> {
        match self {
            Self::NotFound(detail)
            | Self::Exists(detail)
            | Self::InvalidXml(detail)
            | Self::ConfigUnsupported(detail)
            | Self::OperationInvalid(detail)
            | Self::NoSupport(detail)
            | Self::Busy(detail)
            | Self::AgentUnavailable(detail)
            | Self::AgentRefused(detail)
            | Self::Denied(detail)
            | Self::Internal(detail) => Some(detail),
            _ => None,
        }
    }
}
