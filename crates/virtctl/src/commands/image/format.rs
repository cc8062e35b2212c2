//! What kind of disk a file is, and whether a virtual machine can start from it alone.

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, bail};

/// Enough of a file for all signatures but VHD's, which is at the end.
const HEAD: usize = 512;
const QCOW2: &[u8] = b"QFI\xfb";
/// Incompatible features of qcow2: metadata is wrong; the data is in another file.
const CORRUPT: u64 = 1 << 1;
const EXTERNAL_DATA: u64 = 1 << 2;

/// Formats that QEMU does not find out to be a disk as a containerDisk, with what they are called.
const OTHERS: &[(usize, &[u8], &str)] = &[
    (0, b"KDMV", "a VMDK disk"),
    (0, b"COWD", "a VMDK disk"),
    (
        0,
        b"# Disk DescriptorFile",
        "the description of a VMDK disk",
    ),
    (0, b"vhdxfile", "a VHDX disk"),
    (0, b"conectix", "a VHD disk"),
    (0x40, b"\x7f\x10\xda\xbe", "a VDI disk"),
    (0, b"QED\0", "a QED disk"),
    (0, b"OOOM", "a UML COW disk"),
];
const COMPRESSED: &[(usize, &[u8], &str)] = &[
    (0, b"\x1f\x8b", "gzip -d"),
    (0, b"\xfd7zXZ\0", "xz -d"),
    (0, b"\x28\xb5\x2f\xfd", "zstd -d"),
    (0, b"BZh", "bzip2 -d"),
    (0, b"PK\x03\x04", "unzip"),
    (257, b"ustar", "tar -x"),
];

/// What a disk is stored as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Qcow2,
    Raw,
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Qcow2 => "qcow2",
            Self::Raw => "raw",
        })
    }
}

/// A disk that can be put into an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Disk {
    pub(super) format: Format,
    /// Bytes of the file.
    pub(super) size: u64,
    /// Bytes that the guest sees.
    pub(super) virtual_size: u64,
}

/// Looks at the disk's header. Anything without a known signature is a raw disk.
pub(super) fn examine(path: &Path) -> anyhow::Result<Disk> {
    let shown = path.display();
    let mut file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
    let data = file
        .metadata()
        .with_context(|| format!("cannot read {shown}"))?;
    if !data.is_file() {
        bail!(
            "{shown} is not a regular file: copy the disk into one, for example with qemu-img convert -O qcow2"
        );
    }
    let mut head = Vec::with_capacity(HEAD);
    let read = file.by_ref().take(HEAD as u64).read_to_end(&mut head);
    read.with_context(|| format!("cannot read {shown}"))?;
    let size = data.len();
    if let Some(fault) = fault(&head, size) {
        bail!("{shown} {fault}");
    }
    if vhd_at_end(&mut file, size).with_context(|| format!("cannot read {shown}"))? {
        bail!(
            "{shown} is a VHD disk: convert it first, qemu-img convert -O qcow2 {shown} disk.qcow2"
        );
    }
    let (format, virtual_size) = match head.starts_with(QCOW2) {
        true => (Format::Qcow2, number(&head, 24, 8).unwrap_or(0)),
        false => (Format::Raw, size),
    };
    Ok(Disk {
        format,
        size,
        virtual_size,
    })
}

