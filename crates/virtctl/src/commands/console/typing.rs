//! What the user types. It is read all the time, so that the escape works even while nothing can be sent.

use std::sync::Arc;

use futures::FutureExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, SimplexStream, WriteHalf};
use tokio::sync::Notify;

/// Ctrl+] or Ctrl+5.
const ESCAPE: u8 = 0x1d;
const BUFFER: usize = 4096;
/// What waits to be sent, in bytes.
const PENDING: usize = 64 * 1024;

/// What was typed and is to be sent, and the user's wish to leave.
pub(super) struct Typing {
    /// The bytes; it ends with the input.
    pub(super) bytes: tokio::io::ReadHalf<SimplexStream>,
    /// Notified when the escape is typed.
    pub(super) leave: Arc<Notify>,
}

/// Starts to read. From a terminal, what is typed while 64 KiB wait to be sent is lost; a pipe waits.
pub(super) fn start(input: impl AsyncRead + Unpin + Send + 'static, terminal: bool) -> Typing {
    let (bytes, sink) = tokio::io::simplex(PENDING);
    let leave = Arc::new(Notify::new());
    tokio::spawn(read(input, sink, Arc::clone(&leave), terminal));
    Typing { bytes, leave }
}

async fn read(
    mut input: impl AsyncRead + Unpin,
    mut sink: WriteHalf<SimplexStream>,
    left: Arc<Notify>,
    terminal: bool,
) {
    let mut buffer = [0_u8; BUFFER];
    // An input that cannot be read has ended as far as the console is concerned.
    while let Ok(count @ 1..) = input.read(&mut buffer).await {
        let (typed, leave) = until_escape(buffer.get(..count).unwrap_or_default());
        let written = sink.write_all(typed);
        if terminal || leave {
            // Whether it fits or not: the next key may be the escape.
            let _ = written.now_or_never();
        } else if written.await.is_err() {
            return;
        }
        if leave {
            left.notify_one();
            return;
        }
    }
    let _ = sink.shutdown().await;
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

    #[tokio::test]
    async fn the_escape_is_seen_while_nothing_can_be_sent() {
        let mut typed = vec![b'x'; 3 * PENDING];
        typed.push(ESCAPE);
        let typing = start(std::io::Cursor::new(typed), true);
        typing.leave.notified().await;
    }

    #[tokio::test]
    async fn a_pipe_is_sent_whole() {
        let piped = vec![b'x'; 3 * PENDING];
        let mut typing = start(std::io::Cursor::new(piped), false);
        let mut sent = Vec::new();
        typing.bytes.read_to_end(&mut sent).await.unwrap();
        assert_eq!(sent.len(), 3 * PENDING);
    }
}
