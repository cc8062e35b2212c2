use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Cidr, MacAddress, NetworkError};
use crate::paths::Owner;

/// How the guest is joined to the pod's network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// The guest has a private address and shares the pod's by address translation.
    Masquerade,
    /// The guest takes the pod's address and MAC over.
    Bridge,
}

/// A port that is forwarded to the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port {
    /// True for UDP, false for TCP.
    pub udp: bool,
    /// The number, the same on both sides.
    pub number: u16,
}

/// What one interface of a VM needs in the pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceRequest {
    /// The interface's name in the VM's spec, for messages and results.
    pub name: String,
    /// How it is joined.
    pub binding: Binding,
    /// The pod's network device.
    pub pod_interface: String,
    /// The bridge to make.
    pub bridge: String,
    /// The TAP device to make.
    pub tap: String,
    /// The number of the interface in the VM's spec, below 10; it tells bridges of one pod apart.
    pub index: u8,
    /// The guest's MAC; the pod device's own (before it gave it away) where this is `None`.
    pub mac: Option<MacAddress>,
    /// Whether QEMU attaches with several queues.
    pub multi_queue: bool,
    /// Ports to forward (masquerade); all when empty.
    pub ports: Vec<Port>,
    /// Ports that stay with the pod's own processes when the pod's loopback is used (masquerade): migration.
    pub reserved_ports: Vec<u16>,
    /// The guest's IPv4 network (masquerade): gateway is the first address, the guest has the second.
    pub ipv4: Cidr<Ipv4Addr>,
    /// The same for IPv6, used where the pod's device has an IPv6 address.
    pub ipv6: Cidr<Ipv6Addr>,
    /// Who may attach to the TAP device.
    pub owner: Owner,
}

impl InterfaceRequest {
    /// The usual request for the pod network: device `eth0`, bridge `k6t-eth0`, TAP `tap0`, networks 10.0.2.0/24 and
    /// fd10:0:2::/120, for user 107.
    #[must_use]
    pub fn pod_network(name: &str, binding: Binding) -> Self {
        Self {
            name: name.to_owned(),
            binding,
            pod_interface: "eth0".to_owned(),
            bridge: "k6t-eth0".to_owned(),
            tap: "tap0".to_owned(),
            index: 0,
            mac: None,
            multi_queue: false,
            ports: Vec::new(),
            reserved_ports: vec![49152, 49153],
            ipv4: Cidr {
                address: Ipv4Addr::new(10, 0, 2, 0),
                prefix: 24,
            },
            ipv6: Cidr {
                address: Ipv6Addr::new(0xfd10, 0, 2, 0, 0, 0, 0, 0),
                prefix: 120,
            },
            owner: Owner::QEMU,
        }
    }

    pub(super) fn check(&self) -> Result<(), NetworkError> {
        let wrong = |message: String| NetworkError::Request {
            interface: self.name.clone(),
            message,
        };
        for device in [&self.pod_interface, &self.bridge, &self.tap] {
            if !is_device_name(device) {
                return Err(wrong(format!(
                    "{device:?} is not a network device's name (1 to 15 letters, digits, '.', '_' and '-')"
                )));
            }
        }
        // Room for "-nic".
        if self.binding == Binding::Bridge && self.pod_interface.len() > 11 {
            return Err(wrong(format!(
                "the pod's device {:?} cannot be bridged, its name is longer than 11 characters",
                self.pod_interface
            )));
        }
        if !(8..=30).contains(&self.ipv4.prefix) {
            return Err(wrong(format!(
                "the guest's network {} must have a prefix from 8 to 30",
                self.ipv4
            )));
        }
        if !(8..=126).contains(&self.ipv6.prefix) {
            return Err(wrong(format!(
                "the guest's network {} must have a prefix from 8 to 126",
                self.ipv6
            )));
        }
        if self.index > 9 {
            return Err(wrong("at most ten interfaces are possible".to_owned()));
        }
        if self.ports.iter().any(|port| port.number == 0) {
            return Err(wrong("port 0 cannot be forwarded".to_owned()));
        }
        Ok(())
    }
}

fn is_device_name(name: &str) -> bool {
    (1..=15).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        && name != "."
        && name != ".."
}

/// What was made for an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedInterface {
    /// The interface's name in the VM's spec.
    pub name: String,
    /// The TAP device, for the domain's `target dev`.
    pub tap: String,
    /// The bridge, where the DHCP server listens.
    pub bridge: String,
    /// The pod's network device as its name was given in the request.
    pub pod_interface: String,
    /// The guest's MAC, for the domain and the DHCP server.
    pub mac: MacAddress,
    /// For the domain and the DHCP server.
    pub mtu: u32,
    /// The pod's own addresses, IPv4 first, without link-local ones: what the VM is reachable by.
    pub pod_ips: Vec<IpAddr>,
    /// What the guest is told by DHCP; `None` when the pod has no IPv4 address to give.
    pub guest: Option<GuestAddress>,
}

/// The guest's own IPv4 configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestAddress {
    /// Address and prefix.
    pub address: Cidr<Ipv4Addr>,
    /// The default gateway.
    pub router: Option<Ipv4Addr>,
    /// The address that the DHCP server answers from.
    pub server: Ipv4Addr,
    /// All routes, the default one included, where mask and router alone do not say it; empty otherwise.
    pub routes: Vec<GuestRoute>,
}

/// A route of the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuestRoute {
    /// Where to.
    pub destination: Cidr<Ipv4Addr>,
    /// Through whom; 0.0.0.0 for what is on the link itself.
    pub gateway: Ipv4Addr,
}
