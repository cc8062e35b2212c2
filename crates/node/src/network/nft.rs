use std::fmt::{Display, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr};

use super::InterfaceRequest;

/// Our chains of table `nat`: name and hook. Others (a service mesh's) have their own chains in the same table, which stay.
const CHAINS: [(&str, &str); 6] = [
    ("prerouting", "{ type nat hook prerouting priority -100; }"),
    ("input", "{ type nat hook input priority 100; }"),
    ("output", "{ type nat hook output priority -100; }"),
    ("postrouting", "{ type nat hook postrouting priority 100; }"),
    ("KUBEVIRT_PREINBOUND", ""),
    ("KUBEVIRT_POSTINBOUND", ""),
];

/// The whole address translation of a masqueraded interface. nft takes it as one transaction, so that loading it again
/// leaves no moment without rules.
pub(super) fn script(request: &InterfaceRequest, nic: &str, has_ipv6: bool) -> String {
    let mut script = String::new();
    let four = Family {
        name: "ip",
        guest: request.ipv4.host(2),
        gateway: request.ipv4.host(1),
        loopback: Ipv4Addr::LOCALHOST,
    };
    four.write(&mut script, request, nic);
    if has_ipv6 {
        let six = Family {
            name: "ip6",
            guest: request.ipv6.host(2),
            gateway: request.ipv6.host(1),
            loopback: Ipv6Addr::LOCALHOST,
        };
        six.write(&mut script, request, nic);
    }
    script
}

struct Family<A> {
    name: &'static str,
    guest: A,
    gateway: A,
    loopback: A,
}

impl<A: Display> Family<A> {
    fn write(&self, script: &mut String, request: &InterfaceRequest, nic: &str) {
        let Self {
            name: family,
            guest,
            gateway,
            loopback,
        } = self;
        let bridge = &request.bridge;
        // Writing into a String cannot fail.
        let _ = writeln!(script, "add table {family} nat");
        for (chain, hook) in CHAINS {
            let _ = writeln!(script, "add chain {family} nat {chain} {hook}");
            let _ = writeln!(script, "flush chain {family} nat {chain}");
        }
        let mut rule = |chain: &str, text: &str| {
            let _ = writeln!(script, "add rule {family} nat {chain} {text}");
        };
        rule(
            "postrouting",
            &format!("{family} saddr {guest} counter masquerade"),
        );
        rule(
            "postrouting",
            &format!("oifname \"{bridge}\" counter jump KUBEVIRT_POSTINBOUND"),
        );
        rule(
            "prerouting",
            &format!("iifname \"{nic}\" counter jump KUBEVIRT_PREINBOUND"),
        );
        for port in &request.reserved_ports {
            let only = format!("tcp dport {port} {family} ");
            rule("output", &format!("{only}daddr {loopback} counter return"));
            rule(
                "KUBEVIRT_POSTINBOUND",
                &format!("{only}saddr {loopback} counter return"),
            );
        }
        for only in port_matches(request) {
            rule(
                "KUBEVIRT_PREINBOUND",
                &format!("{only}counter dnat to {guest}"),
            );
            rule(
                "KUBEVIRT_POSTINBOUND",
                &format!("{only}{family} saddr {loopback} counter snat to {gateway}"),
            );
            rule(
                "output",
                &format!("{only}{family} daddr {loopback} counter dnat to {guest}"),
            );
        }
    }
}

/// What selects the forwarded packets: nothing, that is all, or one match a port.
fn port_matches(request: &InterfaceRequest) -> Vec<String> {
    if request.ports.is_empty() {
        return vec![String::new()];
    }
    let mut matches = Vec::with_capacity(request.ports.len());
    for port in &request.ports {
        let protocol = if port.udp { "udp" } else { "tcp" };
        let only = format!("{protocol} dport {} ", port.number);
        if !matches.contains(&only) {
            matches.push(only);
        }
    }
    matches
}

#[cfg(test)]
mod tests {
    use super::script;
    use crate::network::{Binding, InterfaceRequest, Port};

    #[test]
    fn all_ports() {
        let request = InterfaceRequest::pod_network("default", Binding::Masquerade);
        let script = script(&request, "eth0", false);
        for line in [
            "add rule ip nat postrouting ip saddr 10.0.2.2 counter masquerade",
            "add rule ip nat prerouting iifname \"eth0\" counter jump KUBEVIRT_PREINBOUND",
            "add rule ip nat KUBEVIRT_PREINBOUND counter dnat to 10.0.2.2",
            "add rule ip nat output ip daddr 127.0.0.1 counter dnat to 10.0.2.2",
            "add rule ip nat KUBEVIRT_POSTINBOUND ip saddr 127.0.0.1 counter snat to 10.0.2.1",
        ] {
            assert!(
                script.lines().any(|found| found == line),
                "{line}\n{script}"
            );
        }
        assert!(!script.contains("ip6"));
    }

    #[test]
    fn listed_ports_and_ipv6() {
        let mut request = InterfaceRequest::pod_network("default", Binding::Masquerade);
        let tcp = Port {
            udp: false,
            number: 80,
        };
        let udp = Port {
            udp: true,
            number: 53,
        };
        request.ports = vec![tcp, tcp, udp];
        let script = script(&request, "eth0", true);
        assert_eq!(
            script
                .matches("ip nat KUBEVIRT_PREINBOUND tcp dport 80 counter dnat to 10.0.2.2")
                .count(),
            1
        );
        assert!(
            script.contains("ip6 nat KUBEVIRT_PREINBOUND udp dport 53 counter dnat to fd10:0:2::2")
        );
        assert!(!script.contains("PREINBOUND counter dnat"));
    }
}
