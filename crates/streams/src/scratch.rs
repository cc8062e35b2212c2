//! Reading without a buffer of one's own: what is silent should hold no memory.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio_tungstenite::tungstenite::Bytes;

/// What is read at once, in bytes: the most that a TLS record holds.
const SIZE: usize = 16 * 1024;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; SIZE].into_boxed_slice());
}

/// Reads into the thread's scratch space and gives `take` what came; nothing when `from` has ended.
pub(crate) fn poll_read<R: AsyncRead + Unpin, T>(
    from: &mut R,
    context: &mut Context<'_>,
    take: impl FnOnce(&[u8], &mut Context<'_>) -> T,
) -> Poll<io::Result<T>> {
    SCRATCH.with(|scratch| {
        // Taken already only if a reader's poll_read reads by way of here, which none does.
        let mut own;
        let mut shared = scratch.try_borrow_mut();
        let space: &mut [u8] = match &mut shared {
            Ok(shared) => shared,
            Err(_) => {
                own = [0; 1024];
                &mut own
            }
        };
        let mut buffer = ReadBuf::new(space);
        ready!(Pin::new(from).poll_read(context, &mut buffer))?;
        Poll::Ready(Ok(take(buffer.filled(), context)))
    })
}

/// What comes next from `from`; empty at its end. Nothing is lost when this is given up before it is done.
///
/// # Errors
/// What reading says.
pub async fn read_some<R: AsyncRead + Unpin>(from: &mut R) -> io::Result<Bytes> {
    poll_fn(|context| poll_read(from, context, |bytes, _| Bytes::copy_from_slice(bytes))).await
}
