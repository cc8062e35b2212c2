//! Whether guests can run under KVM on this node.
//!
//! A /dev/kvm alone proves nothing: on some hosts it opens and makes virtual machines in which an ordinary guest hangs, because
//! the processor under it has no virtualization. So the processor's flags must say so, too.

use std::fs::OpenOptions;
use std::path::Path;

/// The longest part of cpuinfo that is read; the first processor's flags are well within it.
const MAX_CPUINFO: u64 = 64 * 1024;

/// Whether KVM is usable, or why not in words for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kvm {
    /// The device opens and the processor virtualizes.
    Usable,
    /// Not usable, and why.
    Unusable(String),
}

impl Kvm {
    /// Looks at `device` (/dev/kvm) and `cpuinfo` (/proc/cpuinfo).
    pub(crate) fn probe(device: &Path, cpuinfo: &Path) -> Self {
        if let Err(error) = OpenOptions::new().read(true).write(true).open(device) {
            return Self::Unusable(format!("{} cannot be opened: {error}", device.display()));
        }
        let text = match read_bounded(cpuinfo) {
            Ok(text) => text,
            Err(error) => {
                return Self::Unusable(format!("{} cannot be read: {error}", cpuinfo.display()));
            }
        };
        if virtualizes(&text, std::env::consts::ARCH) {
            Self::Usable
        } else {
            Self::Unusable(format!(
                "{} is there, but the processor has neither of the flags vmx and svm",
                device.display()
            ))
        }
    }

    /// Whether guests can use it.
    pub(crate) fn usable(&self) -> bool {
        *self == Self::Usable
    }
}

/// Reads the beginning of a file.
fn read_bounded(path: &Path) -> std::io::Result<String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(MAX_CPUINFO)
        .read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether cpuinfo's flags say that the processor virtualizes. Other architectures than x86 have no such flag: there the
/// device is only made where it works.
fn virtualizes(cpuinfo: &str, architecture: &str) -> bool {
    if architecture != "x86_64" {
        return true;
    }
    cpuinfo
        .lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(key, _)| key.trim() == "flags")
        .any(|(_, flags)| {
            flags
                .split_whitespace()
                .any(|flag| flag == "vmx" || flag == "svm")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_decide() {
        for (cpuinfo, architecture, expected) in [
            ("flags\t\t: fpu vmx sse\n", "x86_64", true),
            ("flags\t\t: fpu svm\n", "x86_64", true),
            ("flags\t\t: fpu sse\nvmx flags\t: vnmi\n", "x86_64", false),
            ("flags : svm_lock\n", "x86_64", false),
            ("", "x86_64", false),
            ("Features : fp asimd\n", "aarch64", true),
        ] {
            assert_eq!(
                virtualizes(cpuinfo, architecture),
                expected,
                "{cpuinfo:?} on {architecture}"
            );
        }
    }

    #[test]
    fn a_missing_device_is_named() {
        let Kvm::Unusable(why) =
            Kvm::probe(Path::new("/nonexistent/kvm"), Path::new("/proc/cpuinfo"))
        else {
            panic!("a missing device is not usable");
        };
        assert!(why.contains("/nonexistent/kvm"), "{why}");
    }
}
