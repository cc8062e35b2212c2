use std::fs::File;
use std::io::Read;

/// What QEMU may be given as the base of an overlay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Raw,
    Qcow2,
}

impl Format {
    /// The name that QEMU has for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
        }
    }
}

/// Qcow2 header, version 3: an external data file is used.
const EXTERNAL_DATA: u8 = 1 << 2;

/// Tells the format by the first bytes. An image that would make QEMU open other files is refused.
pub(super) fn of_file(file: File) -> Result<Format, String> {
    let mut header = Vec::new();
    file.take(512)
        .read_to_end(&mut header)
        .map_err(|error| format!("it cannot be read: {error}"))?;
    of_header(&header)
}

fn of_header(header: &[u8]) -> Result<Format, String> {
    let others: [(&str, usize, &[u8]); 4] = [
        ("VMDK", 0, b"KDMV"),
        ("VHDX", 0, b"vhdxfile"),
        ("QED", 0, b"QED\0"),
        ("VDI", 64, &[0x7f, 0x10, 0xda, 0xbe]),
    ];
    for (name, offset, magic) in others {
        if header
            .get(offset..)
            .is_some_and(|rest| rest.starts_with(magic))
        {
            return Err(format!(
                "it is a {name} image; only qcow2 and raw are possible, convert it with qemu-img convert -O qcow2"
            ));
        }
    }
    if !header.starts_with(b"QFI\xfb") {
        return Ok(Format::Raw);
    }
    let version = header.get(4..8);
    if version != Some(&[0, 0, 0, 2]) && version != Some(&[0, 0, 0, 3]) {
        return Err("it is a qcow image of a version other than 2 and 3".to_owned());
    }
    if header.len() < 72 {
        return Err("it is a qcow2 image that is cut off".to_owned());
    }
    if header.get(8..16) != Some(&[0; 8]) {
        return Err(
            "it is a qcow2 image with a backing file, which would be looked for outside of the image; flatten it with qemu-img convert -O qcow2"
                .to_owned(),
        );
    }
    let external = header
        .get(79)
        .is_some_and(|flags| flags & EXTERNAL_DATA != 0);
    if version == Some(&[0, 0, 0, 3]) && external {
        return Err(
            "it is a qcow2 image with an external data file; make one without with qemu-img convert -O qcow2"
                .to_owned(),
        );
    }
    Ok(Format::Qcow2)
}

#[cfg(test)]
mod tests {
    use super::{Format, of_header};

    fn qcow2(version: u8) -> Vec<u8> {
        let mut header = b"QFI\xfb\0\0\0".to_vec();
        header.push(version);
        header.resize(104, 0);
        header
    }

    #[test]
    fn formats() {
        assert_eq!(of_header(b""), Ok(Format::Raw));
        assert_eq!(of_header(&[0; 512]), Ok(Format::Raw));
        assert_eq!(of_header(&qcow2(2)), Ok(Format::Qcow2));
        assert_eq!(of_header(&qcow2(3)), Ok(Format::Qcow2));
    }

    #[test]
    fn what_leads_elsewhere_is_refused() {
        let mut backed = qcow2(3);
        backed[15] = 200;
        assert!(of_header(&backed).unwrap_err().contains("backing file"));
        let mut external = qcow2(3);
        external[79] = 4;
        assert!(
            of_header(&external)
                .unwrap_err()
                .contains("external data file")
        );
        // Version 2 has no such field there.
        external[7] = 2;
        assert_eq!(of_header(&external), Ok(Format::Qcow2));
        assert!(of_header(&qcow2(9)).unwrap_err().contains("version"));
        assert!(of_header(&qcow2(3)[..40]).unwrap_err().contains("cut off"));
        assert!(of_header(b"KDMV....").unwrap_err().contains("VMDK"));
    }
}
