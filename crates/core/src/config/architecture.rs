//! Processor architectures and what differs between them.

use kubevirt_api::ArchSpecificConfiguration;

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

    /// The architectures.
    pub const ALL: [Self; 3] = [Self::Amd64, Self::Arm64, Self::S390x];

    /// Its name, in Kubernetes' words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
            Self::S390x => "s390x",
        }
    }

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

/// What the settings say about the machine types of an architecture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machines {
    /// Machine type of guests that name none.
    pub machine_type: Option<String>,
    /// Machine types that guests may name, with `*` for any text; empty: the built-in ones.
    pub emulated_machines: Vec<String>,
}

impl Machines {
    pub(super) fn new(given: Option<&ArchSpecificConfiguration>) -> Self {
        let given = given.cloned().unwrap_or_default();
        Self {
            machine_type: given.machine_type.filter(|machine| !machine.is_empty()),
            emulated_machines: given.emulated_machines,
        }
    }
}

impl ClusterConfig {
    /// What the settings say about the machine types of an architecture.
    pub const fn machines(&self, architecture: Architecture) -> &Machines {
        match architecture {
            Architecture::Amd64 => &self.amd64,
            Architecture::Arm64 => &self.arm64,
            Architecture::S390x => &self.s390x,
        }
    }

    /// Machine type of guests that name none. The setting for all architectures means amd64's.
    pub fn machine_type(&self, architecture: Architecture) -> &str {
        let own = self.machines(architecture).machine_type.as_deref();
        let all = match architecture {
            Architecture::Amd64 => self.machine_type.as_deref(),
            Architecture::Arm64 | Architecture::S390x => None,
        };
        own.or(all).unwrap_or(architecture.machine_type())
    }

    /// Machine types that guests may name, with `*` for any text.
    pub fn emulated_machines(&self, architecture: Architecture) -> Vec<&str> {
        let own = &self.machines(architecture).emulated_machines;
        if own.is_empty() {
            return architecture.emulated_machines().to_vec();
        }
        own.iter().map(String::as_str).collect()
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
