//! The URI that libvirt connects to.

use std::fmt::Write;
use std::path::Path;

use crate::Error;

/// `qemu+unix:///session` over a given socket. `mode=direct` keeps the library from starting a daemon when there is none.
pub(crate) fn session(socket: &Path) -> Result<String, Error> {
    let invalid = |reason: String| Error::InvalidArgument {
        what: "libvirt socket",
        reason,
    };
    if !socket.is_absolute() {
        return Err(invalid(format!(
            "{} is not an absolute path",
            socket.display()
        )));
    }
    let path = socket
        .to_str()
        .ok_or_else(|| invalid(format!("{} is not UTF-8", socket.display())))?;
    let mut uri = String::from("qemu+unix:///session?mode=direct&socket=");
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_add_parameters() {
        let uri = session(Path::new("/run/a&b=c?d#e f/libvirt-sock")).unwrap();
        assert_eq!(
            uri,
            "qemu+unix:///session?mode=direct&socket=/run/a%26b%3Dc%3Fd%23e%20f/libvirt-sock"
        );
    }

    #[test]
    fn a_relative_path_is_refused() {
        let error = session(Path::new("libvirt-sock")).unwrap_err().to_string();
        assert_eq!(error, "libvirt socket libvirt-sock is not an absolute path");
    }
}
