//! Whether the guest's SSH server answers, through the API server.

use std::time::Duration;

use anyhow::bail;
use futures::StreamExt;
use http::StatusCode;
use kube::Client;
use tokio_tungstenite::tungstenite::Message;

use crate::websocket::{self, Attempt};

/// The pause between two attempts, at first and at most.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a server may take for its greeting, once a connection is open.
const GREETING: Duration = Duration::from_secs(10);
/// How every SSH server begins.
const BANNER: &[u8] = b"SSH-";

/// Returns when a server has sent an SSH greeting.
///
/// # Errors
/// When the user may not forward ports.
pub(super) async fn answers(client: &Client, path: &str) -> anyhow::Result<()> {
    let mut pause = PAUSE;
    loop {
        match websocket::attempt(client, path).await {
            Ok(Attempt::Connected(mut stream)) => {
                if let Ok(true) = tokio::time::timeout(GREETING, greets(&mut stream)).await {
                    return Ok(());
                }
            }
            Ok(Attempt::Refused(refusal))
                if matches!(
                    refusal.status,
                    StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_IMPLEMENTED
                ) =>
            {
                bail!("{}", refusal.message)
            }
            Ok(Attempt::Refused(_)) | Err(_) => {}
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether the first bytes are those of an SSH server. They may come in pieces.
async fn greets(stream: &mut websocket::Stream) -> bool {
    let mut read = Vec::new();
    while let Some(Ok(message)) = stream.next().await {
        match message {
            Message::Binary(bytes) => read.extend_from_slice(&bytes),
            Message::Close(_) => return false,
            _ => {}
        }
        if read.len() >= BANNER.len() {
            return read.starts_with(BANNER);
        }
    }
    false
}
