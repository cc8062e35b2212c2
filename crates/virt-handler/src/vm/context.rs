//! What all supervisors share.

use std::path::PathBuf;
use std::sync::Arc;

use kube::Client;
use kubevirt_runtime::config_watch::ConfigWatch;
use kubevirt_runtime::events::Recorder;

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
    /// The installation's settings, live.
    pub(crate) config: ConfigWatch,
    pub(crate) recorder: Recorder,
    pub(crate) directory: Arc<Directory>,
}
