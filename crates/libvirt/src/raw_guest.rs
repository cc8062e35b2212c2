//! What is asked of the guest inside of a domain: its agent, its screen. Every method may block.

use std::ptr;

use crate::message::Screenshot;
use crate::raw_domain::RawDomain;
use crate::raw_stream::RawStream;
use crate::text::{Owned, to_c};
use crate::{Error, library, limits};

/// Two steps of one pixel, there and back, so that the guest notices and nothing is elsewhere afterwards.
const NUDGE: &str = r#"{"execute":"input-send-event","arguments":{"events":[{"type":"rel","data":{"axis":"x","value":1}},{"type":"rel","data":{"axis":"x","value":-1}}]}}"#;

impl RawDomain<'_> {
    pub(crate) fn agent_command(&self, command: &str, seconds: u8) -> Result<String, Error> {
        const CALL: &str = "virDomainQemuAgentCommand";
        let library = library::load_qemu()?;
        let command = to_c("agent command", command, limits::AGENT_BYTES)?;
        // SAFETY: a valid domain and a string that outlives the call; the result is ours to release.
        let answer = unsafe {
            let text = library.virDomainQemuAgentCommand(
                self.as_ptr(),
                command.as_ptr(),
                i32::from(seconds),
                0,
            );
            self.text(CALL, text, limits::AGENT_BYTES)
        };
        answer.map_err(|error| match error {
            // Older libvirt reports an agent's own error by this number; that there is no agent has numbers of its own.
            Error::Internal(detail) => Error::AgentRefused(detail),
            other => other,
        })
    }

    pub(crate) fn agent_response_timeout(&self, seconds: i32) -> Result<(), Error> {
        // SAFETY: a valid domain.
        self.check("virDomainAgentSetResponseTimeout", unsafe {
            self.library()
                .virDomainAgentSetResponseTimeout(self.as_ptr(), seconds, 0)
        })
    }

    pub(crate) fn screenshot(&self) -> Result<Screenshot, Error> {
        const CALL: &str = "virDomainScreenshot";
        let stream = RawStream::new(self.connection())?;
        // SAFETY: a valid domain and a stream of its connection; the result is ours to release.
        let mime_type = unsafe {
            let text = self
                .library()
                .virDomainScreenshot(self.as_ptr(), stream.as_ptr(), 0, 0);
            self.text(CALL, text, limits::NAME_BYTES)
        }?;
        let bytes = stream.receive(CALL, limits::SCREENSHOT_BYTES)?;
        Ok(Screenshot { mime_type, bytes })
    }

    pub(crate) fn nudge_pointer(&self) -> Result<(), Error> {
        let library = library::load_qemu()?;
        let command = to_c("monitor command", NUDGE, limits::DOCUMENT_BYTES)?;
        let mut answer = ptr::null_mut();
        // SAFETY: a valid domain, a string that outlives the call, and a place for the answer.
        let result = unsafe {
            library.virDomainQemuMonitorCommand(self.as_ptr(), command.as_ptr(), &mut answer, 0)
        };
        // SAFETY: null, or a string that libvirt allocated for us; nobody reads it.
        drop(unsafe { Owned::new(answer) });
        self.check("virDomainQemuMonitorCommand", result)
    }
}
