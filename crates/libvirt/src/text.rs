//! Strings across the border to C, with their bounds.

use std::ffi::{CStr, CString, c_char, c_void};

use crate::Error;

unsafe extern "C" {
    /// The C library's `free`: libvirt's documented way to release what it allocated for the caller.
    fn free(pointer: *mut c_void);
}

/// Makes a C string. `what` names it in the error about a NUL byte or about more than `limit` bytes.
pub(crate) fn to_c(what: &'static str, text: &str, limit: usize) -> Result<CString, Error> {
    if text.len() > limit {
        return Err(Error::InvalidArgument {
            what,
            reason: format!("has {} bytes, at most {limit} are allowed", text.len()),
        });
    }
    CString::new(text).map_err(|error| Error::InvalidArgument {
        what,
        reason: format!("has a NUL byte at position {}", error.nul_position()),
    })
}

/// Cuts a text to at most `limit` bytes, at a character's border.
pub(crate) fn shorten(mut text: String, limit: usize) -> String {
    if text.len() > limit {
        let end = (0..=limit)
            .rev()
            .find(|&end| text.is_char_boundary(end))
            .unwrap_or(0);
        text.truncate(end);
    }
    text
}

/// Copies at most `limit` bytes of a C string; empty for a null pointer.
///
/// # Safety
/// `pointer` is null or points to a NUL-terminated string that stays valid during the call.
pub(crate) unsafe fn from_c(pointer: *const c_char, limit: usize) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: not null, and NUL-terminated by this function's contract.
    let bytes = unsafe { CStr::from_ptr(pointer) }.to_bytes();
    let kept = bytes.get(..limit).unwrap_or(bytes);
    shorten(String::from_utf8_lossy(kept).into_owned(), limit)
}

/// A string that libvirt allocated for us; released when dropped.
pub(crate) struct Owned(*mut c_char);

impl Owned {
    /// Takes over a string returned by libvirt; `None` for a null pointer, which means an error.
    ///
    /// # Safety
    /// `pointer` is null, or a NUL-terminated string from the C library's allocator that nobody else releases.
    pub(crate) unsafe fn new(pointer: *mut c_char) -> Option<Self> {
        (!pointer.is_null()).then_some(Self(pointer))
    }

    /// Copies the string, or says that it is longer than `limit` bytes.
    pub(crate) fn read(&self, call: &'static str, limit: usize) -> Result<String, Error> {
        // SAFETY: `new` checked for null and took over a NUL-terminated string.
        let bytes = unsafe { CStr::from_ptr(self.0) }.to_bytes();
        if bytes.len() > limit {
            return Err(Error::TooLong { call, limit });
        }
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: allocated by the C library and released exactly once, here.
        unsafe { free(self.0.cast()) }
    }
}

/// Releases an array that libvirt allocated.
///
/// # Safety
/// `pointer` is null or comes from the C library's allocator, and is not used afterwards.
pub(crate) unsafe fn release<T>(pointer: *mut T) {
    // SAFETY: by this function's contract.
    unsafe { free(pointer.cast()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_a_character() {
        assert_eq!(shorten("aäb".into(), 2), "a");
        assert_eq!(shorten("aäb".into(), 3), "aä");
        assert_eq!(shorten("ab".into(), 8), "ab");
    }

    #[test]
    fn a_peers_text_is_bounded_and_repaired() {
        // SAFETY: a literal with its NUL.
        assert_eq!(unsafe { from_c(c"abcdef".as_ptr(), 3) }, "abc");
        // SAFETY: as above; the bytes are not UTF-8.
        assert_eq!(unsafe { from_c(c"a\xff".as_ptr(), 8) }, "a\u{fffd}");
        // SAFETY: null is allowed.
        assert_eq!(unsafe { from_c(std::ptr::null(), 8) }, "");
    }

    #[test]
    fn what_c_cannot_hold_is_named() {
        let error = to_c("domain XML", "a\0b", 10).unwrap_err().to_string();
        assert_eq!(error, "domain XML has a NUL byte at position 1");
        let error = to_c("name", "abc", 2).unwrap_err().to_string();
        assert_eq!(error, "name has 3 bytes, at most 2 are allowed");
    }
}
