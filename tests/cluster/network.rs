//! The guest's network: address, name service, to the outside and from it.

use std::process::Command;

use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Console, Guest, Namespace, http, within};

fn answers(address: &str, expected: &str) -> anyhow::Result<()> {
    within(STEP, &format!("HTTP from the guest at {address}"), || {
        Ok(http::get(address, 80)?.contains(expected))
    })
}

/// ICMP from this machine, which has a route to each pod.
fn pings(address: &str) -> anyhow::Result<()> {
    within(STEP, &format!("an echo from {address}"), || {
        Ok(Command::new("ping")
            .args(["-c1", "-W2", address])
            .output()?
            .status
            .success())
    })
}

/// The guest has an address by DHCP, resolves a service's name and reaches it: kube-apiserver through its service address.
fn reaches_the_outside(console: &mut Console) -> anyhow::Result<()> {
    let resolved = console.run("nslookup kubernetes.default.svc.cluster.local")?;
    assert!(resolved.contains("10.96.0.1"), "{resolved}");
    console.run("nc -w 10 10.96.0.1 443 </dev/null")?;
    console.run("ping -c 1 -W 10 192.168.200.2").map(|_| ())
}

#[test]
fn masquerade_gives_a_private_address_and_the_pods_address_outside() -> anyhow::Result<()> {
    let namespace = Namespace::new("masquerade")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    let address = console.run("ip -4 addr show dev eth0")?;
    assert!(address.contains("10.0.2.2/24"), "{address}");
    reaches_the_outside(&mut console)?;
    let (_, pod_address) = namespace.launcher_pod("vm1")?;
    answers(&pod_address, "vm1")?;
    pings(&pod_address)
}

#[test]
fn bridge_gives_the_pods_own_address() -> anyhow::Result<()> {
    let namespace = Namespace::new("bridge")?;
    namespace.apply(&Guest::new("vm1").bridge().vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    let (_, pod_address) = namespace.launcher_pod("vm1")?;
    let address = console.run("ip -4 addr show dev eth0")?;
    assert!(
        address.contains(&format!("{pod_address}/")),
        "{address} has not {pod_address}"
    );
    let link = console.run("cat /sys/class/net/eth0/address")?;
    assert_eq!(
        namespace.field("vmi", "vm1", "/status/interfaces/0/mac")?,
        link
    );
    reaches_the_outside(&mut console)?;
    answers(&pod_address, "vm1")?;
    pings(&pod_address)
}

#[test]
fn only_listed_ports_are_forwarded() -> anyhow::Result<()> {
    let namespace = Namespace::new("ports")?;
    let manifest = Guest::new("vm1").vm().replace(
        "{name: default, masquerade: {}}",
        "{name: default, masquerade: {}, ports: [{name: web, port: 80}]}",
    );
    namespace.apply(&manifest)?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let (_, pod_address) = namespace.launcher_pod("vm1")?;
    within(BOOT, "HTTP from the guest", || {
        Ok(http::get(&pod_address, 80)?.contains("vm1"))
    })?;
    let refused = http::get(&pod_address, 81)
        .err()
        .map(|error| format!("{error:#}"))
        .unwrap_or_default();
    assert!(
        refused.contains("cannot connect"),
        "port 81 was forwarded: {refused}"
    );
    Ok(())
}

#[test]
fn two_machines_on_two_nodes_reach_each_other() -> anyhow::Result<()> {
    let namespace = Namespace::new("twonodes")?;
    namespace.apply(&Guest::new("vm1").on_node("node1").vm())?;
    namespace.apply(&Guest::new("vm2").on_node("node2").vm())?;
    let mut first = Console::open(&namespace, "vm1")?;
    let mut second = Console::open(&namespace, "vm2")?;
    first.log_in()?;
    second.log_in()?;
    let (_, first_address) = namespace.launcher_pod("vm1")?;
    let (_, second_address) = namespace.launcher_pod("vm2")?;
    assert_eq!(namespace.field("vmi", "vm1", "/status/nodeName")?, "node1");
    assert_eq!(namespace.field("vmi", "vm2", "/status/nodeName")?, "node2");
    assert!(
        first
            .run(&format!("wget -q -O - http://{second_address}/"))?
            .contains("vm2")
    );
    assert!(
        second
            .run(&format!("wget -q -O - http://{first_address}/"))?
            .contains("vm1")
    );
    first.run(&format!("ping -c 1 -W 10 {second_address}"))?;
    Ok(())
}
