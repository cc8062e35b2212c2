//! `console`: the guest's serial console in the user's terminal.
//!
//! Bytes go both ways unchanged, in binary WebSocket messages (sub-protocol `plain.kubevirt.io`). Ctrl+] (or Ctrl+5), byte
//! 0x1d, ends the session and is not sent. Standard input may be a terminal, which is put into raw mode, a pty of a script, a
//! pipe or `/dev/null`; the end of a pipe ends the typing, not the session.

mod connect;
mod terminal;

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

use crate::cli::Connection;
use crate::client;

const ESCAPE: u8 = 0x1d;
const BUFFER: usize = 4096;

/// `virtctl console`.
#[derive(Debug, Args)]
pub(crate) struct Console {
    /// Name of the VirtualMachineInstance.
    #[arg(value_name = "VMI")]
    pub(crate) name: String,
    /// Minutes to wait for the virtual machine to run.
    #[arg(long, default_value_t = 5, value_name = "MINUTES", value_parser = clap::value_parser!(u64).range(0..=1440))]
    pub(crate) timeout: u64,
}

/// `virtctl console VMI`.
pub(crate) async fn run(flags: &Connection, arguments: &Console) -> anyhow::Result<()> {
    let cluster = client::connect(flags).await?;
    let limit = Instant::now() + Duration::from_secs(arguments.timeout.saturating_mul(60));
    let stream = connect::until(&cluster, &arguments.name, limit).await?;
    eprintln!(
        "Successfully connected to {} console. Press Ctrl+] or Ctrl+5 to exit console.",
        arguments.name
    );
    let raw = terminal::Raw::enable().context("cannot put the terminal into raw mode")?;
    let ended = relay(stream).await;
    drop(raw);
    if let Some(reason) = ended? {
        eprintln!("\nThe console was closed: {reason}");
    }
    Ok(())
}

/// Copies until the user leaves (`None`) or the other side closes (its reason).
async fn relay(stream: connect::Stream) -> anyhow::Result<Option<String>> {
    let (mut sink, mut source) = stream.split();
    let mut input = tokio::io::stdin();
    let mut output = tokio::io::stdout();
    let mut buffer = [0_u8; BUFFER];
    let mut typing = true;
    loop {
        tokio::select! {
            read = input.read(&mut buffer), if typing => match read.context("cannot read the standard input")? {
                0 => typing = false,
                count => {
                    let typed = buffer.get(..count).unwrap_or_default();
                    let (bytes, leave) = until_escape(typed);
                    if !bytes.is_empty() {
                        sink.send(Message::Binary(bytes.to_vec().into())).await.context("the connection broke")?;
                    }
                    if leave {
                        // The answer to a close is not waited for: the user has left.
                        let _ = tokio::time::timeout(Duration::from_secs(1), sink.close()).await;
                        return Ok(None);
                    }
                }
            },
            message = source.next() => match message {
                Some(Ok(Message::Binary(bytes))) => {
                    output.write_all(&bytes).await.context("cannot write to the standard output")?;
                    output.flush().await.context("cannot write to the standard output")?;
                }
                Some(Ok(Message::Close(frame))) => {
                    let reason = frame.map(|frame| frame.reason.to_string()).filter(|reason| !reason.is_empty());
                    return Ok(Some(reason.unwrap_or_else(|| "the virtual machine's side ended it".to_owned())));
                }
                // Pings are answered by the library; text is no part of the protocol.
                Some(Ok(_)) => {}
                Some(Err(error)) => bail!("the connection to the console broke: {error}; run the command again"),
                None => bail!("the connection to the console ended without a word; run the command again"),
            },
        }
    }
}

/// What was typed before the escape byte, and whether it was there.
fn until_escape(typed: &[u8]) -> (&[u8], bool) {
    match typed.iter().position(|byte| *byte == ESCAPE) {
        Some(position) => (typed.get(..position).unwrap_or_default(), true),
        None => (typed, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_ends_at_the_escape() {
        assert_eq!(until_escape(b"ls\n"), (&b"ls\n"[..], false));
        assert_eq!(until_escape(b"ls\x1drm"), (&b"ls"[..], true));
        assert_eq!(until_escape(b"\x1d"), (&b""[..], true));
    }
}
