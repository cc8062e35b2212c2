//! A socket as the guest's end of a stream.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Bytes;

use crate::scratch::read_some;
use crate::{Ending, Sink, Source};

/// How long what was sent last may take to be taken.
const FINISH: Duration = Duration::from_secs(5);
/// How much the other end may say after we have ended, in bytes.
const LATE: usize = 1024 * 1024;

/// The halves of a socket as source and sink. `closed` is what its end means.
pub fn duplex<R, W>(read: R, write: W, closed: Ending) -> (Input<R>, Output<W>) {
    let input = Input {
        read,
        closed: closed.clone(),
    };
    (input, Output { write, closed })
}

/// The reading half.
#[derive(Debug)]
pub struct Input<R> {
    read: R,
    closed: Ending,
}

impl<R: AsyncRead + Unpin + Send> Source for Input<R> {
    async fn next(&mut self) -> Result<Bytes, Ending> {
        match read_some(&mut self.read).await {
            Ok(bytes) if bytes.is_empty() => Err(self.closed.clone()),
            Ok(bytes) => Ok(bytes),
            Err(error) => {
                tracing::debug!(%error, "a guest's connection broke");
                Err(match self.closed {
                    Ending::FINISHED => Ending::BROKEN,
                    _ => self.closed.clone(),
                })
            }
        }
    }
}

/// The writing half.
#[derive(Debug)]
pub struct Output<W> {
    write: W,
    closed: Ending,
}

impl<W: AsyncWrite + Unpin + Send> Sink for Output<W> {
    async fn put(&mut self, bytes: Bytes) -> Result<(), Ending> {
        let written = async {
            self.write.write_all(&bytes).await?;
            self.write.flush().await
        };
        written.await.map_err(|error| {
            tracing::debug!(%error, "a guest's connection broke");
            match self.closed {
                Ending::FINISHED => Ending::BROKEN,
                _ => self.closed.clone(),
            }
        })
    }

    async fn finish(&mut self) {
        // It may be gone already.
        let _ = tokio::time::timeout(FINISH, self.write.shutdown()).await;
    }
}

/// Reads what still comes after we have ended our half, for a moment: closing a TCP socket with unread bytes would reset the
/// connection and destroy what we sent last.
pub async fn drain<R: AsyncRead + Unpin>(input: &mut Input<R>, limit: Duration) {
    let reading = async {
        let mut late = 0;
        while late < LATE {
            match read_some(&mut input.read).await {
                Ok(bytes) if !bytes.is_empty() => late += bytes.len(),
                _ => return,
            }
        }
    };
    let _ = tokio::time::timeout(limit, reading).await;
}
