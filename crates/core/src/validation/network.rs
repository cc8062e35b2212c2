//! Networks and interfaces.

mod binding;
mod dhcp;
mod hardware;
mod ports;

use std::collections::BTreeSet;

use kubevirt_api::{MultusNetwork, Network, PodNetwork};

use super::{Faults, Path, text, vmi::Context};
use crate::config::Gate;

/// Longest prefix of an IPv4 network that has an address for the bridge and one for the guest.
const LONGEST_PREFIX: u8 = 30;
/// The same of an IPv6 network.
const LONGEST_PREFIX_V6: u8 = 126;

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    networks(faults, context);
    let mut names = BTreeSet::new();
    let mut indexes = BTreeSet::new();
    for (index, interface) in context.spec.domain.devices.interfaces.iter().enumerate() {
        let path = context.devices().field("interfaces").index(index);
        name(faults, &path.field("name"), &interface.name, &mut names);
        let network = context
            .spec
            .networks
            .iter()
            .find(|network| network.name == interface.name);
        if network.is_none() {
            faults.invalid(
                &path.field("name"),
                format!(
                    "there is no network {:?}: add one of this name to networks",
                    interface.name
                ),
            );
        }
        binding::validate(faults, context, &path, interface, network);
        hardware::validate(faults, &path, interface, &mut indexes);
        ports::validate(faults, context, &path, interface);
        if let Some(options) = &interface.dhcp_options {
            dhcp::validate(faults, &path.field("dhcpOptions"), options);
        }
    }
}

/// Whether a network is the one that guests reach the cluster by.
fn is_default(network: &Network) -> bool {
    network.pod.is_some()
        || network
            .multus
            .as_ref()
            .is_some_and(|multus| multus.default == Some(true))
}

fn networks(faults: &mut Faults, context: &Context<'_>) {
    let mut names = BTreeSet::new();
    let mut default = None;
    for (index, network) in context.spec.networks.iter().enumerate() {
        let path = context.path.field("networks").index(index);
        name(faults, &path.field("name"), &network.name, &mut names);
        if !context
            .spec
            .domain
            .devices
            .interfaces
            .iter()
            .any(|interface| interface.name == network.name)
        {
            faults.required(
                &path.field("name"),
                format!("no interface uses the network {:?}: add one of this name to domain.devices.interfaces", network.name),
            );
        }
        let sources = [
            network.pod.is_some(),
            network.multus.is_some(),
            network.resource_claim.is_some(),
        ];
        match sources.iter().filter(|is_set| **is_set).count() {
            0 => faults.required(
                &path,
                "a network needs a source: add pod: {}, multus or resourceClaim",
            ),
            1 => {}
            _ => faults.invalid(
                &path,
                "has more than one source: keep one of pod, multus and resourceClaim",
            ),
        }
        if is_default(network) {
            match (default, network.pod.is_some()) {
                (None, _) => {}
                (Some(true), true) => faults.duplicate(
                    &path.field("pod"),
                    "only one network can be the pod's: take the others out",
                ),
                (Some(false), false) => faults.duplicate(
                    &path.field("multus").field("default"),
                    "only one network can be the default: take default out of the others",
                ),
                (Some(_), is_pod) => faults.invalid(
                    &path.field(if is_pod { "pod" } else { "multus" }),
                    "a default network of multus stands in for the pod's: keep one of the two",
                ),
            }
            default = Some(network.pod.is_some());
        }
        if let Some(pod) = &network.pod {
            addresses(faults, &path.field("pod"), pod);
        }
        if let Some(multus) = &network.multus {
            attachment(faults, &path.field("multus").field("networkName"), multus);
        }
        if network.resource_claim.is_some() {
            context.needs(
                faults,
                &path.field("resourceClaim"),
                Gate::NetworkDevicesWithDRA,
            );
        }
    }
}

fn attachment(faults: &mut Faults, path: &Path, multus: &MultusNetwork) {
    let given = &multus.network_name;
    let (namespace, name) = given.split_once('/').unwrap_or(("default", given));
    if given.is_empty() {
        faults.required(path, "must name the NetworkAttachmentDefinition");
    } else if !text::is_dns_label(namespace) || !text::is_dns_subdomain(name) {
        faults.invalid(
            path,
            format!("{given:?} cannot be a NetworkAttachmentDefinition: write its name, or namespace/name"),
        );
    }
}

fn addresses(faults: &mut Faults, path: &Path, pod: &PodNetwork) {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if let Some(cidr) = given(&pod.vm_network_cidr)
        .filter(|cidr| !is_network::<std::net::Ipv4Addr>(cidr, LONGEST_PREFIX))
    {
        faults.invalid(
            &path.field("vmNetworkCIDR"),
            format!("{cidr:?} is not an IPv4 network with room for two: write one such as 10.0.2.0/24, at most /{LONGEST_PREFIX}"),
        );
    }
    if let Some(cidr) = given(&pod.vm_ipv6_network_cidr)
        .filter(|cidr| !is_network::<std::net::Ipv6Addr>(cidr, LONGEST_PREFIX_V6))
    {
        faults.invalid(
            &path.field("vmIPv6NetworkCIDR"),
            format!("{cidr:?} is not an IPv6 network with room for two: write one such as fd10:0:2::/120, at most /{LONGEST_PREFIX_V6}"),
        );
    }
}

fn name<'a>(faults: &mut Faults, path: &Path, name: &'a str, names: &mut BTreeSet<&'a str>) {
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_');
    if !is_name {
        faults.invalid(
            path,
            format!("{name:?} is not a name: use letters, digits, - and _"),
        );
    } else if !names.insert(name) {
        faults.duplicate(path, format!("{name:?} is given twice: rename one"));
    }
}

fn is_network<Address: std::str::FromStr>(cidr: &str, longest: u8) -> bool {
    let Some((address, prefix)) = cidr.split_once('/') else {
        return false;
    };
    address.parse::<Address>().is_ok()
        && prefix.len() <= 3
        && prefix.bytes().all(|c| c.is_ascii_digit())
        && prefix
            .parse::<u8>()
            .is_ok_and(|prefix| (1..=longest).contains(&prefix))
}
