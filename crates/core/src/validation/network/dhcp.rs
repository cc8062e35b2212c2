//! What the guest is told along with its address.

use std::{collections::BTreeSet, net::Ipv4Addr};

use kubevirt_api::DHCPOptions;

use super::{Faults, Path};

/// Options that are left to sites (RFC 3942).
const PRIVATE_OPTIONS: std::ops::RangeInclusive<i32> = 224..=254;

pub(super) fn validate(faults: &mut Faults, path: &Path, options: &DHCPOptions) {
    let mut numbers = BTreeSet::new();
    for (index, option) in options.private_options.iter().enumerate() {
        let path = path.field("privateOptions").index(index).field("option");
        let number = option.option;
        if !PRIVATE_OPTIONS.contains(&number) {
            faults.invalid(
                &path,
                format!(
                    "{number} is not a private option: use {} to {}",
                    PRIVATE_OPTIONS.start(),
                    PRIVATE_OPTIONS.end()
                ),
            );
        } else if !numbers.insert(number) {
            faults.duplicate(&path, format!("{number} is given twice: keep one"));
        }
    }
    for (index, server) in options.ntp_servers.iter().enumerate() {
        if server.parse::<Ipv4Addr>().is_err() {
            faults.invalid(
                &path.field("ntpServers").index(index),
                format!("{server:?} is not an IPv4 address: write one such as 192.0.2.1"),
            );
        }
    }
}
