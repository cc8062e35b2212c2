//! What all supervisors share.

use std::path::PathBuf;
use std::sync::Arc;

use crate::settings::Settings;
use kube::Client;
use kubevirt_runtime::events::Recorder;
use tokio::sync::watch;

use super::Directory;
use crate::kvm::Kvm;

/// The world around a supervisor.
pub(crate) struct Context {
    pub(crate) client: Client,
    /// This node's name.
    pub(crate) node: String,
    /// kubelet's root directory as this process sees it.
    pub(crate) kubelet_root: PathBuf,
    /// Where the init container left what libvirt knows.
    pub(crate) node_info: PathBuf,
    pub(crate) kvm: Kvm,
    pub(crate) config: watch::Receiver<Settings>,
    pub(crate) recorder: Recorder,
    pub(crate) directory: Arc<Directory>,
}
