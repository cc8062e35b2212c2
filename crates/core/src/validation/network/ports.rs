//! Ports that are passed on to the guest.

use std::collections::{BTreeMap, BTreeSet};

use kubevirt_api::Interface;

use super::{Context, Faults, Path, text};
use crate::config::Gate;

/// Most ranges of an interface.
const MOST_RANGES: usize = 10;
/// Ports there are.
const PORTS: std::ops::RangeInclusive<i32> = 1..=65_535;

pub(super) fn validate(
    faults: &mut Faults,
    context: &Context<'_>,
    path: &Path,
    interface: &Interface,
) {
    single(faults, &path.field("ports"), interface);
    if !interface.port_ranges.is_empty() {
        ranges(faults, context, &path.field("portRanges"), interface);
    }
}

fn ranges(faults: &mut Faults, context: &Context<'_>, path: &Path, interface: &Interface) {
    context.needs(faults, path, Gate::PortRangesSpec);
    if interface.masquerade.is_none() {
        faults.invalid(
            path,
            "ranges of ports work with masquerade only: use it, or take portRanges out",
        );
    }
    if !interface.ports.is_empty() {
        faults.invalid(
            path,
            "ports and portRanges exclude each other: write single ports as ranges of one",
        );
    }
    if interface.port_ranges.len() > MOST_RANGES {
        faults.invalid(
            path,
            format!(
                "has {} ranges, more than {MOST_RANGES}: join some",
                interface.port_ranges.len()
            ),
        );
        return;
    }
    for (index, range) in interface.port_ranges.iter().enumerate() {
        let path = path.index(index);
        faults.one_of(
            &path.field("protocol"),
            Some(&range.protocol),
            &["TCP", "UDP"],
        );
        for (name, port) in [("start", range.start), ("end", range.end)] {
            if !PORTS.contains(&port) {
                faults.invalid(
                    &path.field(name),
                    format!("{port} is not a port: use 1 to 65535"),
                );
            }
        }
        if range.start > range.end {
            faults.invalid(
                &path.field("start"),
                "is greater than end: exchange the two",
            );
        }
        let overlaps = interface.port_ranges[..index].iter().position(|other| {
            other.protocol == range.protocol && other.start <= range.end && range.start <= other.end
        });
        if let Some(other) = overlaps {
            faults.duplicate(
                &path,
                format!("overlaps with portRanges[{other}]: join the two"),
            );
        }
    }
}

fn single(faults: &mut Faults, path: &Path, interface: &Interface) {
    let mut names = BTreeSet::new();
    let mut numbers = BTreeMap::new();
    for (index, port) in interface.ports.iter().enumerate() {
        let path = path.index(index);
        if !(1..=65535).contains(&port.port) {
            faults.invalid(
                &path.field("port"),
                format!("{} is not a port: use 1 to 65535", port.port),
            );
        }
        let protocol = port
            .protocol
            .as_deref()
            .filter(|protocol| !protocol.is_empty())
            .unwrap_or("TCP");
        faults.one_of(&path.field("protocol"), Some(protocol), &["TCP", "UDP"]);
        if numbers.insert((port.port, protocol), index).is_some() {
            faults.duplicate(
                &path,
                format!(
                    "port {} of {protocol} is given twice: take one of them out",
                    port.port
                ),
            );
        }
        let Some(name) = port.name.as_deref().filter(|name| !name.is_empty()) else {
            continue;
        };
        if !text::is_port_name(name) {
            faults.invalid(
                &path.field("name"),
                format!("{name:?} is not the name of a port: use at most 15 lower-case letters, digits and -, with a letter"),
            );
        } else if !names.insert(name) {
            faults.duplicate(
                &path.field("name"),
                format!("{name:?} names another port too: rename one"),
            );
        }
    }
}
