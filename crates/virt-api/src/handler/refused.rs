//! What virt-handler refused, as an answer of ours.

use http::StatusCode;

use crate::status::Refusal;

/// Codes that virt-handler means for whoever asked; others are failures of ours.
const PASSED_ON: [u16; 5] = [400, 404, 409, 422, 503];

/// Most bytes of a message that are passed on.
const MESSAGE: usize = 4096;

/// `text` is the body: a `Status` or plain text.
pub(super) fn refused(code: StatusCode, text: &str, node: &str) -> Refusal {
    let text = text.trim();
    let message = serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|status| Some(status.get("message")?.as_str()?.to_owned()))
        .unwrap_or_else(|| text.to_owned());
    let message = match message.floor_char_boundary(MESSAGE) {
        0 => format!("virt-handler of node {node:?} answered {code}"),
        end if end < message.len() => format!("{}...", &message[..end]),
        _ => message,
    };
    if PASSED_ON.contains(&code.as_u16()) {
        Refusal::new(code, message)
    } else {
        Refusal::internal(message)
    }
}
