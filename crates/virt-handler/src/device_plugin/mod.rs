//! Device plugins: kubelet counts and hands out `devices.kubevirt.io/{kvm,tun,vhost-net}` through them.
//!
//! A launcher pod asks for these extended resources, kubelet asks the plugin, and the plugin names the device node that the
//! container gets. The number of devices is only a ceiling for pods per node; every one is the same node in /dev.
//!
//! ```text
//!   plugin ── Register(socket, resource) ──▶ kubelet.sock
//!   plugin ◀── ListAndWatch, Allocate ────── kubelet          over the plugin's own socket beside kubelet.sock
//! ```
//!
//! kubelet forgets its plugins when it restarts and makes kubelet.sock anew; [`runner`] watches for that and registers again.

mod runner;
mod service;

#[allow(missing_docs, unreachable_pub, clippy::pedantic)]
pub(crate) mod wire {
    //! Generated from `proto/deviceplugin.proto`.
    tonic::include_proto!("v1beta1");
}

pub(crate) use runner::run;

/// A kind of device that launcher pods can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    /// The name after `devices.kubevirt.io/`.
    pub name: &'static str,
    /// The device node on the node and in the container.
    pub path: String,
    /// Where this process sees the node's device (differs only in tests).
    pub probe: std::path::PathBuf,
}

impl Device {
    /// A device under `/dev`, with the same path for everyone.
    pub(crate) fn new(name: &'static str, path: &str) -> Self {
        Self {
            name,
            path: path.to_owned(),
            probe: path.into(),
        }
    }

    /// Whether the device is there now; kubelet sees the plugin's devices as unhealthy while it is not.
    pub(crate) fn present(&self) -> bool {
        self.probe.exists()
    }

    /// The extended resource's full name.
    pub(crate) fn resource(&self) -> String {
        format!("devices.kubevirt.io/{}", self.name)
    }
}

/// The devices this node can offer. `kvm` only where ordinary guests run under it, see [`crate::kvm`].
pub(crate) fn offered(kvm_usable: bool) -> Vec<Device> {
    let mut devices = vec![
        Device::new("tun", "/dev/net/tun"),
        Device::new("vhost-net", "/dev/vhost-net"),
    ];
    if kvm_usable {
        devices.push(Device::new("kvm", "/dev/kvm"));
    }
    devices.retain(Device::present);
    devices
}
