//! One WebSocket between a client and a guest.

use std::pin::pin;
use std::time::Duration;

use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_util::sync::CancellationToken;

use crate::Ending;
use crate::life::{Life, PING, during};

/// How long the other end gets to take the Close frame and to answer it.
const CLOSE: Duration = Duration::from_secs(5);
/// The same at shutdown and for one that says nothing.
const HURRIED: Duration = Duration::from_secs(1);
/// The longest message a client may send, in bytes: more than any datagram.
const MESSAGE: usize = 128 * 1024;
/// What the library reads at once, in bytes; each connection holds that much.
const READ: usize = 4 * 1024;

/// Where a stream's bytes for the client come from.
pub trait Source: Send {
    /// The next bytes, or why there are no more. Nothing may be lost when this is given up before it is done.
    fn next(&mut self) -> impl Future<Output = Result<Bytes, Ending>> + Send;
}

/// Where the client's bytes go. Each call is one message.
pub trait Sink: Send {
    /// Takes bytes; waits while the guest does not.
    fn put(&mut self, bytes: Bytes) -> impl Future<Output = Result<(), Ending>> + Send;

    /// The client has nothing more to say.
    fn finish(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// Why a session is over.
enum Over {
    /// The client closed it, or is gone.
    Client,
    /// The guest's side ended, and all it said was sent.
    Guest(Ending),
    /// The guest's side takes nothing any more; it may still have something to say.
    Refused(Ending),
    /// We end it, and the client gets a second to hear why.
    Ours(Ending),
}

/// Carries bytes between an upgraded connection and the guest until one of them ends, the client is gone (noticed within
/// 30 s) or `shutdown`. The client is told why in the Close frame.
///
/// A WebSocket has no half-closed state for what comes after a Close: when the guest ends first, what the client has already
/// sent still reaches it.
pub async fn serve<S, F, T>(
    stream: S,
    source: &mut F,
    sink: &mut T,
    shutdown: &CancellationToken,
) -> Option<Ending>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    F: Source,
    T: Sink,
{
    let config = WebSocketConfig::default()
        .read_buffer_size(READ)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * MESSAGE)
        .max_message_size(Some(MESSAGE))
        .max_frame_size(Some(MESSAGE));
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
    let (mut to_client, mut from_client) = socket.split();
    let life = Life::new();

    let over = {
        let mut read = Box::pin(receive(&mut from_client, sink, &life));
        let over = {
            let mut write = pin!(send(&mut to_client, source, &life));
            tokio::select! {
                over = &mut read => match over {
                    Over::Refused(ending) => {
                        let last = timeout(CLOSE, write).await;
                        Over::Ours(last.ok().flatten().unwrap_or(ending))
                    }
                    over => over,
                },
                ending = &mut write => ending.map_or(Over::Client, Over::Guest),
                () = life.watch() => Over::Ours(Ending::SILENT),
                () = shutdown.cancelled() => Over::Ours(Ending::RESTART),
            }
        };
        if let Over::Guest(ending) = &over {
            // What is on its way to the guest gets there, until the client answers the Close.
            let _ = timeout(CLOSE, async {
                let _ = to_client.send(Message::Close(Some(ending.frame()))).await;
                read.await;
            })
            .await;
        }
        over
    };
    let ending = match over {
        Over::Client => None,
        Over::Guest(ending) => Some(ending),
        Over::Ours(ending) | Over::Refused(ending) => {
            // The other end may be gone, then there is nobody to tell.
            let _ = timeout(HURRIED, async {
                let _ = to_client.send(Message::Close(Some(ending.frame()))).await;
                // Its answer, so that our frame is not lost with the connection.
                while let Some(Ok(message)) = from_client.next().await {
                    if message.is_close() {
                        break;
                    }
                }
            })
            .await;
            Some(ending)
        }
    };
    sink.finish().await;
    ending
}

/// Takes what the client sends.
async fn receive<S, T>(
    from_client: &mut SplitStream<WebSocketStream<S>>,
    sink: &mut T,
    life: &Life,
) -> Over
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    T: Sink,
{
    while let Some(Ok(message)) = from_client.next().await {
        life.heard();
        match message {
            Message::Binary(bytes) if !bytes.is_empty() => {
                let taken = during(&life.holding, sink.put(bytes)).await;
                life.heard();
                if let Err(ending) = taken {
                    return Over::Refused(ending);
                }
            }
            Message::Close(_) => break,
            // The library answers pings by itself.
            _ => {}
        }
    }
    Over::Client
}

/// Gives the client what the guest says, and pings. None when the client is gone.
async fn send<S, F>(
    to_client: &mut SplitSink<WebSocketStream<S>, Message>,
    source: &mut F,
    life: &Life,
) -> Option<Ending>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    F: Source,
{
    let mut ping = tokio::time::interval_at(Instant::now() + PING, PING);
    ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            next = source.next() => match next {
                Ok(bytes) => Message::Binary(bytes),
                Err(ending) => return Some(ending),
            },
            _ = ping.tick() => Message::Ping(Bytes::new()),
        };
        during(&life.pushing, to_client.send(message)).await.ok()?;
    }
}

#[cfg(test)]
mod tests;
