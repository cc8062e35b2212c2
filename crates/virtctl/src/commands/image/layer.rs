//! The layer of a containerDisk: a tar with the one file in `disk/`.
//!
//! The file belongs to user and group 107, as QEMU runs in the launcher, and may only be read.

use std::io::{self, Read, Write};

use clap::ValueEnum;
use flate2::write::GzEncoder;

use super::digest::Digesting;

/// User and group that QEMU runs as.
const OWNER: u64 = 107;

/// How a layer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Compression {
    /// As it is: fast, for a registry nearby or a qcow2 that is compressed already.
    None,
    /// gzip, which everything reads.
    Gzip,
}

/// How the layer is made.
#[derive(Clone, Debug)]
pub(super) struct Packer {
    /// The file's name in `disk/`.
    pub(super) file_name: String,
    /// Bytes of the file.
    pub(super) size: u64,
    /// Seconds since 1970.
    pub(super) modified: u64,
    pub(super) compression: Compression,
}

/// A finished layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layer {
    /// Of what is stored.
    pub(super) digest: String,
    /// Of the tar without compression.
    pub(super) diff_id: String,
    /// Bytes that are stored.
    pub(super) size: u64,
    pub(super) compression: Compression,
}

impl Packer {
    /// Reads the disk and writes the layer. Fails when the disk is not as long as it was.
    pub(super) fn pack<W: Write>(&self, disk: impl Read, output: W) -> io::Result<(W, Layer)> {
        let stored = Digesting::new(output);
        let (stored, diff_id) = match self.compression {
            Compression::None => {
                let (stored, diff_id, _) = self.tar(disk, Digesting::new(stored))?.finish();
                (stored, diff_id)
            }
            Compression::Gzip => {
                // The default header has no time and no name: the same disk gives the same bytes.
                let gzip = GzEncoder::new(stored, flate2::Compression::default());
                let (gzip, diff_id, _) = self.tar(disk, Digesting::new(gzip))?.finish();
                (gzip.finish()?, diff_id)
            }
        };
        let (output, digest, size) = stored.finish();
        Ok((
            output,
            Layer {
                digest,
                diff_id,
                size,
                compression: self.compression,
            },
        ))
    }

    fn tar<W: Write>(&self, disk: impl Read, output: W) -> io::Result<W> {
        let mut tar = tar::Builder::new(output);
        let mut folder = self.header(tar::EntryType::Directory, 0o555, 0);
        tar.append_data(&mut folder, "disk/", io::empty())?;
        let mut file = self.header(tar::EntryType::Regular, 0o440, self.size);
        let mut disk = Exactly {
            reader: disk,
            missing: self.size,
        };
        tar.append_data(&mut file, format!("disk/{}", self.file_name), &mut disk)?;
        tar.into_inner()
    }

    fn header(&self, kind: tar::EntryType, mode: u32, size: u64) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(OWNER);
        header.set_gid(OWNER);
        header.set_mtime(self.modified);
        header.set_size(size);
        header
    }
}

/// A reader of so many bytes, as the tar's header announces: fewer are an error, more are left.
struct Exactly<R> {
    reader: R,
    missing: u64,
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.missing)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let count = self
            .reader
            .read(buffer.get_mut(..most).unwrap_or_default())?;
        if count == 0 && most > 0 {
            return Err(io::Error::other(
                "the disk became shorter while it was read: is it in use?",
            ));
        }
        self.missing = self.missing.saturating_sub(count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packer(compression: Compression, size: u64) -> Packer {
        Packer {
            file_name: "disk.img".to_owned(),
            size,
            modified: 1_700_000_000,
            compression,
        }
    }

    #[test]
    fn the_layer_holds_the_disk_for_qemu_alone() {
        let disk = vec![7_u8; 100_000];
        let (bytes, layer) = packer(Compression::Gzip, 100_000)
            .pack(&disk[..], Vec::new())
            .unwrap();
        assert_eq!(layer.size, bytes.len() as u64);
        assert_eq!(layer.digest, super::super::digest::of(&bytes));
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&bytes[..])
            .read_to_end(&mut plain)
            .unwrap();
        assert_eq!(layer.diff_id, super::super::digest::of(&plain));
        let (stored, other) = packer(Compression::None, 100_000)
            .pack(&disk[..], Vec::new())
            .unwrap();
        assert_eq!(stored, plain);
        assert_eq!(
            (&other.digest, &other.diff_id),
            (&layer.diff_id, &layer.diff_id)
        );

        let mut seen = Vec::new();
        for entry in tar::Archive::new(&plain[..]).entries().unwrap() {
            let entry = entry.unwrap();
            let header = entry.header();
            assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (107, 107));
            let path = entry.path().unwrap().display().to_string();
            seen.push((path, header.mode().unwrap(), header.size().unwrap()));
        }
        assert_eq!(
            seen,
            [
                ("disk/".to_owned(), 0o555, 0),
                ("disk/disk.img".to_owned(), 0o440, 100_000)
            ]
        );
    }

    #[test]
    fn the_same_disk_gives_the_same_layer() {
        let pack = || {
            packer(Compression::Gzip, 4)
                .pack(&b"disk"[..], Vec::new())
                .unwrap()
        };
        assert_eq!(pack(), pack());
    }

    #[test]
    fn a_disk_that_shrinks_is_told_and_one_that_grows_is_cut() {
        let error = packer(Compression::None, 10)
            .pack(&b"short"[..], Vec::new())
            .unwrap_err();
        assert!(error.to_string().contains("shorter"), "{error}");
        assert!(
            packer(Compression::None, 2)
                .pack(&b"longer"[..], Vec::new())
                .is_ok()
        );
    }
}
