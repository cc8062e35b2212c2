//! Why the other side of a stream ended it, and whether it is worth connecting again.

use std::time::Duration;

use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// A stream that is turned away as soon as it is open would be turned away again.
const TURNED_AWAY: Duration = Duration::from_secs(2);

/// The end of a stream as the other side told it, or its silence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Closing {
    /// The Close frame's code; none when the connection broke without one.
    code: Option<CloseCode>,
    /// Words for the user.
    pub(crate) reason: String,
}

impl Closing {
    /// The end by a Close frame, which may be empty.
    pub(crate) fn told(frame: Option<CloseFrame>) -> Self {
        let (code, reason) = match frame {
            Some(frame) => (frame.code, frame.reason.to_string()),
            None => (CloseCode::Status, String::new()),
        };
        let reason = match (reason.is_empty(), code) {
            (false, _) => reason,
            (true, CloseCode::Restart | CloseCode::Away) => "the server restarts".to_owned(),
            (true, _) => "the virtual machine's side ended it".to_owned(),
        };
        Self {
            code: Some(code),
            reason,
        }
    }

    /// The end without a Close frame.
    pub(crate) fn broken(reason: impl Into<String>) -> Self {
        Self {
            code: None,
            reason: reason.into(),
        }
    }

    /// Whether the stream ended as streams end: with nothing left to say.
    pub(crate) fn regular(&self) -> bool {
        matches!(self.code, Some(CloseCode::Normal | CloseCode::Status))
    }

    /// Whether the machine probably still runs, so that a new connection makes sense after this one was open for `lived`:
    /// the connection broke, a server restarts, or the machine was migrated to another node.
    pub(crate) fn again(&self, lived: Duration) -> bool {
        match self.code {
            None | Some(CloseCode::Away | CloseCode::Restart) => true,
            Some(CloseCode::Again) => lived > TURNED_AWAY,
            Some(_) => self.reason.to_ascii_lowercase().contains("migrated"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: CloseCode, reason: &str) -> Closing {
        Closing::told(Some(CloseFrame {
            code,
            reason: reason.into(),
        }))
    }

    #[test]
    fn a_broken_or_restarting_server_and_a_migration_are_worth_another_try() {
        let short = Duration::ZERO;
        assert!(Closing::broken("reset").again(short));
        assert!(told(CloseCode::Restart, "").again(short));
        assert!(told(CloseCode::Away, "restart").again(short));
        assert!(told(CloseCode::Normal, "VM was migrated").again(short));
        assert!(told(CloseCode::Again, "too slow").again(Duration::from_secs(60)));
    }

    #[test]
    fn the_end_of_the_machine_is_final() {
        let long = Duration::from_secs(60);
        assert!(!told(CloseCode::Normal, "VM stopped").again(long));
        assert!(!Closing::told(None).again(long));
        assert!(!told(CloseCode::Error, "broken pipe").again(long));
        assert!(!told(CloseCode::Again, "too many viewers").again(Duration::ZERO));
    }

    #[test]
    fn there_is_always_a_reason() {
        assert_eq!(told(CloseCode::Normal, "VM stopped").reason, "VM stopped");
        assert!(!Closing::told(None).reason.is_empty());
        assert_eq!(told(CloseCode::Restart, "").reason, "the server restarts");
    }
}
