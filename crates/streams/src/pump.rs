//! One direction of a relay.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};

use crate::scratch::poll_read;

/// Copies from one connection to another. Between two reads it holds nothing but what could not be written.
pub(crate) struct Pump<'a, R, W> {
    from: R,
    to: W,
    /// Read and not written yet: at most one read.
    rest: Vec<u8>,
    /// How much of `rest` was written.
    written: usize,
    unflushed: bool,
    ended: bool,
    stall: &'a Stall,
}

/// How a direction is getting on, for whoever watches it.
#[derive(Debug, Default)]
pub(crate) struct Stall {
    /// Writes that went through, and the lowest bit: a write waits.
    state: AtomicU64,
}

impl Stall {
    fn went_on(&self) {
        let count = self.state.load(Ordering::Relaxed) & !1;
        self.state.store(count.wrapping_add(2), Ordering::Relaxed);
    }

    fn waits(&self) {
        self.state.fetch_or(1, Ordering::Relaxed);
    }

    /// The count of writes while one waits. The same twice: nothing was taken in between.
    pub(crate) fn waiting(&self) -> Option<u64> {
        let state = self.state.load(Ordering::Relaxed);
        (state & 1 == 1).then_some(state)
    }
}

impl<'a, R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Pump<'a, R, W> {
    pub(crate) fn new(from: R, to: W, stall: &'a Stall) -> Self {
        Self {
            from,
            to,
            rest: Vec::new(),
            written: 0,
            unflushed: false,
            ended: false,
            stall,
        }
    }

    /// Copies until `from` has ended and `to` has been told so; returns the writer then.
    pub(crate) async fn run(mut self) -> io::Result<()> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_rest(context))?;
            if self.ended {
                ready!(Pin::new(&mut self.to).poll_flush(context))?;
                return Pin::new(&mut self.to).poll_shutdown(context);
            }
            let Self {
                from,
                to,
                rest,
                stall,
                ..
            } = self;
            let read = poll_read(from, context, |bytes, context| {
                if bytes.is_empty() {
                    return Ok(true);
                }
                let count = match Pin::new(to).poll_write(context, bytes) {
                    Poll::Ready(count) => count?,
                    Poll::Pending => 0,
                };
                stall.went_on();
                rest.extend_from_slice(bytes.get(count..).unwrap_or_default());
                Ok::<_, io::Error>(false)
            });
            match read {
                Poll::Ready(outcome) => {
                    self.ended = outcome??;
                    self.unflushed = !self.ended;
                }
                Poll::Pending => {
                    if self.unflushed {
                        self.stall.waits();
                        ready!(Pin::new(&mut self.to).poll_flush(context))?;
                        self.stall.went_on();
                        self.unflushed = false;
                    }
                    return Poll::Pending;
                }
            }
        }
    }

    /// Writes what could not be written before.
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self
            .rest
            .get(self.written..)
            .filter(|rest| !rest.is_empty())
        {
            self.stall.waits();
            let count = ready!(Pin::new(&mut self.to).poll_write(context, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.stall.went_on();
            self.written += count;
        }
        self.rest = Vec::new();
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}
