//! A DHCPv4 server for one guest on one bridge, inside a pod's network namespace.
//!
//! It answers the guest's MAC alone, always with the same address, for ever. What comes in is read by own code
//! (`message`), since anything may come: nothing in it can make the reader panic, allocate or loop.

mod answer;
mod message;
mod options;
mod server;

pub use server::{DhcpError, DhcpHandle, serve};

use std::net::Ipv4Addr;

use crate::network::{GuestAddress, MacAddress, PreparedInterface};
use crate::resolv::{Resolver, is_domain};

/// What a guest is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DhcpConfig {
    /// The bridge that is listened on.
    pub bridge: String,
    /// The only client.
    pub mac: MacAddress,
    /// Its address, router and routes, and the address of the server.
    pub guest: GuestAddress,
    /// For the guest's network device, in bytes.
    pub mtu: u32,
    /// Name servers, most preferred first.
    pub dns: Vec<Ipv4Addr>,
    /// Domains that short names are looked up in.
    pub search: Vec<String>,
    /// The guest's host name, without domain.
    pub hostname: Option<String>,
    /// Time servers.
    pub ntp: Vec<Ipv4Addr>,
    /// Name of a TFTP server (option 66).
    pub tftp_server: Option<String>,
    /// Name of a boot file (option 67).
    pub boot_file: Option<String>,
    /// Private options, 224 to 254, as text.
    pub private: Vec<(u8, String)>,
}

impl DhcpConfig {
    /// What an interface's guest is told; `None` when there is no address to give.
    #[must_use]
    pub fn new(
        interface: &PreparedInterface,
        resolver: &Resolver,
        hostname: Option<&str>,
    ) -> Option<Self> {
        Some(Self {
            bridge: interface.bridge.clone(),
            mac: interface.mac,
            guest: interface.guest.clone()?,
            mtu: interface.mtu,
            dns: resolver.ipv4_nameservers(),
            search: resolver.search.clone(),
            hostname: hostname.filter(|name| is_domain(name)).map(str::to_owned),
            ntp: Vec::new(),
            tftp_server: None,
            boot_file: None,
            private: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests;
