//! The command line.

use std::net::{IpAddr, Ipv6Addr};

/// The HTTP entry point of KubeVirt: admission webhooks and the aggregated API `subresources.kubevirt.io`.
#[derive(Clone, Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// Address to listen on.
    #[arg(long, default_value_t = IpAddr::V6(Ipv6Addr::UNSPECIFIED))]
    pub(crate) bind: IpAddr,

    /// Port to listen on.
    #[arg(long, default_value_t = 8443)]
    pub(crate) port: u16,

    /// Namespace that KubeVirt is installed in.
    #[arg(long, env = "POD_NAMESPACE", default_value = "kubevirt")]
    pub(crate) namespace: String,

    /// The image that this program runs from, from which others' names follow.
    #[arg(long, env = "VIRT_API_IMAGE", default_value = "")]
    pub(crate) image: String,

    /// The whole name of the image with libguestfs, which `virtctl guestfs` runs. Empty: it is named like this program's.
    #[arg(long, env = "GUESTFS_IMAGE", default_value = "")]
    pub(crate) guestfs_image: String,

    /// Port on which virt-handler serves consoles and the rest of what is done with guests.
    #[arg(long, default_value_t = 8186)]
    pub(crate) console_server_port: u16,

    /// Log verbosity until the KubeVirt object says otherwise, 0 to 9.
    #[arg(short = 'v', long, default_value_t = 2)]
    pub(crate) verbosity: u32,
}
