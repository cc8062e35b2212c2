//! Hashing what is written, on its way.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

/// A writer that counts and hashes what goes through it.
pub(super) struct Digesting<W> {
    inner: W,
    hash: Sha256,
    count: u64,
}

impl<W> Digesting<W> {
    pub(super) fn new(inner: W) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            count: 0,
        }
    }

    /// The writer, the digest (`sha256:` and hexadecimal digits) and the count of bytes.
    pub(super) fn finish(self) -> (W, String, u64) {
        (self.inner, shown(&self.hash.finalize()), self.count)
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..count).unwrap_or_default());
        self.count += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The digest of bytes at hand.
pub(super) fn of(bytes: &[u8]) -> String {
    shown(&Sha256::digest(bytes))
}

fn shown(hash: &[u8]) -> String {
    use std::fmt::Write;
    hash.iter().fold("sha256:".to_owned(), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_sha256sum() {
        let mut writer = Digesting::new(Vec::new());
        writer.write_all(b"abc").unwrap();
        let (bytes, digest, count) = writer.finish();
        assert_eq!((bytes.as_slice(), count), (&b"abc"[..], 3));
        assert_eq!(
            digest,
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(of(b"abc"), digest);
    }
}
