//! One WebSocket that looks at a console.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::hub::{Attached, Ended};

/// How often the other end is asked whether it is still there.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// How long the other end may say nothing at all, not even a pong.
const SILENCE: Duration = Duration::from_secs(90);
/// How long the other end gets to take the close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest message a viewer may send, in bytes.
const MAX_MESSAGE: usize = 256 * 1024;

/// Carries bytes between an upgraded connection and a hub until one of them ends.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send>(stream: S, attached: Attached) {
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE))
        .max_write_buffer_size(2 * MAX_MESSAGE)
        .write_buffer_size(0);
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
    let (mut sink, mut frames) = socket.split();
    let Attached {
        mut output,
        input,
        mut ended,
    } = attached;
    let life = Life::new();

    let close = {
        let read = async {
            while let Some(Ok(message)) = frames.next().await {
                life.seen();
                let bytes = match message {
                    Message::Binary(bytes) => bytes,
                    Message::Text(text) => Bytes::from(text),
                    Message::Close(_) => return None,
                    // The library answers pings by itself.
                    Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
                };
                life.waiting.store(true, Ordering::Relaxed);
                let taken = input.send(bytes).await;
                life.waiting.store(false, Ordering::Relaxed);
                life.seen();
                if taken.is_err() {
                    return Some(Ended::GuestGone);
                }
            }
            None
        };
        let write = async {
            let mut ping = tokio::time::interval_at(Instant::now() + PING_INTERVAL, PING_INTERVAL);
            loop {
                let message = tokio::select! {
                    chunk = output.recv() => match chunk {
                        Some(chunk) => Message::Binary(chunk),
                        None => return,
                    },
                    _ = ping.tick() => Message::Ping(Bytes::new()),
                };
                if life.silent() || sink.send(message).await.is_err() {
                    return;
                }
            }
        };
        tokio::pin!(read, write);
        tokio::select! {
            close = &mut read => close,
            () = &mut write => ended.try_recv().ok(),
            reason = &mut ended => match reason {
                // What the guest said last is still in the queue: let the viewer have it.
                Ok(Ended::GuestGone) => {
                    let _ = tokio::time::timeout(CLOSE_TIMEOUT, write).await;
                    Some(Ended::GuestGone)
                }
                other => other.ok(),
            },
        }
    };
    let frame = close.map(|ended| CloseFrame {
        code: if ended == Ended::GuestGone {
            CloseCode::Normal
        } else {
            CloseCode::Again
        },
        reason: ended.reason().into(),
    });
    // The other end may be gone, then there is nobody to tell.
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, async {
        let _ = sink.send(Message::Close(frame)).await;
        // Wait for the other end's close frame, so that ours is not lost with the connection.
        while let Some(Ok(message)) = frames.next().await {
            if message.is_close() {
                break;
            }
        }
    })
    .await;
}

/// When the other end was last heard of.
struct Life {
    born: Instant,
    /// Milliseconds after `born`.
    last: AtomicU64,
    /// Input waits for the guest, so nothing is read from the other end, which is then not to blame for its silence.
    waiting: AtomicBool,
}

impl Life {
    fn new() -> Self {
        Self {
            born: Instant::now(),
            last: AtomicU64::new(0),
            waiting: AtomicBool::new(false),
        }
    }

    fn seen(&self) {
        let now = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }

    fn silent(&self) -> bool {
        let last = self.born + Duration::from_millis(self.last.load(Ordering::Relaxed));
        !self.waiting.load(Ordering::Relaxed) && last.elapsed() > SILENCE
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::{mpsc, oneshot};

    use super::*;

    #[tokio::test]
    async fn carries_both_ways_and_tells_why_it_ends() {
        let (server, client) = tokio::io::duplex(64 * 1024);
        let (to_viewer, output) = mpsc::channel(4);
        let (input, mut typed) = mpsc::channel(4);
        let (end, ended) = oneshot::channel();
        let task = tokio::spawn(serve(
            server,
            Attached {
                output,
                input,
                ended,
            },
        ));
        let mut client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;

        client
            .send(Message::Binary(Bytes::from_static(b"root\n")))
            .await
            .unwrap();
        assert_eq!(typed.recv().await.unwrap(), "root\n");
        to_viewer
            .send(Bytes::from_static(b"Password:"))
            .await
            .unwrap();
        assert_eq!(
            client.next().await.unwrap().unwrap(),
            Message::Binary(Bytes::from_static(b"Password:"))
        );

        to_viewer
            .send(Bytes::from_static(b"Power down"))
            .await
            .unwrap();
        end.send(Ended::GuestGone).unwrap();
        drop(to_viewer);
        assert_eq!(
            client.next().await.unwrap().unwrap(),
            Message::Binary(Bytes::from_static(b"Power down"))
        );
        let Message::Close(Some(frame)) = client.next().await.unwrap().unwrap() else {
            panic!("no close frame")
        };
        assert_eq!(frame.reason, "the virtual machine has stopped");
        // Answers the close.
        assert!(client.next().await.is_none());
        tokio::time::timeout(Duration::from_secs(10), task)
            .await
            .unwrap()
            .unwrap();
    }
}
