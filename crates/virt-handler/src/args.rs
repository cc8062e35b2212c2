//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// virt-handler: runs the virtual machines of one node.
#[derive(Debug, Parser)]
#[command(name = "virt-handler", version)]
pub(crate) struct Args {
    /// Name of the node that this process runs on
    #[arg(long, env = "NODE_NAME")]
    pub(crate) node_name: String,
    /// Namespace that KubeVirt is installed in
    #[arg(long, env = "POD_NAMESPACE", default_value = "kubevirt")]
    pub(crate) namespace: String,
    /// kubelet's root directory as this process sees it
    #[arg(long, default_value = "/var/lib/kubelet")]
    pub(crate) kubelet_root: PathBuf,
    /// Where the init container left what libvirt knows of the node
    #[arg(long, default_value = "/var/lib/kubevirt-node-info")]
    pub(crate) node_info_dir: PathBuf,
    /// Devices of each kind that the node offers to pods
    #[arg(long, default_value_t = 1000)]
    pub(crate) max_devices: u32,
    /// Port of the console server
    #[arg(long, default_value_t = 8186)]
    pub(crate) console_server_port: u16,
    /// Port of health and metrics
    #[arg(long, default_value_t = 8443)]
    pub(crate) health_port: u16,
}
