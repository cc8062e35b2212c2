use std::net::Ipv4Addr;

use super::DhcpConfig;
use super::message::{COOKIE, Kind, Request};
use super::options::Options;

/// Some clients drop what is shorter than BOOTP's fixed size.
const SHORTEST: usize = 300;

const OFFER: u8 = 2;
const ACK: u8 = 5;
const NAK: u8 = 6;

/// The answer to a packet, if it deserves one. To be sent as a broadcast.
pub(super) fn answer(config: &DhcpConfig, packet: &[u8]) -> Option<Vec<u8>> {
    let request = Request::parse(packet)?;
    if request.mac != config.mac {
        return None;
    }
    let own = config.guest.address.address;
    match request.kind {
        Kind::Discover => Some(message(config, &request, OFFER, own)),
        Kind::Request => {
            if request
                .server
                .is_some_and(|server| server != config.guest.server)
            {
                // It has chosen another server.
                return None;
            }
            let wanted = request.requested.unwrap_or(request.current);
            if wanted == own {
                Some(message(config, &request, ACK, own))
            } else {
                Some(message(config, &request, NAK, Ipv4Addr::UNSPECIFIED))
            }
        }
        Kind::Inform => Some(message(config, &request, ACK, Ipv4Addr::UNSPECIFIED)),
        Kind::Other => None,
    }
}

fn message(config: &DhcpConfig, request: &Request, kind: u8, address: Ipv4Addr) -> Vec<u8> {
    let server = config.guest.server.octets();
    let mut out = Vec::with_capacity(576);
    out.extend([2, 1, 6, 0]);
    out.extend(request.transaction);
    out.extend([0, 0]);
    out.extend(request.flags);
    if kind == ACK {
        out.extend(request.current.octets());
    } else {
        out.extend([0; 4]);
    }
    out.extend(address.octets());
    // The next server of a network boot is named by options 66 and 67 alone.
    out.extend([0; 4]);
    out.extend([0; 4]);
    out.extend(request.mac.0);
    out.resize(super::message::HEADER, 0);
    out.extend(COOKIE);

    let mut options = Options::new(&mut out);
    options.add(53, &[kind]);
    options.add(54, &server);
    if kind != NAK {
        if !address.is_unspecified() {
            // Infinite: neither the guest's address nor its server ever changes.
            options.add(51, &u32::MAX.to_be_bytes());
        }
        options.add_all(config);
    }
    options.end();
    if out.len() < SHORTEST {
        out.resize(SHORTEST, 0);
    }
    out
}
