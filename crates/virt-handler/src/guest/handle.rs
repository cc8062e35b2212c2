//! What operations on a running guest work with.

use std::sync::Arc;

use kubevirt_api::VirtualMachineInstance;
use kubevirt_libvirt::Domain;
use tokio::sync::watch;

use super::{Agent, Thaw};

/// A guest that runs on this node, as its supervisor sees it now.
#[derive(Clone)]
pub(crate) struct Guest {
    pub(crate) domain: Domain,
    pub(crate) instance: Arc<VirtualMachineInstance>,
    /// It is being shut down.
    pub(crate) stopping: bool,
    /// Its agent listens.
    pub(crate) agent: bool,
    pub(crate) shared: Arc<Shared>,
}

/// What a guest's supervisor and the operations on the guest have in common for as long as the supervisor lives.
pub(crate) struct Shared {
    pub(crate) agent: Agent,
    /// When frozen file systems are thawed.
    pub(crate) thaw: Thaw,
    /// Whose turn it is to stop, continue or reset the processors.
    pub(crate) power: tokio::sync::Mutex<()>,
    /// Whether the instance's status says that the guest is paused.
    pub(crate) told_paused: watch::Sender<bool>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            agent: Agent::default(),
            thaw: Thaw::default(),
            power: tokio::sync::Mutex::default(),
            told_paused: watch::Sender::new(false),
        }
    }
}
