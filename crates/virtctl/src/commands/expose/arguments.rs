//! The flags of `virtctl expose`.

use clap::Args;

/// `virtctl expose`.
///
/// Without --port each port that the interface of the pod network lists becomes a port of the Service.
#[derive(Debug, Args)]
pub(crate) struct Expose {
    /// What is exposed: vm, vmi or vmirs.
    #[arg(value_name = "TYPE")]
    pub(super) kind: String,
    /// Its name.
    #[arg(value_name = "NAME")]
    pub(super) object: String,
    /// Name of the Service.
    #[arg(long)]
    pub(super) name: String,
    /// Port of the Service.
    #[arg(long, default_value_t = 0)]
    pub(super) port: i32,
    /// Protocol of the port: TCP or UDP.
    #[arg(long, default_value = "TCP")]
    pub(super) protocol: String,
    /// Port of the guest, a number or the name of a port; by default that of the Service.
    #[arg(long)]
    pub(super) target_port: Option<String>,
    /// Type of the Service: ClusterIP, NodePort or LoadBalancer.
    #[arg(long = "type", value_name = "TYPE", default_value = "ClusterIP")]
    pub(super) service_type: String,
    /// Name of the port.
    #[arg(long)]
    pub(super) port_name: Option<String>,
    /// Address of the Service; `None` makes it headless.
    #[arg(long = "cluster-ip", value_name = "ADDRESS")]
    pub(super) cluster_address: Option<String>,
    /// An address outside of the cluster that leads to a node.
    #[arg(long = "external-ip", value_name = "ADDRESS")]
    pub(super) external_address: Option<String>,
    /// Families of addresses: IPv4, IPv6, or both separated by a comma.
    #[arg(long = "ip-family", value_name = "FAMILIES")]
    pub(super) families: Option<String>,
    /// SingleStack, PreferDualStack or RequireDualStack.
    #[arg(long = "ip-family-policy", value_name = "POLICY")]
    pub(super) family_policy: Option<String>,
}
