//! How a pod resolves names: its `/etc/resolv.conf`, to be told to the guest by DHCP.

use std::net::{IpAddr, Ipv4Addr};

use crate::paths::{Beneath, PathError};
use crate::peer::Peer;

/// Larger files are not read.
const LIMIT: u64 = 64 * 1024;
/// What the C library takes of each kind; more is cut off.
const MAX_SERVERS: usize = 3;
const MAX_SEARCH: usize = 32;

/// Name servers and search domains, in the order of preference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolver {
    /// Addresses of the name servers.
    pub nameservers: Vec<IpAddr>,
    /// Domains that short names are looked up in.
    pub search: Vec<String>,
}

impl Resolver {
    /// Reads the resolv.conf that kubelet put into the pod of a launcher.
    pub fn of_pod(peer: &Peer) -> Result<Self, PathError> {
        let root = Beneath::open_root(&peer.proc_path("root"))?;
        let bytes = root.read_bounded("etc/resolv.conf", LIMIT)?;
        Ok(Self::parse(&String::from_utf8_lossy(&bytes)))
    }

    /// Reads the text of a resolv.conf (resolv.conf(5)); what is not understood is left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut resolver = Self::default();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") => {
                    if let Some(Ok(address)) = words.next().map(str::parse)
                        && resolver.nameservers.len() < MAX_SERVERS
                    {
                        resolver.nameservers.push(address);
                    }
                }
                // The last of these lines counts.
                Some("search" | "domain") => {
                    resolver.search = words
                        .map(|domain| domain.trim_end_matches('.'))
                        .filter(|domain| is_domain(domain))
                        .take(MAX_SEARCH)
                        .map(str::to_owned)
                        .collect();
                }
                _ => {}
            }
        }
        resolver
    }

    /// The name servers that DHCPv4 can tell.
    #[must_use]
    pub fn ipv4_nameservers(&self) -> Vec<Ipv4Addr> {
        self.nameservers
            .iter()
            .filter_map(|address| match address {
                IpAddr::V4(address) => Some(*address),
                IpAddr::V6(_) => None,
            })
            .collect()
    }
}

pub(crate) fn is_domain(domain: &str) -> bool {
    !domain.is_empty()
        && domain.len() <= 253
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::Resolver;

    #[test]
    fn a_pods_resolv_conf() {
        let text = "search ns.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\nnameserver fd00::10\noptions ndots:5\n";
        let resolver = Resolver::parse(text);
        assert_eq!(
            resolver.search,
            ["ns.svc.cluster.local", "svc.cluster.local", "cluster.local"]
        );
        assert_eq!(resolver.nameservers.len(), 2);
        assert_eq!(
            resolver.ipv4_nameservers(),
            [std::net::Ipv4Addr::new(10, 96, 0, 10)]
        );
    }

    #[test]
    fn garbage_is_left_out() {
        let text = "nameserver\nnameserver x\nsearch a..b .\u{7}x ok.\n# nameserver 1.1.1.1\nnameserver 1.1.1.1 # one";
        let resolver = Resolver::parse(text);
        assert_eq!(resolver.search, ["ok"]);
        assert_eq!(resolver.nameservers.len(), 1);
    }
}
