use std::net::{IpAddr, Ipv4Addr};

use super::alias::{self, Original};
use super::plan::{address, bridge_and_tap, up};
use super::{
    Action, Cidr, Fresh, GuestAddress, GuestRoute, InterfaceRequest, Link, NetworkError, Observed,
    Plan, PreparedInterface,
};

/// The pod's device gives its address and MAC to the guest and becomes a port of the bridge.
pub(super) fn plan(
    observed: &Observed,
    request: &InterfaceRequest,
    fresh: &Fresh,
) -> Result<Plan, NetworkError> {
    let (nic, original) = match remembered(observed, request) {
        Some(known) => known,
        None => {
            let nic = observed.device_for(request)?;
            (nic, original_of(observed, nic, request)?)
        }
    };
    let mut actions = Vec::new();
    bridge_and_tap(observed, request, fresh.bridge_mac, nic.mtu, &mut actions);
    give_away(observed, request, nic, &original, fresh, &mut actions);

    let bridge = &request.bridge;
    let server = Ipv4Addr::new(169, 254, 75, 10 + request.index);
    let guest = original
        .ipv4()
        .map(|own| guest_address(own, &original, server));
    if guest.is_some() {
        let server = Cidr {
            address: IpAddr::V4(server),
            prefix: 32,
        };
        address(observed, bridge, server, &mut actions);
    }
    // The guest's addresses are its own affair: the pod's kernel answers for none of them and has none of its own.
    actions.push(Action::Sysctl {
        key: "ipv4/conf/all/arp_ignore".to_owned(),
        value: "1",
        optional: false,
    });
    actions.push(Action::Sysctl {
        key: format!("ipv6/conf/{bridge}/disable_ipv6"),
        value: "1",
        optional: true,
    });
    up(observed, bridge, &mut actions);
    up(observed, &request.tap, &mut actions);

    let prepared = PreparedInterface {
        name: request.name.clone(),
        tap: request.tap.clone(),
        bridge: bridge.clone(),
        pod_interface: request.pod_interface.clone(),
        mac: request.mac.unwrap_or(original.mac),
        mtu: nic.mtu,
        pod_ips: original.ips(),
        guest,
    };
    Ok(Plan { actions, prepared })
}

fn remembered<'a>(
    observed: &'a Observed,
    request: &InterfaceRequest,
) -> Option<(&'a Link, Original)> {
    observed.links.iter().find_map(|link| {
        let original = Original::parse(link.alias.as_deref()?)?;
        (original.name == request.pod_interface).then_some((link, original))
    })
}

fn original_of(
    observed: &Observed,
    nic: &Link,
    request: &InterfaceRequest,
) -> Result<Original, NetworkError> {
    let mac = nic.mac.ok_or_else(|| NetworkError::Request {
        interface: request.name.clone(),
        message: format!(
            "the pod's device {} has no MAC and cannot be bridged; use the masquerade binding",
            nic.name
        ),
    })?;
    let mut addresses = nic.global_addresses();
    addresses.sort_by_key(|cidr| cidr.address.is_ipv6());
    let own: Vec<Cidr<Ipv4Addr>> = addresses
        .iter()
        .filter_map(|cidr| match cidr.address {
            IpAddr::V4(address) => Some(Cidr {
                address,
                prefix: cidr.prefix,
            }),
            IpAddr::V6(_) => None,
        })
        .collect();
    let routes = observed
        .routes
        .iter()
        .filter(|route| route.device == nic.index)
        .map(|route| {
            let gateway = route.gateway.unwrap_or(Ipv4Addr::UNSPECIFIED);
            (route.destination, gateway)
        })
        // The route that comes with the address itself.
        .filter(|(destination, gateway)| {
            !(gateway.is_unspecified()
                && own.iter().any(|own| {
                    own.prefix == destination.prefix && own.contains(destination.address)
                }))
        })
        .collect();
    let original = Original {
        name: nic.name.clone(),
        mac,
        addresses,
        routes,
    };
    let length = original.write().len();
    if length > alias::LIMIT {
        return Err(NetworkError::TooMuchState {
            interface: request.name.clone(),
            device: nic.name.clone(),
            length,
            limit: alias::LIMIT,
        });
    }
    Ok(original)
}

/// Each step is left out where it is done, so that an interrupted run is taken up; the alias comes first of all.
fn give_away(
    observed: &Observed,
    request: &InterfaceRequest,
    nic: &Link,
    original: &Original,
    fresh: &Fresh,
    actions: &mut Vec<Action>,
) {
    let hidden = format!("{}-nic", request.pod_interface);
    if nic.alias.as_deref() != Some(original.write().as_str()) {
        actions.push(Action::SetAlias {
            device: nic.name.clone(),
            alias: original.write(),
        });
    }
    let renaming = nic.name != hidden;
    if renaming {
        actions.push(Action::SetUp {
            device: nic.name.clone(),
            up: false,
        });
        actions.push(Action::Rename {
            device: nic.name.clone(),
            to: hidden.clone(),
        });
    }
    if nic.mac == Some(original.mac) {
        actions.push(Action::SetMac {
            device: hidden.clone(),
            mac: fresh.device_mac,
        });
    }
    for address in nic.addresses.iter().filter(|cidr| cidr.address.is_ipv4()) {
        actions.push(Action::RemoveAddress {
            device: hidden.clone(),
            address: *address,
        });
    }
    // Takes its IPv6 addresses, the link-local one too.
    actions.push(Action::Sysctl {
        key: format!("ipv6/conf/{hidden}/disable_ipv6"),
        value: "1",
        optional: true,
    });
    if !observed.is_in(Some(nic), observed.link(&request.bridge)) {
        actions.push(Action::Enslave {
            device: hidden.clone(),
            bridge: request.bridge.clone(),
        });
        // The guest's MAC was this device's own: the bridge must never look for it on this side.
        actions.push(Action::StopLearning {
            device: hidden.clone(),
        });
    }
    if renaming || !nic.up {
        actions.push(Action::SetUp {
            device: hidden,
            up: true,
        });
    }
}

fn guest_address(own: Cidr<Ipv4Addr>, original: &Original, server: Ipv4Addr) -> GuestAddress {
    let router = original
        .routes
        .iter()
        .find(|(destination, gateway)| destination.prefix == 0 && !gateway.is_unspecified())
        .map(|(_, gateway)| *gateway);
    let plain = original.routes.iter().all(|(destination, gateway)| {
        destination.prefix == 0 && own.prefix < 32 && own.contains(*gateway)
    });
    let mut routes = Vec::new();
    if !plain {
        // Routes to the link first: the others' gateways must be known when they are set.
        let mut sorted = original.routes.clone();
        sorted.sort_by_key(|(destination, gateway)| {
            (
                !gateway.is_unspecified(),
                std::cmp::Reverse(destination.prefix),
            )
        });
        // Some plug-ins set a default route through an address outside of the network by "onlink", without a route to it.
        if let Some(router) = router
            && !sorted.iter().any(|(destination, gateway)| {
                gateway.is_unspecified() && destination.contains(router)
            })
            && (own.prefix == 32 || !own.contains(router))
        {
            routes.push(GuestRoute {
                destination: Cidr {
                    address: router,
                    prefix: 32,
                },
                gateway: Ipv4Addr::UNSPECIFIED,
            });
        }
        routes.extend(sorted.into_iter().map(|(destination, gateway)| GuestRoute {
            destination,
            gateway,
        }));
    }
    GuestAddress {
        address: own,
        router,
        server,
        routes,
    }
}
