use std::net::{IpAddr, Ipv4Addr};

use super::{Cidr, InterfaceRequest, MacAddress, NetworkError};

/// A network device as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// The kernel's number of it.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Its MAC, for Ethernet devices.
    pub mac: Option<MacAddress>,
    /// Its MTU in bytes.
    pub mtu: u32,
    /// The number of the bridge it is in.
    pub master: Option<u32>,
    /// Its alias.
    pub alias: Option<String>,
    /// Whether it is switched on.
    pub up: bool,
    /// Its addresses.
    pub addresses: Vec<Cidr>,
}

impl Link {
    /// The addresses that others can use.
    pub(super) fn global_addresses(&self) -> Vec<Cidr> {
        self.addresses
            .iter()
            .filter(|cidr| match cidr.address {
                IpAddr::V4(address) => !address.is_loopback() && !address.is_link_local(),
                IpAddr::V6(address) => !address.is_loopback() && !address.is_unicast_link_local(),
            })
            .copied()
            .collect()
    }

    pub(super) fn global_ips(&self) -> Vec<IpAddr> {
        let mut ips: Vec<IpAddr> = self
            .global_addresses()
            .iter()
            .map(|cidr| cidr.address)
            .collect();
        ips.sort_by_key(IpAddr::is_ipv6);
        ips
    }
}

/// An IPv4 route of the main table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Where to; 0.0.0.0/0 for the default route.
    pub destination: Cidr<Ipv4Addr>,
    /// Through whom; `None` for the link itself.
    pub gateway: Option<Ipv4Addr>,
    /// The number of the device.
    pub device: u32,
}

/// What there is in a pod's network namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// The devices.
    pub links: Vec<Link>,
    /// The routes, in the kernel's order.
    pub routes: Vec<Route>,
}

impl Observed {
    pub(super) fn link(&self, name: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.name == name)
    }

    pub(super) fn is_in(&self, port: Option<&Link>, bridge: Option<&Link>) -> bool {
        match (port, bridge) {
            (Some(port), Some(bridge)) => port.master == Some(bridge.index),
            _ => false,
        }
    }

    pub(super) fn device_for(&self, request: &InterfaceRequest) -> Result<&Link, NetworkError> {
        self.link(&request.pod_interface)
            .ok_or_else(|| NetworkError::NoDevice {
                interface: request.name.clone(),
                device: request.pod_interface.clone(),
            })
    }
}
