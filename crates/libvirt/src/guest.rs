//! The guest inside of a domain: its agent, its screen. What they say is the guest's word.

use crate::connection::unexpected;
use crate::message::{Request, Response, Screenshot};
use crate::{Domain, Error};

impl Domain {
    /// Asks the guest agent. `command` and the answer are JSON as the agent's protocol has it; the answer is at most
    /// [`AGENT_BYTES`](crate::limits::AGENT_BYTES) long. The agent gets `seconds` for it, after libvirt has made sure that it is
    /// awake, which may take [`Domain::set_agent_response_timeout`] more. Such a call keeps one of the connection's threads busy.
    ///
    /// # Errors
    /// [`Error::AgentUnavailable`] when no agent answers in time, [`Error::AgentRefused`] with the agent's own error,
    /// [`Error::OperationInvalid`] when the domain does not run, [`Error::TooLong`].
    pub async fn agent_command(&self, command: String, seconds: u8) -> Result<String, Error> {
        self.text(Request::AgentCommand {
            domain: self.reference.clone(),
            command,
            seconds,
        })
        .await
    }

    /// Bounds how long libvirt waits for the guest agent to wake up, until the domain ends.
    ///
    /// # Errors
    /// Only what any call can have.
    pub async fn set_agent_response_timeout(&self, seconds: i32) -> Result<(), Error> {
        self.done(Request::AgentResponseTimeout(
            self.reference.clone(),
            seconds,
        ))
        .await
    }

    /// A picture of its first screen, at most [`SCREENSHOT_BYTES`](crate::limits::SCREENSHOT_BYTES) long.
    ///
    /// # Errors
    /// [`Error::OperationInvalid`] when it does not run, [`Error::Internal`] when it has no screen, [`Error::TooLong`].
    pub async fn screenshot(&self) -> Result<Screenshot, Error> {
        match self
            .connection
            .call(Request::Screenshot(self.reference.clone()))
            .await?
        {
            Response::Screenshot(picture) => Ok(picture),
            _ => Err(unexpected("screenshot")),
        }
    }

    /// Moves its pointer by a pixel and back, so that a guest which darkened its screen lights it up.
    ///
    /// # Errors
    /// [`Error::OperationInvalid`] when it does not run, [`Error::Internal`] when no device of it takes such a move.
    pub async fn nudge_pointer(&self) -> Result<(), Error> {
        self.done(Request::NudgePointer(self.reference.clone()))
            .await
    }
}
