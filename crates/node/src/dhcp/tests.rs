use std::net::Ipv4Addr;

use super::answer::answer;
use super::message::{COOKIE, HEADER, Request};
use super::*;
use crate::network::{Cidr, GuestRoute};

const MAC: MacAddress = MacAddress([2, 0, 0, 1, 2, 3]);

fn config() -> DhcpConfig {
    DhcpConfig {
        bridge: "k6t-eth0".to_owned(),
        mac: MAC,
        guest: GuestAddress {
            address: Cidr {
                address: Ipv4Addr::new(10, 0, 2, 2),
                prefix: 24,
            },
            router: Some(Ipv4Addr::new(10, 0, 2, 1)),
            server: Ipv4Addr::new(10, 0, 2, 1),
            routes: Vec::new(),
        },
        mtu: 1450,
        dns: vec![Ipv4Addr::new(10, 96, 0, 10)],
        search: vec!["ns.svc.cluster.local".to_owned(), "local".to_owned()],
        hostname: Some("testvm".to_owned()),
        ntp: Vec::new(),
        tftp_server: None,
        boot_file: None,
        private: Vec::new(),
    }
}

/// A client's packet with these options.
fn packet(mac: MacAddress, options: &[&[u8]]) -> Vec<u8> {
    let mut packet = vec![1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0x80, 0];
    packet.resize(28, 0);
    packet.extend(mac.0);
    packet.resize(HEADER, 0);
    packet.extend(COOKIE);
    for option in options {
        packet.extend(*option);
    }
    packet.push(255);
    packet
}

/// The value of an option in an answer.
fn option(answer: &[u8], code: u8) -> Option<Vec<u8>> {
    let mut options = answer.get(HEADER + 4..)?;
    while let [found, rest @ ..] = options {
        match found {
            0 => options = rest,
            255 => return None,
            found => {
                let (length, rest) = rest.split_first()?;
                let (value, rest) = rest.split_at_checked(usize::from(*length))?;
                if *found == code {
                    return Some(value.to_vec());
                }
                options = rest;
            }
        }
    }
    None
}

