//! The body of a request, as bytes at hand or as they are written by a thread.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::sync::mpsc;

/// What is given to the connection at once.
const CHUNK: usize = 256 << 10;
/// Chunks that wait for the connection: with [`CHUNK`] the bound of an upload's memory.
const WAITING: usize = 4;

/// When a body last made progress.
#[derive(Clone, Debug)]
pub(crate) struct Pulse(Arc<Mutex<(Instant, bool)>>);

impl Pulse {
    fn new() -> Self {
        Self(Arc::new(Mutex::new((Instant::now(), false))))
    }

    fn beat(&self, ended: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (Instant::now(), ended);
    }

    /// How long ago the connection last took something.
    pub(crate) fn idle(&self) -> Duration {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .elapsed()
    }

    /// Whether the connection has taken all.
    pub(crate) fn ended(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}

enum Source {
    Bytes(Option<Bytes>),
    Channel(mpsc::Receiver<io::Result<Bytes>>, Pulse),
}

/// A request's body.
pub(crate) struct Outgoing(Source);

impl Outgoing {
    /// A body that is there already.
    pub(crate) fn bytes(bytes: Bytes) -> Self {
        Self(Source::Bytes((!bytes.is_empty()).then_some(bytes)))
    }

    /// A body that is what a thread writes to the [`Writer`], which must be finished or dropped after a failure.
    pub(crate) fn channel() -> (Writer, Self, Pulse) {
        let (sender, receiver) = mpsc::channel(WAITING);
        let pulse = Pulse::new();
        let writer = Writer {
            sender,
            buffer: Vec::with_capacity(CHUNK),
        };
        (
            writer,
            Self(Source::Channel(receiver, pulse.clone())),
            pulse,
        )
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut self.0 {
            Source::Bytes(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Source::Channel(receiver, pulse) => {
                receiver.poll_recv(context).map(|received| match received {
                    // An empty chunk is the mark of a good end; without it the writer broke off.
                    Some(Ok(bytes)) if bytes.is_empty() => {
                        pulse.beat(true);
                        None
                    }
                    Some(Ok(bytes)) => {
                        pulse.beat(false);
                        Some(Ok(Frame::data(bytes)))
                    }
                    Some(Err(error)) => Some(Err(error)),
                    None => Some(Err(io::Error::other("the data broke off"))),
                })
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Source::Bytes(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Source::Bytes(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Source::Channel(..) => SizeHint::default(),
        }
    }
}

/// The end of a body that a thread (never the runtime itself) writes to. A write waits while the connection is slower, and
/// fails when it is gone.
pub(crate) struct Writer {
    sender: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
}

impl Writer {
    fn pass(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        self.send(chunk.into())
    }

    fn send(&self, chunk: Bytes) -> io::Result<()> {
        self.sender
            .blocking_send(Ok(chunk))
            .map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the connection is gone"))
    }

    /// Ends the body well.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.pass()?;
        self.send(Bytes::new())
    }
}

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = CHUNK.saturating_sub(self.buffer.len()).min(bytes.len());
        let (now, _) = bytes.split_at(room);
        self.buffer.extend_from_slice(now);
        if self.buffer.len() >= CHUNK {
            self.pass()?;
        }
        Ok(now.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass()
    }
}
