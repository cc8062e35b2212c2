use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// An Ethernet address, shown as `02:00:00:00:00:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl FromStr for MacAddress {
    type Err = String;

    /// Takes `:` and `-` between the bytes, in either case.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a MAC address such as 02:00:00:ab:cd:ef");
        let mut bytes = [0; 6];
        let mut parts = text.split([':', '-']);
        for byte in &mut bytes {
            let part = parts.next().filter(|part| part.len() == 2);
            let part = part.ok_or_else(wrong)?;
            *byte = u8::from_str_radix(part, 16).map_err(|_| wrong())?;
        }
        match parts.next() {
            None => Ok(Self(bytes)),
            Some(_) => Err(wrong()),
        }
    }
}

/// An address with the length of its network's prefix, shown as `10.0.2.1/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cidr<A = IpAddr> {
    /// The address, host bits included.
    pub address: A,
    /// Bits of the network.
    pub prefix: u8,
}

impl<A: fmt::Display> fmt::Display for Cidr<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl<A: FromStr + Into<IpAddr> + Copy> FromStr for Cidr<A> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an address with a prefix such as 10.0.2.0/24");
        let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let address: A = address.parse().map_err(|_| wrong())?;
        let prefix: u8 = prefix.parse().map_err(|_| wrong())?;
        let longest = match address.into() {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        if prefix > longest {
            return Err(wrong());
        }
        Ok(Self { address, prefix })
    }
}

impl Cidr<Ipv4Addr> {
    /// 255.255.255.0 for a prefix of 24.
    #[must_use]
    pub fn mask(self) -> Ipv4Addr {
        let bits = u32::MAX.checked_shl(32 - u32::from(self.prefix.min(32)));
        Ipv4Addr::from(bits.unwrap_or(0))
    }

    /// Whether another address is in the same network.
    #[must_use]
    pub fn contains(self, other: Ipv4Addr) -> bool {
        let mask = u32::from(self.mask());
        u32::from(self.address) & mask == u32::from(other) & mask
    }

    /// The address `number` places after the network's first.
    pub(super) fn host(self, number: u32) -> Ipv4Addr {
        let network = u32::from(self.address) & u32::from(self.mask());
        Ipv4Addr::from(network.wrapping_add(number))
    }
}

impl Cidr<Ipv6Addr> {
    /// The address `number` places after the network's first.
    pub(super) fn host(self, number: u32) -> Ipv6Addr {
        let mask = u128::MAX
            .checked_shl(128 - u32::from(self.prefix.min(128)))
            .unwrap_or(0);
        let network = u128::from(self.address) & mask;
        Ipv6Addr::from(network.wrapping_add(u128::from(number)))
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::{Cidr, MacAddress};

    #[test]
    fn mac_addresses() {
        let mac: MacAddress = "DE-AD:be:ef:00-01".parse().unwrap();
        assert_eq!(mac.to_string(), "de:ad:be:ef:00:01");
        for wrong in [
            "",
            "de:ad",
            "de:ad:be:ef:00:01:02",
            "de:ad:be:ef:0:01",
            "+1:ad:be:ef:00:01x",
        ] {
            assert!(wrong.parse::<MacAddress>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn networks() {
        let cidr: Cidr<Ipv4Addr> = "10.0.2.77/24".parse().unwrap();
        assert_eq!(cidr.mask(), Ipv4Addr::new(255, 255, 255, 0));
        assert_eq!(cidr.host(1), Ipv4Addr::new(10, 0, 2, 1));
        assert!(cidr.contains(Ipv4Addr::new(10, 0, 2, 254)));
        assert!(!cidr.contains(Ipv4Addr::new(10, 0, 3, 1)));
        let all: Cidr<Ipv4Addr> = "0.0.0.0/0".parse().unwrap();
        assert_eq!(all.mask(), Ipv4Addr::UNSPECIFIED);
        let one: Cidr<Ipv4Addr> = "10.1.1.1/32".parse().unwrap();
        assert!(!one.contains(Ipv4Addr::new(10, 1, 1, 2)));
        let six: Cidr<Ipv6Addr> = "fd10:0:2::/120".parse().unwrap();
        assert_eq!(six.host(2).to_string(), "fd10:0:2::2");
        assert!("10.0.0.0/33".parse::<Cidr<Ipv4Addr>>().is_err());
        assert!("10.0.0.0".parse::<Cidr<Ipv4Addr>>().is_err());
    }
}
