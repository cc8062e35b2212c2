use std::net::IpAddr;

use super::plan::{address, bridge_and_tap, up};
use super::{
    Action, Cidr, GuestAddress, InterfaceRequest, MacAddress, NetworkError, Observed, Plan,
    PreparedInterface, nft,
};

/// The gateway's MAC, the same in every pod: a guest that is moved to another pod finds its gateway where it was.
const GATEWAY_MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 0]);

pub(super) fn plan(observed: &Observed, request: &InterfaceRequest) -> Result<Plan, NetworkError> {
    let nic = observed.device_for(request)?;
    let pod_ips = nic.global_ips();
    let has_ipv6 = pod_ips.iter().any(IpAddr::is_ipv6);
    let gateway = request.ipv4.host(1);
    let mut actions = Vec::new();

    bridge_and_tap(observed, request, GATEWAY_MAC, nic.mtu, &mut actions);
    let bridge = &request.bridge;
    let gateway_cidr = Cidr {
        address: IpAddr::V4(gateway),
        prefix: request.ipv4.prefix,
    };
    address(observed, bridge, gateway_cidr, &mut actions);
    if has_ipv6 {
        let gateway = Cidr {
            address: IpAddr::V6(request.ipv6.host(1)),
            prefix: request.ipv6.prefix,
        };
        address(observed, bridge, gateway, &mut actions);
    }
    up(observed, bridge, &mut actions);
    up(observed, &request.tap, &mut actions);

    actions.push(Action::Sysctl {
        key: "ipv4/ip_forward".to_owned(),
        value: "1",
        optional: false,
    });
    // 127.0.0.1 in the pod reaches the guest.
    actions.push(Action::Sysctl {
        key: format!("ipv4/conf/{bridge}/route_localnet"),
        value: "1",
        optional: false,
    });
    if has_ipv6 {
        actions.push(Action::Sysctl {
            key: "ipv6/conf/all/forwarding".to_owned(),
            value: "1",
            optional: false,
        });
    }
    actions.push(Action::Nft {
        script: nft::script(request, &nic.name, has_ipv6),
    });

    let prepared = PreparedInterface {
        name: request.name.clone(),
        tap: request.tap.clone(),
        bridge: bridge.clone(),
        pod_interface: request.pod_interface.clone(),
        mac: request.mac.or(nic.mac).unwrap_or(GATEWAY_MAC),
        mtu: nic.mtu,
        pod_ips,
        guest: Some(GuestAddress {
            address: Cidr {
                address: request.ipv4.host(2),
                prefix: request.ipv4.prefix,
            },
            router: Some(gateway),
            server: gateway,
            routes: Vec::new(),
        }),
    };
    Ok(Plan { actions, prepared })
}
