//! A stream of bytes from libvirt's daemon, as C sees it. Every method may block.

use std::ffi::c_char;
use std::ptr::NonNull;

use virt_sys as sys;

use crate::Error;
use crate::library::Library;
use crate::raw::RawConnection;

/// What is received at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// An open stream; dropping it gives up what was not received.
pub(crate) struct RawStream<'a> {
    connection: &'a RawConnection,
    pointer: NonNull<sys::virStream>,
    /// It has come to its end, one way or the other.
    ended: bool,
}

impl<'a> RawStream<'a> {
    /// A stream that a call can fill.
    pub(crate) fn new(connection: &'a RawConnection) -> Result<Self, Error> {
        // SAFETY: an open connection; 0 makes a stream whose functions block.
        let pointer = unsafe { connection.library().virStreamNew(connection.as_ptr(), 0) };
        let pointer = NonNull::new(pointer).ok_or_else(|| connection.error("virStreamNew"))?;
        Ok(Self {
            connection,
            pointer,
            ended: false,
        })
    }

    fn library(&self) -> &'static Library {
        self.connection.library()
    }

    /// The stream as libvirt's functions take it, valid as long as this value lives.
    pub(crate) fn as_ptr(&self) -> sys::virStreamPtr {
        self.pointer.as_ptr()
    }

    /// Receives all until the end. `call` names what filled the stream, in the error about more than `limit` bytes.
    pub(crate) fn receive(mut self, call: &'static str, limit: usize) -> Result<Vec<u8>, Error> {
        let mut received = Vec::new();
        let mut chunk = vec![0_u8; CHUNK];
        loop {
            // SAFETY: a valid stream and a buffer of the length that is given.
            let count = unsafe {
                self.library().virStreamRecv(
                    self.as_ptr(),
                    chunk.as_mut_ptr().cast::<c_char>(),
                    chunk.len(),
                )
            };
            if count < 0 {
                return Err(self.connection.error("virStreamRecv"));
            }
            // More than the buffer has cannot be; if it could, it would be nothing to take.
            let part = usize::try_from(count)
                .ok()
                .and_then(|count| chunk.get(..count))
                .unwrap_or_default();
            if part.is_empty() {
                break;
            }
            if received.len() + part.len() > limit {
                return Err(Error::TooLong { call, limit });
            }
            received.extend_from_slice(part);
        }
        self.ended = true;
        // SAFETY: a valid stream that has given all.
        if unsafe { self.library().virStreamFinish(self.as_ptr()) } < 0 {
            return Err(self.connection.error("virStreamFinish"));
        }
        Ok(received)
    }
}

impl Drop for RawStream<'_> {
    fn drop(&mut self) {
        if !self.ended {
            // SAFETY: a valid stream; one that was never filled is refused, which does no harm.
            unsafe { self.library().virStreamAbort(self.as_ptr()) };
        }
        // SAFETY: our reference, given back once.
        unsafe { self.library().virStreamFree(self.as_ptr()) };
    }
}
