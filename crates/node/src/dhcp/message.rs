//! A client's message (RFC 2131, section 2; options RFC 2132), as much of it as an answer needs.

use std::net::Ipv4Addr;

use crate::network::MacAddress;

/// The fixed part, before the magic cookie.
pub(super) const HEADER: usize = 236;
pub(super) const COOKIE: [u8; 4] = [99, 130, 83, 99];

/// The message types that a client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Discover,
    Request,
    Inform,
    /// Decline, release and what is none of a client's: no answer.
    Other,
}

/// A well-formed message from an Ethernet client that is not relayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) kind: Kind,
    pub(super) transaction: [u8; 4],
    pub(super) flags: [u8; 2],
    pub(super) mac: MacAddress,
    /// The address that the client has already, or 0.0.0.0.
    pub(super) current: Ipv4Addr,
    /// The address that it asks for (option 50).
    pub(super) requested: Option<Ipv4Addr>,
    /// The server that it has chosen (option 54).
    pub(super) server: Option<Ipv4Addr>,
}

impl Request {
    pub(super) fn parse(packet: &[u8]) -> Option<Self> {
        let (header, rest) = packet.split_at_checked(HEADER)?;
        let (cookie, mut options) = rest.split_at_checked(COOKIE.len())?;
        // BOOTREQUEST, Ethernet, six bytes of address.
        if cookie != COOKIE || !header.starts_with(&[1, 1, 6]) {
            return None;
        }
        let relay = ipv4(header.get(24..28)?)?;
        if !relay.is_unspecified() {
            return None;
        }
        let mut request = Self {
            kind: Kind::Other,
            transaction: header.get(4..8)?.try_into().ok()?,
            flags: header.get(10..12)?.try_into().ok()?,
            mac: MacAddress(header.get(28..34)?.try_into().ok()?),
            current: ipv4(header.get(12..16)?)?,
            requested: None,
            server: None,
        };
        let mut typed = false;
        while let Some((&code, rest)) = options.split_first() {
            match code {
                0 => {
                    options = rest;
                    continue;
                }
                255 => break,
                _ => {}
            }
            let (&length, rest) = rest.split_first()?;
            let (value, rest) = rest.split_at_checked(usize::from(length))?;
            options = rest;
            match code {
                50 => request.requested = Some(ipv4(value)?),
                53 => {
                    typed = true;
                    request.kind = match value {
                        [1] => Kind::Discover,
                        [3] => Kind::Request,
                        [8] => Kind::Inform,
                        _ => Kind::Other,
                    };
                }
                54 => request.server = Some(ipv4(value)?),
                _ => {}
            }
        }
        // Without a type it is BOOTP.
        typed.then_some(request)
    }
}

fn ipv4(bytes: &[u8]) -> Option<Ipv4Addr> {
    let bytes: [u8; 4] = bytes.try_into().ok()?;
    Some(Ipv4Addr::from(bytes))
}
