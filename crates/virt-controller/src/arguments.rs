//! The command line.

use std::net::SocketAddr;

use clap::{Parser, ValueEnum};

/// Creates VirtualMachineInstances and their launcher pods.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// Namespace that KubeVirt is installed in.
    #[arg(long, env = "POD_NAMESPACE", default_value = "kubevirt")]
    pub(crate) namespace: String,
    /// Image of virt-launcher.
    #[arg(long, env = "VIRT_LAUNCHER_IMAGE")]
    pub(crate) launcher_image: String,
    /// Whether containerDisks are mounted as image volumes; auto asks the API server for its version.
    #[arg(long, value_enum, default_value_t = ImageVolumesOption::Auto)]
    pub(crate) image_volumes: ImageVolumesOption,
    /// Address of the health and metrics server.
    #[arg(long, default_value = "0.0.0.0:8443")]
    pub(crate) listen: SocketAddr,
    /// Log verbosity, 0 to 9, until the KubeVirt object says otherwise.
    #[arg(short, long, default_value_t = 2)]
    pub(crate) verbosity: u32,
    /// Name of this replica.
    #[arg(long, env = "POD_NAME", hide = true)]
    pub(crate) name: Option<String>,
}

/// Value of `--image-volumes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImageVolumesOption {
    /// By the version of the API server.
    Auto,
    /// Mount images.
    True,
    /// Copy disks out of images.
    False,
}

impl Arguments {
    /// Unlike that of every other replica.
    pub(crate) fn identity(&self) -> String {
        self.name
            .clone()
            .unwrap_or_else(|| format!("{}-{}", crate::COMPONENT, std::process::id()))
    }
}
