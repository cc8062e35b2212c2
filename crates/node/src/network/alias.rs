//! What a bridged device was like before, written into its alias (at most 255 bytes).

use std::net::{IpAddr, Ipv4Addr};

use super::{Cidr, MacAddress};

const MARK: &str = "kubevirt-1";
/// IFALIASZ of the kernel less the final zero.
pub(super) const LIMIT: usize = 255;

/// The pod device's original state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Original {
    pub(super) name: String,
    pub(super) mac: MacAddress,
    pub(super) addresses: Vec<Cidr>,
    /// Destination and gateway; 0.0.0.0 for routes to the link itself.
    pub(super) routes: Vec<(Cidr<Ipv4Addr>, Ipv4Addr)>,
}

impl Original {
    pub(super) fn write(&self) -> String {
        let mut text = format!("{MARK} {} {}", self.name, self.mac);
        for address in &self.addresses {
            text.push_str(&format!(" {address}"));
        }
        for (destination, gateway) in &self.routes {
            text.push_str(&format!(" {destination}>{gateway}"));
        }
        text
    }

    /// `None` for an alias that is not ours.
    pub(super) fn parse(alias: &str) -> Option<Self> {
        let mut words = alias.split(' ');
        if words.next()? != MARK {
            return None;
        }
        let name = words.next()?.to_owned();
        let mac = words.next()?.parse().ok()?;
        let mut original = Self {
            name,
            mac,
            addresses: Vec::new(),
            routes: Vec::new(),
        };
        for word in words {
            match word.split_once('>') {
                Some((destination, gateway)) => original
                    .routes
                    .push((destination.parse().ok()?, gateway.parse().ok()?)),
                None => original.addresses.push(word.parse().ok()?),
            }
        }
        Some(original)
    }

    pub(super) fn ips(&self) -> Vec<IpAddr> {
        self.addresses.iter().map(|cidr| cidr.address).collect()
    }

    pub(super) fn ipv4(&self) -> Option<Cidr<Ipv4Addr>> {
        self.addresses.iter().find_map(|cidr| match cidr.address {
            IpAddr::V4(address) => Some(Cidr {
                address,
                prefix: cidr.prefix,
            }),
            IpAddr::V6(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Original;

    #[test]
    fn written_and_read_again() {
        let original = Original {
            name: "eth0".to_owned(),
            mac: "0a:58:0a:f4:01:05".parse().unwrap(),
            addresses: vec![
                "10.244.1.5/24".parse().unwrap(),
                "fd00::5/64".parse().unwrap(),
            ],
            routes: vec![
                ("0.0.0.0/0".parse().unwrap(), "10.244.1.1".parse().unwrap()),
                ("10.244.1.1/32".parse().unwrap(), "0.0.0.0".parse().unwrap()),
            ],
        };
        let text = original.write();
        assert!(text.len() < super::LIMIT);
        assert_eq!(Original::parse(&text), Some(original));
    }

    #[test]
    fn foreign_aliases_are_not_ours() {
        for alias in [
            "",
            "uplink",
            "kubevirt-1",
            "kubevirt-1 eth0",
            "kubevirt-1 eth0 x",
            "kubevirt-2 eth0 02:00:00:00:00:00",
        ] {
            assert_eq!(Original::parse(alias), None, "{alias}");
        }
    }
}
