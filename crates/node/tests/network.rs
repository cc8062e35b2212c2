//! The pod network for real: in network namespaces, with a DHCP client and pings. A veth plays the guest's network card.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{GATEWAY, OUTSIDE, POD, Pod, can_run};
use kubevirt_node::dhcp::{DhcpConfig, serve};
use kubevirt_node::network::{
    Binding, InterfaceRequest, PodNetwork, Port, PreparedInterface, prepare,
};
use kubevirt_node::resolv::Resolver;

async fn prepared(pod: &Pod, request: &InterfaceRequest) -> PreparedInterface {
    let network = PodNetwork::open(&pod.path("pod")).unwrap();
    let mut all = prepare(&network, std::slice::from_ref(request))
        .await
        .unwrap();
    all.pop().unwrap()
}

fn config(interface: &PreparedInterface) -> DhcpConfig {
    let resolver =
        Resolver::parse("nameserver 10.96.0.10\nsearch ns.svc.cluster.local cluster.local\n");
    DhcpConfig::new(interface, &resolver, Some("testvm")).unwrap()
}

fn state(pod: &Pod) -> String {
    let mut state = String::new();
    for line in [
        "ip -d link show",
        "ip -4 address show",
        "ip -4 route show",
        "nft -s list ruleset",
        "cat /proc/sys/net/ipv4/ip_forward",
    ] {
        state.push_str(&pod.run("pod", line));
    }
    // Timers and counters of the bridge and packet counters of the rules.
    state
        .lines()
        .map(|line| {
            line.split_whitespace()
                .filter(|word| !word.contains('.') || word.contains('/'))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whether user and group 107 own a TAP device; `ip` shows names where the machine has them.
fn owned(link: &str) -> bool {
    let name = |file: &str| -> String {
        let text = std::fs::read_to_string(file).unwrap();
        let line = text
            .lines()
            .find(|line| line.split(':').nth(2) == Some("107"));
        line.map_or("107", |line| line.split(':').next().unwrap())
            .to_owned()
    };
    let (user, group) = (name("/etc/passwd"), name("/etc/group"));
    link.contains(&format!("user {user} group {group} "))
}

fn ping(pod: &Pod, from: &str, to: &str) -> bool {
    pod.succeeds(from, &format!("ping -c 1 -W 2 {to}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn masquerade() {
    if !can_run() {
        return;
    }
    let pod = Pod::with_address();
    let request = InterfaceRequest::pod_network("default", Binding::Masquerade);
    let interface = prepared(&pod, &request).await;
    assert_eq!(interface.mtu, 1450);
    assert_eq!(
        interface.pod_ips,
        [POD.parse::<std::net::IpAddr>().unwrap()]
    );
    assert_eq!(interface.tap, "tap0");

    let before = state(&pod);
    assert_eq!(prepared(&pod, &request).await, interface);
    assert_eq!(state(&pod), before);

    let tap = pod.run("pod", "ip -N -d link show tap0");
    assert!(
        tap.contains("mtu 1450") && tap.contains("master k6t-eth0"),
        "{tap}"
    );
    assert!(owned(&tap) && tap.contains("persist on"), "{tap}");
    let bridge = pod.run("pod", "ip address show k6t-eth0");
    assert!(
        bridge.contains("02:00:00:00:00:00") && bridge.contains("10.0.2.1/24"),
        "{bridge}"
    );

    let network = PodNetwork::open(&pod.path("pod")).unwrap();
    let server = serve(&network, config(&interface)).await.unwrap();
    pod.plug_guest(&interface.mac.to_string());
    let told = pod.dhcp();
    for line in [
        "ip='10.0.2.2'",
        "subnet='255.255.255.0'",
        "router='10.0.2.1'",
        "dns='10.96.0.10'",
        "mtu='1450'",
        "hostname='testvm'",
        "search='ns.svc.cluster.local cluster.local'",
        "lease='4294967295'",
    ] {
        assert!(told.contains(line), "{line} in\n{told}");
    }
    assert!(server.is_running());

    assert!(
        ping(&pod, "guest", GATEWAY),
        "the guest reaches the gateway"
    );
    // The world has no route to 10.0.2.0/24: answers come only by address translation.
    assert!(ping(&pod, "guest", "10.0.2.1"), "the guest reaches the pod");
    let answer = exchange(&pod, "guest", "world", POD);
    assert!(
        answer.contains("hello"),
        "the world reaches the guest: {answer}"
    );
    let answer = exchange(&pod, "guest", "pod", "127.0.0.1");
    assert!(
        answer.contains("hello"),
        "the pod's loopback reaches the guest: {answer}"
    );
    let answer = exchange(&pod, "world", "guest", GATEWAY);
    assert!(
        answer.contains("hello"),
        "the guest reaches a server: {answer}"
    );

    // Preparing again while the guest talks.
    assert_eq!(prepared(&pod, &request).await, interface);
    assert!(ping(&pod, "guest", GATEWAY));
}

/// A TCP connection from one to a server in the other; gives what the client heard.
fn exchange(pod: &Pod, server: &str, client: &str, address: &str) -> String {
    let mut serving = pod
        .command(
            server,
            "timeout 10 busybox nc -l -p 8080 -e /bin/echo hello",
        )
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    let output = pod.output(client, &format!("timeout 5 busybox nc {address} 8080"));
    serving.kill().unwrap();
    serving.wait().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn masquerade_with_listed_ports_and_ipv6() {
    if !can_run() {
        return;
    }
    let pod = Pod::with_address();
    pod.run("pod", "ip address add fd77::5/64 dev eth0 nodad");
    let mut request = InterfaceRequest::pod_network("default", Binding::Masquerade);
    request.ports = vec![Port {
        udp: false,
        number: 80,
    }];
    request.multi_queue = true;
    let interface = prepared(&pod, &request).await;
    assert_eq!(interface.pod_ips.len(), 2);
    let rules = pod.run("pod", "nft list ruleset");
    assert!(
        rules.contains("tcp dport 80") && rules.contains("dnat to fd10:0:2::2"),
        "{rules}"
    );
    assert!(
        pod.run("pod", "ip address show k6t-eth0")
            .contains("fd10:0:2::1/120")
    );
    assert!(
        pod.run("pod", "ip -d link show tap0")
            .contains("multi_queue")
    );
    assert_eq!(prepared(&pod, &request).await, interface);
    // The one port is the guest's, others are the pod's own.
    let network = PodNetwork::open(&pod.path("pod")).unwrap();
    let _server = serve(&network, config(&interface)).await.unwrap();
    pod.plug_guest(&interface.mac.to_string());
    pod.dhcp();
    let answer = exchange(&pod, "pod", "world", POD);
    assert!(answer.contains("hello"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bridge() {
    if !can_run() {
        return;
    }
    let pod = Pod::with_address();
    pod.run(
        "pod",
        &format!("ip route add 198.51.100.0/24 via {GATEWAY}"),
    );
    let mac = pod.run("pod", "cat /sys/class/net/eth0/address");
    let link = pod.run("pod", "ip link show eth0");
    let request = InterfaceRequest::pod_network("default", Binding::Bridge);
    let interface = prepared(&pod, &request).await;
    assert!(link.contains(&interface.mac.to_string()), "{link} {mac}");
    assert_eq!(
        interface.pod_ips,
        [POD.parse::<std::net::IpAddr>().unwrap()]
    );

    let before = state(&pod);
    assert_eq!(prepared(&pod, &request).await, interface, "found again");
    assert_eq!(state(&pod), before);
    let nic = pod.run("pod", "ip -d address show eth0-nic");
    assert!(
        nic.contains("master k6t-eth0") && nic.contains("learning off"),
        "{nic}"
    );
    assert!(
        !nic.contains("inet ") && !nic.contains(&format!("link/ether {}", interface.mac)),
        "{nic}"
    );

    let network = PodNetwork::open(&pod.path("pod")).unwrap();
    let _server = serve(&network, config(&interface)).await.unwrap();
    pod.plug_guest(&interface.mac.to_string());
    let told = pod.dhcp();
    assert!(told.contains(&format!("ip='{POD}'")), "{told}");
    assert!(told.contains(&format!("router='{GATEWAY}'")), "{told}");
    assert!(told.contains("staticroutes='198.51.100.0/24"), "{told}");
    assert!(
        ping(&pod, "guest", GATEWAY),
        "the guest reaches the gateway"
    );
    assert!(
        ping(&pod, "guest", OUTSIDE),
        "the guest reaches what is behind it"
    );
    assert!(
        ping(&pod, "world", POD),
        "the world reaches the guest at the pod's address"
    );
}

/// As some plug-ins do: one address without a network, the gateway elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn bridge_with_a_gateway_outside_of_the_network() {
    if !can_run() {
        return;
    }
    let pod = Pod::new();
    pod.run("pod", &format!("ip address add {POD}/32 dev eth0"));
    pod.run("pod", "ip route add 169.254.1.1 dev eth0 scope link");
    pod.run("pod", "ip route add default via 169.254.1.1");
    pod.run("world", "ip address add 169.254.1.1/32 dev w0");
    let request = InterfaceRequest::pod_network("default", Binding::Bridge);
    let interface = prepared(&pod, &request).await;
    let network = PodNetwork::open(&pod.path("pod")).unwrap();
    let _server = serve(&network, config(&interface)).await.unwrap();
    pod.plug_guest(&interface.mac.to_string());
    pod.dhcp();
    assert!(
        ping(&pod, "guest", OUTSIDE),
        "the guest reaches the outside"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_bridge_is_finished() {
    if !can_run() {
        return;
    }
    let pod = Pod::with_address();
    let request = InterfaceRequest::pod_network("default", Binding::Bridge);
    let interface = prepared(&pod, &request).await;
    // As if virt-handler had been killed after the renaming.
    pod.run("pod", "ip link set eth0-nic nomaster down");
    pod.run("pod", "ip link del k6t-eth0");
    pod.run("pod", "ip link del tap0");
    let again = prepared(&pod, &request).await;
    assert_eq!(again, interface);
    let nic = pod.run("pod", "ip -d link show eth0-nic");
    assert!(
        nic.contains("master k6t-eth0") && nic.contains(",UP"),
        "{nic}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_without_its_device() {
    if !can_run() {
        return;
    }
    let pod = Pod::new();
    pod.run("pod", "ip link del eth0");
    let network = PodNetwork::open(&pod.path("pod")).unwrap();
    let request = InterfaceRequest::pod_network("default", Binding::Masquerade);
    let error = prepare(&network, &[request]).await.unwrap_err().to_string();
    assert!(
        error.contains("interface default") && error.contains("eth0"),
        "{error}"
    );
}