#[test]
fn a_guest_discovers() {
    let offer = answer(&config(), &packet(MAC, &[&[53, 1, 1]])).unwrap();
    assert_eq!(offer[..8], [2, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
    assert_eq!(offer[10..12], [0x80, 0], "the flags come back");
    assert_eq!(offer[16..20], [10, 0, 2, 2]);
    assert_eq!(offer[28..34], MAC.0);
    assert!(offer.len() >= 300);
    let expected: [(u8, &[u8]); 9] = [
        (53, &[2]),
        (54, &[10, 0, 2, 1]),
        (51, &[255, 255, 255, 255]),
        (1, &[255, 255, 255, 0]),
        (3, &[10, 0, 2, 1]),
        (6, &[10, 96, 0, 10]),
        (26, &[5, 170]),
        (12, b"testvm"),
        (15, b"ns.svc.cluster.local"),
    ];
    for (code, value) in expected {
        assert_eq!(
            option(&offer, code).as_deref(),
            Some(value),
            "option {code}"
        );
    }
    assert_eq!(
        option(&offer, 119).unwrap(),
        b"\x02ns\x03svc\x07cluster\x05local\0\x05local\0"
    );
    assert_eq!(option(&offer, 121), None);
}

#[test]
fn requests() {
    let own: &[u8] = &[50, 4, 10, 0, 2, 2];
    let other: &[u8] = &[50, 4, 10, 0, 2, 3];
    let us: &[u8] = &[54, 4, 10, 0, 2, 1];
    let them: &[u8] = &[54, 4, 10, 9, 9, 9];
    let request: &[u8] = &[53, 1, 3];
    let kind = |options: &[&[u8]]| {
        answer(&config(), &packet(MAC, options)).map(|answer| option(&answer, 53).unwrap()[0])
    };
    assert_eq!(kind(&[request, own, us]), Some(5));
    assert_eq!(kind(&[request, own]), Some(5), "after a reboot");
    assert_eq!(
        kind(&[request, other]),
        Some(6),
        "another address is refused"
    );
    assert_eq!(
        kind(&[request, own, them]),
        None,
        "another server was chosen"
    );
    assert_eq!(kind(&[&[53, 1, 4], own]), None, "decline");
    assert_eq!(kind(&[&[53, 1, 7]]), None, "release");
    let inform = answer(&config(), &packet(MAC, &[&[53, 1, 8]])).unwrap();
    assert_eq!(
        option(&inform, 51),
        None,
        "no lease for what was not leased"
    );
    assert_eq!(inform[16..20], [0; 4]);
}

#[test]
fn only_the_guest_is_answered() {
    let discover: &[u8] = &[53, 1, 1];
    let stranger = MacAddress([2, 0, 0, 1, 2, 4]);
    assert_eq!(answer(&config(), &packet(stranger, &[discover])), None);
    assert_eq!(answer(&config(), &packet(MAC, &[])), None, "BOOTP");
    let mut relayed = packet(MAC, &[discover]);
    relayed[24] = 10;
    assert_eq!(answer(&config(), &relayed), None);
}

#[test]
fn routes_beside_the_default() {
    let mut config = config();
    config.guest.routes = vec![
        GuestRoute {
            destination: "169.254.1.1/32".parse().unwrap(),
            gateway: Ipv4Addr::UNSPECIFIED,
        },
        GuestRoute {
            destination: "0.0.0.0/0".parse().unwrap(),
            gateway: Ipv4Addr::new(169, 254, 1, 1),
        },
        GuestRoute {
            destination: "10.8.0.0/13".parse().unwrap(),
            gateway: Ipv4Addr::new(169, 254, 1, 1),
        },
    ];
    let offer = answer(&config, &packet(MAC, &[&[53, 1, 1]])).unwrap();
    assert_eq!(
        option(&offer, 121).unwrap(),
        [
            32, 169, 254, 1, 1, 0, 0, 0, 0, 0, 169, 254, 1, 1, 13, 10, 8, 169, 254, 1, 1
        ]
    );
}

#[test]
fn an_answer_always_fits() {
    let mut config = config();
    config.search = (0..50).map(|n| format!("domain-{n}.example.org")).collect();
    config.private = (224..=254).map(|code| (code, "x".repeat(200))).collect();
    config.tftp_server = Some("y".repeat(400));
    let offer = answer(&config, &packet(MAC, &[&[53, 1, 1]])).unwrap();
    assert!(offer.len() <= 576 - 28);
    assert_eq!(option(&offer, 3).unwrap(), [10, 0, 2, 1]);
    assert!(option(&offer, 119).unwrap().len() <= 255);
}

/// Packets of random bytes, and good ones with random damage: never a panic.
#[test]
fn garbage() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let good = packet(
        MAC,
        &[&[53, 1, 3], &[50, 4, 10, 0, 2, 2], &[61, 3, 1, 2, 3]],
    );
    for round in 0..200_000 {
        let mut bytes = if round % 2 == 0 {
            good.clone()
        } else {
            let mut bytes = packet(MAC, &[]);
            bytes.pop();
            let length = usize::try_from(next() % 80).unwrap();
            bytes.extend((0..length).map(|_| next() as u8));
            bytes
        };
        for _ in 0..next() % 4 {
            let at = usize::try_from(next()).unwrap() % bytes.len();
            bytes[at] = next() as u8;
        }
        bytes.truncate(bytes.len() - usize::try_from(next() % 3).unwrap());
        let _ = Request::parse(&bytes);
        if let Some(answer) = answer(&config(), &bytes) {
            assert!(answer.len() <= 548);
        }
    }
    for length in 0..good.len() {
        let _ = Request::parse(&good[..length]);
    }
}
