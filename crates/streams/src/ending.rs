//! Why a stream ends, as the Close frame tells it.

use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// A Close frame's code and words. Clients connect again after [`CloseCode::Restart`] and [`CloseCode::Again`], and after a
/// migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The code, of RFC 6455 or IANA's registry.
    pub code: CloseCode,
    /// Words for the user, at most 123 bytes: a control frame holds no more.
    pub reason: &'static str,
}

impl Ending {
    /// The guest is off.
    pub const STOPPED: Self = Self {
        code: CloseCode::Normal,
        reason: "VM stopped",
    };
    /// The guest runs on another node now.
    pub const MIGRATED: Self = Self {
        code: CloseCode::Normal,
        reason: "VM was migrated",
    };
    /// The server ends, its successor serves.
    pub const RESTART: Self = Self {
        code: CloseCode::Restart,
        reason: "service restart",
    };
    /// The other end of the guest's connection has nothing more to say.
    pub const FINISHED: Self = Self {
        code: CloseCode::Normal,
        reason: "the guest closed the connection",
    };
    /// The guest's connection broke.
    pub const BROKEN: Self = Self {
        code: CloseCode::Error,
        reason: "the connection to the guest broke",
    };
    /// Nothing was heard of the client.
    pub const SILENT: Self = Self {
        code: CloseCode::Again,
        reason: "nothing was heard of the client, not even an answer to pings",
    };

    pub(crate) fn frame(&self) -> CloseFrame {
        CloseFrame {
            code: self.code,
            reason: self.reason.into(),
        }
    }
}