/// Why a file with this beginning is no disk that can be used, if so.
fn fault(head: &[u8], size: u64) -> Option<String> {
    if size == 0 {
        return Some("is empty".to_owned());
    }
    let is = |(offset, magic, _): &&(usize, &[u8], &str)| {
        head.get(*offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    if let Some((.., tool)) = COMPRESSED.iter().find(is) {
        return Some(format!(
            "is compressed or an archive: unpack it first ({tool})"
        ));
    }
    if let Some((.., what)) = OTHERS.iter().find(is) {
        return Some(format!(
            "is {what}: convert it first, qemu-img convert -O qcow2 FILE disk.qcow2"
        ));
    }
    if head.starts_with(QCOW2) {
        qcow2_fault(head)
    } else {
        None
    }
}

/// Header of qcow2, all big-endian: version at 4, offset and length of the backing file's name at 8 and 16, size at 24,
/// encryption at 32, incompatible features (version 3) at 72.
fn qcow2_fault(head: &[u8]) -> Option<String> {
    let broken = || Some("has a qcow2 header that is cut off".to_owned());
    let (Some(version), Some(backing), Some(encryption)) =
        (number(head, 4, 4), number(head, 8, 8), number(head, 32, 4))
    else {
        return broken();
    };
    if version != 2 && version != 3 {
        return Some(format!(
            "is qcow version {version}, which is not known: convert it, qemu-img convert -O qcow2 FILE disk.qcow2"
        ));
    }
    if backing != 0 {
        return Some("has a backing file, which the image would lack: make it whole first, qemu-img convert -O qcow2 FILE disk.qcow2".to_owned());
    }
    if encryption != 0 {
        return Some(
            "is encrypted, and a virtual machine has no key for it: convert it without encryption"
                .to_owned(),
        );
    }
    if version == 2 {
        return None;
    }
    let Some(features) = number(head, 72, 8) else {
        return broken();
    };
    if features & CORRUPT != 0 {
        return Some("is marked corrupt: repair it first, qemu-img check -r all FILE".to_owned());
    }
    if features & EXTERNAL_DATA != 0 {
        return Some("has its data in another file, which the image would lack: qemu-img convert -O qcow2 FILE disk.qcow2".to_owned());
    }
    None
}

fn number(head: &[u8], offset: usize, length: usize) -> Option<u64> {
    let bytes = head.get(offset..offset.checked_add(length)?)?;
    Some(
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    )
}

fn vhd_at_end(file: &mut File, size: u64) -> std::io::Result<bool> {
    if size < 512 {
        return Ok(false);
    }
    let mut magic = [0; 8];
    file.seek(SeekFrom::End(-512))?;
    file.read_exact(&mut magic)?;
    Ok(&magic == b"conectix")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn qcow2(version: u32, backing: u64, encryption: u32, features: u64) -> Vec<u8> {
        let mut head = QCOW2.to_vec();
        head.extend(version.to_be_bytes());
        head.extend(backing.to_be_bytes());
        head.extend([0; 8]);
        head.extend((64_u64 << 20).to_be_bytes());
        head.extend(encryption.to_be_bytes());
        head.resize(72, 0);
        head.extend(features.to_be_bytes());
        head.resize(HEAD, 0);
        head
    }

    fn of(head: &[u8]) -> String {
        fault(head, head.len() as u64).unwrap_or_default()
    }

    #[test]
    fn disks_that_stand_alone_are_good() {
        assert_eq!(of(&qcow2(3, 0, 0, 0)), "");
        assert_eq!(of(&qcow2(3, 0, 0, 1 << 3 | 1 << 4)), "");
        assert_eq!(
            of(&qcow2(2, 0, 0, CORRUPT)),
            "",
            "version 2 has no features"
        );
        assert_eq!(of(&[0; 1024]), "");
    }

    #[test]
    fn what_a_machine_could_not_use_is_refused_with_the_remedy() {
        for (head, word) in [
            (qcow2(3, 512, 0, 0), "backing file"),
            (qcow2(3, 0, 2, 0), "encrypted"),
            (qcow2(3, 0, 0, CORRUPT), "qemu-img check"),
            (qcow2(3, 0, 0, EXTERNAL_DATA), "another file"),
            (qcow2(4, 0, 0, 0), "version 4"),
            (QCOW2.to_vec(), "cut off"),
            (b"\x1f\x8b\x08\0".to_vec(), "gzip -d"),
            (b"KDMV....".to_vec(), "VMDK"),
            (Vec::new(), "empty"),
        ] {
            assert!(of(&head).contains(word), "{word}: {}", of(&head));
        }
    }

    #[test]
    fn a_file_is_examined() {
        let path = std::env::temp_dir().join(format!("virtctl-format-{}", std::process::id()));
        std::fs::write(&path, qcow2(3, 0, 0, 0)).unwrap();
        let disk = examine(&path).unwrap();
        assert_eq!(
            disk,
            Disk {
                format: Format::Qcow2,
                size: 512,
                virtual_size: 64 << 20
            }
        );
        let mut vhd = vec![0; 1024];
        vhd.extend(b"conectix");
        vhd.resize(1536, 0);
        std::fs::write(&path, vhd).unwrap();
        assert!(examine(&path).unwrap_err().to_string().contains("VHD"));
        std::fs::remove_file(&path).unwrap();
        assert!(
            examine(Path::new("/"))
                .unwrap_err()
                .to_string()
                .contains("regular file")
        );
    }
}
