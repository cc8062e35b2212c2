//! Pictures of a guest's screen.

use std::time::Duration;

use kubevirt_libvirt::Screenshot;
use tokio::sync::Semaphore;

use super::refusal::Refusal;
use crate::guest::{Guest, words};

/// What a PNG file begins with.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Pictures that are taken on this node at once: each may take 16 MiB.
const AT_ONCE: usize = 2;
/// How long a request waits for others' pictures.
const TURN: Duration = Duration::from_secs(5);
/// How long a guest gets to light its screen up.
const LIGHT_UP: Duration = Duration::from_millis(300);

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// A picture of the guest's screen as a PNG file, on demand after its pointer was moved.
pub(super) async fn picture(guest: Guest, move_cursor: bool) -> Result<Vec<u8>, Refusal> {
    let name = guest.instance.metadata.name.clone().unwrap_or_default();
    let devices = &guest.instance.spec.domain.devices;
    if devices.autoattach_graphics_device == Some(false) {
        return Err(Refusal::BadRequest(format!(
            "virtualmachineinstance {name} has no screen because spec.domain.devices.autoattachGraphicsDevice is false"
        )));
    }
    let Ok(Ok(_turn)) = tokio::time::timeout(TURN, TURNS.acquire()).await else {
        return Err(Refusal::Conflict {
            name,
            why: "has to wait for other pictures that are taken on its node; try again later",
        });
    };
    if move_cursor {
        match guest.domain.nudge_pointer().await {
            Ok(()) => tokio::time::sleep(LIGHT_UP).await,
            // A picture of a dark screen is better than none.
            Err(error) => {
                tracing::debug!(
                    name,
                    error = words::message(&error),
                    "the pointer was not moved"
                );
            }
        }
    }
    let taken = guest.domain.screenshot().await;
    let taken = taken.map_err(|error| Refusal::Libvirt {
        name: name.clone(),
        error,
    })?;
    png(taken).map_err(|message| Refusal::Failed { name, message })
}

fn png(taken: Screenshot) -> Result<Vec<u8>, String> {
    if taken.bytes.starts_with(PNG) {
        return Ok(taken.bytes);
    }
    Err(format!(
        "QEMU took a picture of type {:?}, not image/png; its version must be 7.1 or newer and know PNG",
        words::clean(&taken.mime_type)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_png_is_passed_on() {
        let picture = |bytes: &[u8]| {
            png(Screenshot {
                mime_type: "image/x-portable-pixmap\n".to_owned(),
                bytes: bytes.to_vec(),
            })
        };
        assert!(picture(b"\x89PNG\r\n\x1a\nrest").is_ok());
        let error = picture(b"P6 1 1 255 ...").unwrap_err();
        assert!(error.contains("\"image/x-portable-pixmap\""), "{error}");
        assert!(picture(b"").is_err());
    }
}
