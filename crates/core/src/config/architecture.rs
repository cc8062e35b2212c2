//! Processor architectures and what differs between them.

use super::ClusterConfig;

/// An architecture that guests may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// x86-64.
    Amd64,
    /// 64-bit Arm.
    Arm64,
    /// IBM Z.
    S390x,
}

impl Architecture {
    /// Names of the architectures, in Kubernetes' words.
    pub const NAMES: [&'static str; 3] = ["amd64", "arm64", "s390x"];

    /// The architecture with a name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "amd64" => Some(Self::Amd64),
            "arm64" => Some(Self::Arm64),
            "s390x" => Some(Self::S390x),
            _ => None,
        }
    }

    /// Name of the architecture that this program was built for, in Kubernetes' words.
    pub fn of_this_program() -> &'static str {
        match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        }
    }

    /// Bus of disks that name none.
    pub const fn default_disk_bus(self) -> &'static str {
        match self {
            Self::Amd64 => "sata",
            Self::Arm64 | Self::S390x => "virtio",
        }
    }

    const fn machine_type(self) -> &'static str {
        match self {
            Self::Amd64 => "q35",
            Self::Arm64 => "virt",
            Self::S390x => "s390-ccw-virtio",
        }
    }

    const fn emulated_machines(self) -> &'static [&'static str] {
        match self {
            Self::Amd64 => &["q35*", "pc-q35*"],
            Self::Arm64 => &["virt*"],
            Self::S390x => &["s390-ccw-virtio*"],
        }
    }
}

impl ClusterConfig {
    /// Machine type of guests that name none.
    pub fn machine_type(&self, architecture: Architecture) -> &str {
        let own = match architecture {
            Architecture::Amd64 => self.amd64_machine_type.as_deref(),
            Architecture::Arm64 | Architecture::S390x => None,
        };
        own.or(self.machine_type.as_deref())
            .unwrap_or(architecture.machine_type())
    }

    /// Machine types that guests may name, with `*` for any text.
    pub fn emulated_machines(&self, architecture: Architecture) -> Vec<&str> {
        match architecture {
            Architecture::Amd64 if !self.amd64_emulated_machines.is_empty() => self
                .amd64_emulated_machines
                .iter()
                .map(String::as_str)
                .collect(),
            _ => architecture.emulated_machines().to_vec(),
        }
    }
}

/// Whether a text is what a pattern says, where `*` stands for any text.
pub fn machine_type_matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| text.strip_prefix(start)) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    let Some((end, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(end)
}
