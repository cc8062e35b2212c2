//! The user's terminal at a container's.

use std::time::Duration;

use anyhow::{Context, bail};
use futures::{SinkExt, StreamExt};
use kube::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::signal::unix::{SignalKind, signal};
use tokio_tungstenite::tungstenite::Message;

use super::{PROTOCOLS, connect};
use crate::commands::console::terminal::Raw;
use crate::objects;

const INPUT: u8 = 0;
const OUTPUT: u8 = 1;
const ERRORS: u8 = 2;
/// How it ended, as a Status.
const STATUS: u8 = 3;
const RESIZE: u8 = 4;
const BUFFER: usize = 4096;
/// Some middle boxes forget connections that are silent.
const PING: Duration = Duration::from_secs(30);

/// Attaches standard input and output to the container until it ends. Its terminal follows the size of the user's.
pub(crate) async fn attach(
    client: &Client,
    namespace: &str,
    pod: &str,
    container: &str,
) -> anyhow::Result<()> {
    let path = objects::path("/api/v1", namespace, "pods", Some(pod))?;
    let path =
        format!("{path}/attach?container={container}&stdin=true&stdout=true&stderr=false&tty=true");
    let stream = connect(client, &path, PROTOCOLS)
        .await
        .context("cannot attach to the pod")?;
    let raw = Raw::enable().context("cannot put the terminal into raw mode")?;
    let ended = relay(stream).await;
    drop(raw);
    ended
}

async fn relay(stream: crate::websocket::Stream) -> anyhow::Result<()> {
    let (mut sink, mut source) = stream.split();
    let (mut input, mut output) = (tokio::io::stdin(), tokio::io::stdout());
    let mut resized =
        signal(SignalKind::window_change()).context("cannot follow the terminal's size")?;
    let mut ping = tokio::time::interval(PING);
    let mut buffer = [0_u8; BUFFER];
    let mut typing = true;
    if let Some(size) = size() {
        sink.send(size).await.context("the connection broke")?;
    }
    loop {
        let message = tokio::select! {
            read = input.read(&mut buffer), if typing => match read.context("cannot read the standard input")? {
                0 => {
                    typing = false;
                    continue;
                }
                count => channel(INPUT, buffer.get(..count).unwrap_or_default()),
            },
            _ = resized.recv() => match size() {
                Some(size) => size,
                None => continue,
            },
            _ = ping.tick() => Message::Ping(Vec::new().into()),
            received = source.next() => {
                let bytes = match received {
                    Some(Ok(Message::Binary(bytes))) => bytes,
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(Ok(_)) => continue,
                    Some(Err(error)) => return Err(error).context("the connection to the pod broke"),
                };
                match bytes.split_first() {
                    Some((&(OUTPUT | ERRORS), data)) => {
                        output.write_all(data).await.context("cannot write to the standard output")?;
                        output.flush().await.context("cannot write to the standard output")?;
                    }
                    Some((&STATUS, data)) => return status(data),
                    _ => {}
                }
                continue;
            }
        };
        sink.send(message)
            .await
            .context("the connection to the pod broke")?;
    }
}

fn channel(channel: u8, data: &[u8]) -> Message {
    let mut message = Vec::with_capacity(data.len() + 1);
    message.push(channel);
    message.extend_from_slice(data);
    Message::Binary(message.into())
}

/// The terminal's size as a message, if there is a terminal.
fn size() -> Option<Message> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    let size = json!({ "Width": size.ws_col, "Height": size.ws_row });
    Some(channel(RESIZE, size.to_string().as_bytes()))
}

fn status(data: &[u8]) -> anyhow::Result<()> {
    let status: Value =
        serde_json::from_slice(data).context("the end of the session is no Status")?;
    match objects::text(&status, "/status") {
        "Success" => Ok(()),
        _ => bail!("the session ended: {}", objects::text(&status, "/message")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_told() {
        assert!(status(br#"{"status":"Success"}"#).is_ok());
        let error = status(br#"{"status":"Failure","message":"exit code 1"}"#).unwrap_err();
        assert!(error.to_string().contains("exit code 1"));
    }

    #[test]
    fn a_message_begins_with_its_channel() {
        assert_eq!(channel(INPUT, b"ls").into_data().as_ref(), b"\0ls");
    }
}
