use std::net::Ipv4Addr;

use super::DhcpConfig;
use crate::network::GuestRoute;

/// What every client takes: 576 bytes of IP packet (RFC 2131) less the IP and UDP headers and the end mark.
const ROOM: usize = 576 - 28 - 1;

/// Writes options after a message's header; what does not fit is left out whole.
pub(super) struct Options<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Options<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    pub(super) fn add(&mut self, code: u8, value: &[u8]) {
        let Ok(length) = u8::try_from(value.len()) else {
            tracing::warn!(code, "a DHCP option is too long and left out");
            return;
        };
        if self.out.len() + 2 + value.len() > ROOM {
            tracing::warn!(code, "a DHCP option does not fit and is left out");
            return;
        }
        self.out.extend([code, length]);
        self.out.extend(value);
    }

    /// The most needed first.
    pub(super) fn add_all(&mut self, config: &DhcpConfig) {
        let guest = &config.guest;
        self.add(1, &guest.address.mask().octets());
        if !guest.routes.is_empty() {
            // RFC 3442: a client that knows option 121 leaves option 3 alone.
            self.add(121, &routes(&guest.routes));
        }
        if let Some(router) = guest.router {
            self.add(3, &router.octets());
        }
        self.addresses(6, &config.dns);
        if let Ok(mtu) = u16::try_from(config.mtu) {
            self.add(26, &mtu.to_be_bytes());
        }
        if let Some(hostname) = &config.hostname {
            self.add(12, hostname.as_bytes());
        }
        if let Some(domain) = config.search.first() {
            self.add(15, domain.as_bytes());
        }
        self.search(&config.search);
        self.addresses(42, &config.ntp);
        if let Some(server) = &config.tftp_server {
            self.add(66, server.as_bytes());
        }
        if let Some(file) = &config.boot_file {
            self.add(67, file.as_bytes());
        }
        for (code, value) in &config.private {
            if (224..=254).contains(code) {
                self.add(*code, value.as_bytes());
            }
        }
    }

    pub(super) fn end(self) {
        self.out.push(255);
    }

    fn addresses(&mut self, code: u8, addresses: &[Ipv4Addr]) {
        if !addresses.is_empty() {
            let bytes: Vec<u8> = addresses
                .iter()
                .take(8)
                .flat_map(Ipv4Addr::octets)
                .collect();
            self.add(code, &bytes);
        }
    }

    /// RFC 3397, without compression; as many domains as there is room for.
    fn search(&mut self, domains: &[String]) {
        let room = ROOM.saturating_sub(self.out.len() + 2).min(255);
        let mut bytes = Vec::new();
        for domain in domains {
            let before = bytes.len();
            for label in domain.split('.') {
                // A resolv.conf's labels were checked; a longer one could not be written.
                let Ok(length) = u8::try_from(label.len()) else {
                    continue;
                };
                bytes.push(length);
                bytes.extend(label.as_bytes());
            }
            bytes.push(0);
            if bytes.len() > room {
                bytes.truncate(before);
                break;
            }
        }
        if !bytes.is_empty() {
            self.add(119, &bytes);
        }
    }
}

/// RFC 3442: prefix length, the prefix's significant bytes, gateway.
fn routes(routes: &[GuestRoute]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for route in routes {
        let prefix = route.destination.prefix.min(32);
        bytes.push(prefix);
        let significant = usize::from(prefix).div_ceil(8);
        bytes.extend(
            route
                .destination
                .address
                .octets()
                .into_iter()
                .take(significant),
        );
        bytes.extend(route.gateway.octets());
    }
    bytes
}
