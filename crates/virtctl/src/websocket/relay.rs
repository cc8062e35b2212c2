//! Carries bytes between a stream and something local: a terminal, a socket, a pipe.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::{Closing, Stream};

/// What is read from the local side at once, in bytes: the size that all of KubeVirt's streams use.
const BUFFER: usize = 10240;
/// How often the other side is pinged. Middle boxes forget connections after minutes of silence.
const PING: Duration = Duration::from_secs(30);
/// The other side is gone when nothing, not even a pong, came for so long.
const SILENCE: Duration = Duration::from_secs(95);
/// How long the other side's Close frame may be on its way after a message could not be sent.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long our own Close frame may take.
const CLOSE: Duration = Duration::from_millis(500);

/// What the end of the local input means. A WebSocket has no half-closed state: its Close ends both directions.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AfterEnd {
    /// The local side has left.
    Close,
    /// The local side may still read: the stream stays until nothing has come for so long.
    Linger(Duration),
    /// The local side only has nothing to say.
    Stay,
}

/// Which side ended a stream.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The local side's input ended.
    Local,
    /// The other side.
    Remote(Closing),
}

/// Copies `from` into the stream and the stream into `to` until one side ends. The stream is then closed.
///
/// # Errors
/// When the local side cannot be read or written.
pub(crate) async fn relay<R, W>(
    stream: &mut Stream,
    from: &mut R,
    to: &mut W,
    after_end: AfterEnd,
) -> io::Result<Ended>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let life = Life::new();
    let (mut sink, mut source) = StreamExt::split(&mut *stream);
    let sending = async {
        let mut buffer = vec![0_u8; BUFFER];
        let mut ping = tokio::time::interval_at(Instant::now() + PING, PING);
        let mut linger: Option<Duration> = None;
        let mut open = true;
        loop {
            let message = tokio::select! {
                read = from.read(&mut buffer), if open => match read? {
                    0 => {
                        open = false;
                        match after_end {
                            AfterEnd::Close => return io::Result::Ok(Ended::Local),
                            AfterEnd::Linger(limit) => {
                                life.heard();
                                linger = Some(limit);
                            }
                            AfterEnd::Stay => {}
                        }
                        continue;
                    }
                    count => Message::Binary(Bytes::copy_from_slice(buffer.get(..count).unwrap_or_default())),
                },
                _ = ping.tick() => {
                    if life.silent() {
                        let reason = format!("nothing came from the server for {}s", SILENCE.as_secs());
                        return Ok(Ended::Remote(Closing::broken(reason)));
                    }
                    Message::Ping(Bytes::new())
                },
                () = life.quiet_for(linger.unwrap_or_default()), if linger.is_some() => return Ok(Ended::Local),
            };
            if let Err(error) = sink.send(message).await {
                // The other half of the loop may be about to read why.
                tokio::time::sleep(LAST_WORDS).await;
                return Ok(Ended::Remote(Closing::broken(error.to_string())));
            }
        }
    };
    let receiving = async {
        loop {
            match source.next().await {
                Some(Ok(Message::Binary(bytes))) => {
                    life.writing.store(true, Ordering::Relaxed);
                    to.write_all(&bytes).await?;
                    to.flush().await?;
                    life.writing.store(false, Ordering::Relaxed);
                    life.heard();
                }
                Some(Ok(Message::Close(frame))) => {
                    return io::Result::Ok(Ended::Remote(Closing::told(frame)));
                }
                // The library answers pings by itself; text is no part of the protocol.
                Some(Ok(_)) => life.seen(),
                Some(Err(error)) => return Ok(Ended::Remote(Closing::broken(error.to_string()))),
                None => {
                    return Ok(Ended::Remote(Closing::broken(
                        "the server hung up without a word",
                    )));
                }
            }
        }
    };
    let ended = tokio::select! {
        ended = sending => ended,
        ended = receiving => ended,
    };
    drop((sink, source));
    close(stream).await;
    ended
}

/// Says goodbye. The other side's answer is not waited for.
pub(crate) async fn close(stream: &mut Stream) {
    // When the connection is broken there is nobody to tell.
    let _ = tokio::time::timeout(CLOSE, stream.close(None)).await;
}

/// When the other side was last heard of.
struct Life {
    born: Instant,
    /// Milliseconds after `born` of the last message of any kind.
    seen: AtomicU64,
    /// Milliseconds after `born` of the last bytes of the stream.
    heard: AtomicU64,
    /// The local side takes its time, so nothing is read from the other side, which is then not to blame for its silence.
    writing: AtomicBool,
}

impl Life {
    fn new() -> Self {
        Self {
            born: Instant::now(),
            seen: AtomicU64::new(0),
            heard: AtomicU64::new(0),
            writing: AtomicBool::new(false),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn seen(&self) {
        self.seen.store(self.now(), Ordering::Relaxed);
    }

    fn heard(&self) {
        self.heard.store(self.now(), Ordering::Relaxed);
        self.seen();
    }

    fn silent(&self) -> bool {
        let last = self.born + Duration::from_millis(self.seen.load(Ordering::Relaxed));
        !self.writing.load(Ordering::Relaxed) && last.elapsed() > SILENCE
    }

    /// Waits until no bytes of the stream have come for `limit`.
    async fn quiet_for(&self, limit: Duration) {
        loop {
            let end = self.born + Duration::from_millis(self.heard.load(Ordering::Relaxed)) + limit;
            if end <= Instant::now() && !self.writing.load(Ordering::Relaxed) {
                return;
            }
            let pause = Instant::now() + Duration::from_millis(100);
            tokio::time::sleep_until(end.max(pause)).await;
        }
    }
}
