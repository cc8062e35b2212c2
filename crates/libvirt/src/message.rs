//! What callers ask and what comes back: plain data, so that the two sides can be different processes.

use std::time::Duration;

use crate::DomainState;

/// A domain as both sides name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainReference {
    /// Its name.
    pub name: String,
    /// Its UUID in text form; this is what calls go by.
    pub uuid: String,
}

/// How the guest is asked to shut down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShutdownMode {
    /// By the ACPI power button.
    Acpi,
    /// By the guest agent.
    Agent,
}

/// How the guest is asked to reboot.
pub type RebootMode = ShutdownMode;

/// The basic figures of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DomainInformation {
    /// Most memory it may have, in KiB.
    pub maximum_memory_kib: u64,
    /// Memory it has now, in KiB.
    pub memory_kib: u64,
    /// Virtual CPUs.
    pub virtual_cpus: u16,
    /// CPU time used since its start, in nanoseconds.
    pub cpu_time_nanoseconds: u64,
}

/// The balloon's figures; which are there depends on the guest's driver. All in KiB unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemoryStatistics {
    /// Read from swap since boot.
    pub swap_in: Option<u64>,
    /// Written to swap since boot.
    pub swap_out: Option<u64>,
    /// Page faults that needed the disk (a count).
    pub major_faults: Option<u64>,
    /// Page faults that did not (a count).
    pub minor_faults: Option<u64>,
    /// Left unused by the guest.
    pub unused: Option<u64>,
    /// All that the guest sees.
    pub available: Option<u64>,
    /// The balloon's current value.
    pub actual: Option<u64>,
    /// Resident set of QEMU.
    pub resident: Option<u64>,
    /// What the guest could use without swapping.
    pub usable: Option<u64>,
    /// When the guest last reported, in seconds since 1970.
    pub last_update: Option<u64>,
    /// Disk caches that could be given up.
    pub disk_caches: Option<u64>,
}

/// A picture of a guest's screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Screenshot {
    /// Its type as libvirt says, such as `image/png`.
    pub mime_type: String,
    /// The picture.
    pub bytes: Vec<u8>,
}

/// What a connection can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Connect.
    Open {
        /// libvirt's URI.
        uri: String,
    },
    /// Store a domain's configuration.
    Define {
        /// Domain XML.
        xml: String,
        /// Check it against libvirt's schema first.
        validate: bool,
    },
    /// Start a domain that leaves nothing behind when it ends.
    Create {
        /// Domain XML.
        xml: String,
        /// With its CPUs stopped.
        paused: bool,
    },
    /// Look a domain up.
    LookUp {
        /// Its name.
        name: String,
    },
    /// All domains, running or not.
    List,
    /// Start a defined domain.
    Start {
        /// Which.
        domain: DomainReference,
        /// With its CPUs stopped.
        paused: bool,
    },
    /// State and reason.
    State(DomainReference),
    /// Ask the guest to shut down.
    Shutdown(DomainReference, ShutdownMode),
    /// Ask the guest to reboot.
    Reboot(DomainReference, RebootMode),
    /// Press the reset button.
    Reset(DomainReference),
    /// End it at once.
    Destroy(DomainReference),
    /// Remove its configuration.
    Undefine(DomainReference),
    /// Its XML.
    Xml {
        /// Which.
        domain: DomainReference,
        /// What it would start with next, instead of what it runs with.
        inactive: bool,
    },
    /// Stop its CPUs.
    Suspend(DomainReference),
    /// Let its CPUs go on.
    Resume(DomainReference),
    /// Write (or with `None` remove) the metadata element of a namespace, live and in the stored configuration.
    SetMetadata {
        /// Which.
        domain: DomainReference,
        /// The namespace's prefix in the XML.
        prefix: String,
        /// The namespace.
        namespace: String,
        /// One XML element.
        xml: Option<String>,
    },
    /// Read the metadata element of a namespace.
    Metadata {
        /// Which.
        domain: DomainReference,
        /// The namespace.
        namespace: String,
    },
    /// Memory, CPUs and CPU time.
    Information(DomainReference),
    /// The balloon's figures.
    MemoryStatistics(DomainReference),
    /// Ask the guest agent.
    AgentCommand {
        /// Which.
        domain: DomainReference,
        /// The agent's command, in JSON.
        command: String,
        /// How many seconds the agent may take, once it is awake.
        seconds: u8,
    },
    /// Bound how long libvirt waits for an agent to wake up, in seconds.
    AgentResponseTimeout(DomainReference, i32),
    /// Take a picture of the first screen.
    Screenshot(DomainReference),
    /// Move the pointer by a little.
    NudgePointer(DomainReference),
    /// Disconnect. Nothing can follow.
    Close,
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// Done, nothing to tell.
    Done,
    /// The domain defined, created or found.
    Domain(DomainReference),
    /// There is no such domain.
    NoDomain,
    /// All domains.
    Domains(Vec<DomainReference>),
    /// State and reason.
    State(DomainState),
    /// XML.
    Text(String),
    /// Basic figures.
    Information(DomainInformation),
    /// The balloon's figures.
    MemoryStatistics(MemoryStatistics),
    /// A picture.
    Screenshot(Screenshot),
}

impl Request {
    /// The call's name for messages.
    pub fn call(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Define { .. } => "define",
            Self::Create { .. } => "create",
            Self::LookUp { .. } => "look-up",
            Self::List => "list",
            Self::Start { .. } => "start",
            Self::State(_) => "state",
            Self::Shutdown(..) => "shutdown",
            Self::Reboot(..) => "reboot",
            Self::Reset(_) => "reset",
            Self::Destroy(_) => "destroy",
            Self::Undefine(_) => "undefine",
            Self::Xml { .. } => "xml",
            Self::Suspend(_) => "suspend",
            Self::Resume(_) => "resume",
            Self::SetMetadata { .. } => "set-metadata",
            Self::Metadata { .. } => "metadata",
            Self::Information(_) => "information",
            Self::MemoryStatistics(_) => "memory-statistics",
            Self::AgentCommand { .. } => "agent-command",
            Self::AgentResponseTimeout(..) => "agent-response-timeout",
            Self::Screenshot(_) => "screenshot",
            Self::NudgePointer(_) => "nudge-pointer",
            Self::Close => "close",
        }
    }

    /// How long the answer may take, including the wait for a free thread. libvirt itself waits up to 30 s for a lock
    /// on the domain and longer for QEMU to come up, so anything shorter would give up working connections.
    pub fn time_limit(&self) -> Duration {
        Duration::from_secs(match self {
            Self::Create { .. } | Self::Start { .. } => 120,
            Self::Open { .. } | Self::LookUp { .. } | Self::List | Self::Close => 20,
            _ => 45,
        })
    }
}
