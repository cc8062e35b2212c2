//! Networks and interfaces.

use std::collections::{BTreeMap, BTreeSet};

use kubevirt_api::Interface;

use super::{Faults, Path, text, vmi::Context};

const MODELS: [&str; 7] = [
    "virtio", "e1000", "e1000e", "igb", "ne2k_pci", "pcnet", "rtl8139",
];
/// MAC address of the bridge in the pod.
const BRIDGE_MAC: [u8; 6] = [2, 0, 0, 0, 0, 0];
/// Longest prefix of a network that has an address for the bridge and one for the guest.
const LONGEST_PREFIX: u8 = 30;

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    networks(faults, context);
    let mut names = BTreeSet::new();
    for (index, interface) in context.spec.domain.devices.interfaces.iter().enumerate() {
        let path = context.devices().field("interfaces").index(index);
        name(faults, &path.field("name"), &interface.name, &mut names);
        if !context
            .spec
            .networks
            .iter()
            .any(|network| network.name == interface.name)
        {
            faults.invalid(
                &path.field("name"),
                format!(
                    "there is no network {:?}: add one of this name to networks",
                    interface.name
                ),
            );
        }
        binding(faults, context, &path, interface);
        hardware(faults, &path, interface);
        ports(faults, &path.field("ports"), interface);
    }
}

fn networks(faults: &mut Faults, context: &Context<'_>) {
    let mut names = BTreeSet::new();
    let mut pod_networks = 0;
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
        let Some(pod) = &network.pod else {
            faults.required(&path, "a network needs a source: add pod: {}");
            continue;
        };
        pod_networks += 1;
        if pod_networks > 1 {
            faults.duplicate(
                &path.field("pod"),
                "only one network can be the pod's: take the others out",
            );
        }
        if let Some(cidr) = pod
            .vm_network_cidr
            .as_deref()
            .filter(|cidr| !is_network(cidr))
        {
            faults.invalid(
                &path.field("pod").field("vmNetworkCIDR"),
                format!("{cidr:?} is not an IPv4 network with room for two: write one such as 10.0.2.0/24, at most /{LONGEST_PREFIX}"),
            );
        }
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

fn is_network(cidr: &str) -> bool {
    let Some((address, prefix)) = cidr.split_once('/') else {
        return false;
    };
    address.parse::<std::net::Ipv4Addr>().is_ok()
        && prefix.len() <= 2
        && prefix.bytes().all(|c| c.is_ascii_digit())
        && prefix
            .parse::<u8>()
            .is_ok_and(|prefix| (1..=LONGEST_PREFIX).contains(&prefix))
}

fn binding(faults: &mut Faults, context: &Context<'_>, path: &Path, interface: &Interface) {
    let network = context
        .spec
        .networks
        .iter()
        .find(|network| network.name == interface.name);
    let on_pod = network.is_some_and(|network| network.pod.is_some());
    match (&interface.bridge, &interface.masquerade) {
        (None, None) => faults.required(
            path,
            "an interface needs a binding: add masquerade: {} or bridge: {}",
        ),
        (Some(_), Some(_)) => faults.invalid(
            path,
            "has more than one binding: keep one of bridge and masquerade",
        ),
        (Some(_), None) if on_pod && !context.config.network.permit_bridge_on_pod_network => faults
            .invalid(
                &path.field("bridge"),
                "bridge is not permitted on the pod network of this cluster: use masquerade",
            ),
        (None, Some(_)) if network.is_some() && !on_pod => faults.invalid(
            &path.field("masquerade"),
            "masquerade works on the pod network only: use bridge, or the network pod",
        ),
        _ => {}
    }
}

fn hardware(faults: &mut Faults, path: &Path, interface: &Interface) {
    faults.one_of(
        &path.field("model"),
        interface.model.as_deref().filter(|model| !model.is_empty()),
        &MODELS,
    );
    if let Some(address) = interface
        .mac_address
        .as_deref()
        .filter(|address| !address.is_empty())
    {
        let path = path.field("macAddress");
        match text::mac_address(address) {
            None => faults.invalid(
                &path,
                format!(
                    "{address:?} is not a MAC address: write six bytes such as de:ad:00:00:be:af"
                ),
            ),
            Some(bytes) if bytes[0] & 1 == 1 => {
                faults.invalid(
                    &path,
                    format!("{address:?} is for groups: use an even first byte such as de"),
                );
            }
            Some(bytes) if bytes == BRIDGE_MAC && interface.masquerade.is_some() => {
                faults.invalid(
                    &path,
                    format!("{address:?} is the address of the bridge in the pod: choose another"),
                );
            }
            Some(_) => {}
        }
    }
    if let Some(address) = interface
        .pci_address
        .as_deref()
        .filter(|address| !text::is_pci_address(address))
    {
        faults.invalid(
            &path.field("pciAddress"),
            format!("{address:?} is not a PCI address: write domain, bus, slot and function such as 0000:81:01.0"),
        );
    }
}

fn ports(faults: &mut Faults, path: &Path, interface: &Interface) {
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
