use FaultReason::{
    FieldValueDuplicate as Duplicate, FieldValueInvalid as Invalid,
    FieldValueNotSupported as NotSupported, FieldValueRequired as Required,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check, check_gate, check_with, config, faults_with, gates};

/// The only interface, completed by `interface`.
fn interface(mut interface: Value) -> Value {
    interface["name"] = "default".into();
    json!({"domain": {"devices": {"interfaces": [interface]}}})
}

#[rstest]
#[case::no_binding(json!({"bridge": {}}), json!({}), "", Required, "masquerade: {}")]
#[case::bindings(json!({"masquerade": {}}), json!({"bridge": {}, "masquerade": {}}), "", Invalid, "keep one")]
#[case::model(json!({"masquerade": {}, "model": "e1000e"}), json!({"masquerade": {}, "model": "ne2k"}), "model", NotSupported, "virtio, e1000")]
#[case::mac(json!({"masquerade": {}, "macAddress": "de:ad:00:00:be:af"}), json!({"masquerade": {}, "macAddress": "de:ad:00:00:be"}), "macAddress", Invalid, "six bytes")]
#[case::group_mac(json!({"bridge": {}}), json!({"bridge": {}, "macAddress": "01:00:5e:00:00:01"}), "macAddress", Invalid, "groups")]
#[case::bridge_mac(json!({"bridge": {}, "macAddress": "02:00:00:00:00:00"}), json!({"masquerade": {}, "macAddress": "02:00:00:00:00:00"}), "macAddress", Invalid, "choose another")]
#[case::pci(json!({"masquerade": {}, "pciAddress": "0000:81:01.0"}), json!({"masquerade": {}, "pciAddress": "1"}), "pciAddress", Invalid, "0000:81:01.0")]
#[case::port(json!({"masquerade": {}, "ports": [{"port": 65535}]}), json!({"masquerade": {}, "ports": [{"port": 65536}]}), "ports[0].port", Invalid, "1 to 65535")]
#[case::port_zero(json!({"masquerade": {}, "ports": [{"port": 1}]}), json!({"masquerade": {}, "ports": [{"port": 0}]}), "ports[0].port", Invalid, "1 to 65535")]
#[case::protocol(json!({"masquerade": {}, "ports": [{"port": 53, "protocol": "UDP"}]}), json!({"masquerade": {}, "ports": [{"port": 53, "protocol": "SCTP"}]}), "ports[0].protocol", NotSupported, "TCP, UDP")]
#[case::port_twice(json!({"masquerade": {}, "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}]}), json!({"masquerade": {}, "ports": [{"port": 53, "protocol": "TCP"}, {"port": 53}]}), "ports[1]", Duplicate, "given twice")]
#[case::port_name(json!({"masquerade": {}, "ports": [{"port": 80, "name": "http"}]}), json!({"masquerade": {}, "ports": [{"port": 80, "name": "HTTP"}]}), "ports[0].name", Invalid, "15 lower-case")]
#[case::port_name_twice(json!({"masquerade": {}, "ports": [{"port": 80, "name": "http"}, {"port": 81, "name": "alt"}]}), json!({"masquerade": {}, "ports": [{"port": 80, "name": "http"}, {"port": 81, "name": "http"}]}), "ports[1].name", Duplicate, "rename")]
#[case::boot_order(json!({"masquerade": {}, "bootOrder": 1}), json!({"masquerade": {}, "bootOrder": 0}), "bootOrder", Invalid, "start with 1")]
fn interfaces(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let field = format!("spec.domain.devices.interfaces[0].{field}");
    check(
        &interface(good),
        &interface(bad),
        field.trim_end_matches('.'),
        reason,
        message,
    );
}

#[rstest]
#[case::source(json!([{"name": "default", "pod": {}}]), json!([{"name": "default"}]), &["spec.networks[0]", "spec.domain.devices.interfaces[0].masquerade"])]
#[case::cidr(json!([{"name": "default", "pod": {"vmNetworkCIDR": "10.11.0.0/30"}}]), json!([{"name": "default", "pod": {"vmNetworkCIDR": "10.11.0.0/31"}}]), &["spec.networks[0].pod.vmNetworkCIDR"])]
#[case::cidr_of_v6(json!([{"name": "default", "pod": {}}]), json!([{"name": "default", "pod": {"vmNetworkCIDR": "fd00::/64"}}]), &["spec.networks[0].pod.vmNetworkCIDR"])]
#[case::unused(json!([{"name": "default", "pod": {}}]), json!([{"name": "default", "pod": {}}, {"name": "b", "pod": {}}]), &["spec.networks[1].name", "spec.networks[1].pod"])]
#[case::twice(json!([{"name": "default", "pod": {}}]), json!([{"name": "default", "pod": {}}, {"name": "default", "pod": {}}]), &["spec.networks[1].name", "spec.networks[1].pod"])]
#[case::missing(json!([{"name": "default", "pod": {}}]), json!([]), &["spec.domain.devices.interfaces[0].name"])]
fn networks(#[case] good: Value, #[case] bad: Value, #[case] fields: &[&str]) {
    assert_eq!(
        faults_with(&json!({"networks": good}), &config(json!({}))),
        []
    );
    let faults = faults_with(&json!({"networks": bad}), &config(json!({})));
    assert_eq!(
        faults
            .iter()
            .map(|fault| fault.field.as_str())
            .collect::<Vec<_>>(),
        fields,
        "{faults:#?}"
    );
}

#[test]
fn names() {
    let named = |name: &str| json!({"networks": [{"name": name, "pod": {}}], "domain": {"devices": {"interfaces": [{"name": name, "masquerade": {}}]}}});
    assert_eq!(faults_with(&named("Net_1-a"), &config(json!({}))), []);
    let fields: Vec<_> = faults_with(&named("a.b"), &config(json!({})))
        .into_iter()
        .map(|fault| fault.field)
        .collect();
    assert_eq!(
        fields,
        [
            "spec.networks[0].name",
            "spec.domain.devices.interfaces[0].name"
        ]
    );
}

#[test]
fn bridge_where_it_is_not_permitted() {
    let config = config(json!({"network": {"permitBridgeInterfaceOnPodNetwork": false}}));
    assert_eq!(faults_with(&json!({}), &config), []);
    for bad in [
        interface(json!({"bridge": {}})),
        json!({"networks": null, "domain": {"devices": {"interfaces": null}}}),
    ] {
        let faults = faults_with(&bad, &config);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].field, "spec.domain.devices.interfaces[0].bridge");
        assert!(faults[0].message.contains("use masquerade"));
    }
}

/// A second interface and its network beside the pod's.
fn second(mut interface: Value, mut network: Value) -> Value {
    interface["name"] = "b".into();
    network["name"] = "b".into();
    json!({
        "domain": {"devices": {"interfaces": [{"name": "default", "masquerade": {}}, interface]}},
        "networks": [{"name": "default", "pod": {}}, network],
    })
}

fn blue() -> Value {
    json!({"multus": {"networkName": "blue"}})
}

#[rstest]
#[case::sources(second(json!({"bridge": {}}), json!({"multus": {"networkName": "other/blue"}})), json!({"networks": [{"name": "default", "pod": {}, "multus": {"networkName": "blue"}}]}), "spec.networks[0]", Invalid, "keep one of pod, multus and resourceClaim")]
#[case::attachment(second(json!({"bridge": {}}), blue()), second(json!({"bridge": {}}), json!({"multus": {"networkName": ""}})), "spec.networks[1].multus.networkName", Required, "NetworkAttachmentDefinition")]
#[case::attachment_name(second(json!({"sriov": {}}), blue()), second(json!({"bridge": {}}), json!({"multus": {"networkName": "a/b/c"}})), "spec.networks[1].multus.networkName", Invalid, "namespace/name")]
#[case::default_beside_pod(second(json!({"bridge": {}}), blue()), second(json!({"bridge": {}}), json!({"multus": {"networkName": "blue", "default": true}})), "spec.networks[1].multus", Invalid, "keep one of the two")]
#[case::masquerade_elsewhere(second(json!({"bridge": {}}), blue()), second(json!({"masquerade": {}}), blue()), "spec.domain.devices.interfaces[1].masquerade", Invalid, "pod network only")]
#[case::passt_elsewhere(interface(json!({"passtBinding": {}})), second(json!({"passtBinding": {}}), blue()), "spec.domain.devices.interfaces[1].passtBinding", Invalid, "pod network only")]
#[case::sriov_on_pod(second(json!({"sriov": {}}), blue()), interface(json!({"sriov": {}})), "spec.domain.devices.interfaces[0].sriov", Invalid, "multus")]
#[case::slirp(json!({}), interface(json!({"slirp": {}})), "spec.domain.devices.interfaces[0].slirp", NotSupported, "is gone")]
#[case::macvtap(json!({}), second(json!({"macvtap": {}}), blue()), "spec.domain.devices.interfaces[1].macvtap", NotSupported, "is gone")]
#[case::passt(json!({}), interface(json!({"passt": {}})), "spec.domain.devices.interfaces[0].passt", NotSupported, "passtBinding")]
#[case::state(second(json!({"bridge": {}, "state": "down"}), blue()), second(json!({"bridge": {}, "state": "gone"}), blue()), "spec.domain.devices.interfaces[1].state", NotSupported, "up, down, absent")]
#[case::state_of_sriov(second(json!({"sriov": {}, "state": ""}), blue()), second(json!({"sriov": {}, "state": "up"}), blue()), "spec.domain.devices.interfaces[1].state", Invalid, "sriov")]
#[case::absent(second(json!({"bridge": {}, "state": "absent"}), blue()), second(json!({"sriov": {}, "state": "absent"}), blue()), "spec.domain.devices.interfaces[1].state", Invalid, "bridge can be unplugged")]
#[case::absent_default(interface(json!({"bridge": {}})), interface(json!({"bridge": {}, "state": "absent"})), "spec.domain.devices.interfaces[0].state", Invalid, "default network")]
#[case::ipv6(json!({"networks": [{"name": "default", "pod": {"vmIPv6NetworkCIDR": "fd10:0:2::/120"}}]}), json!({"networks": [{"name": "default", "pod": {"vmIPv6NetworkCIDR": "10.0.2.0/24"}}]}), "spec.networks[0].pod.vmIPv6NetworkCIDR", Invalid, "fd10")]
#[case::private_option(interface(json!({"masquerade": {}, "dhcpOptions": {"privateOptions": [{"option": 224, "value": "a"}]}})), interface(json!({"masquerade": {}, "dhcpOptions": {"privateOptions": [{"option": 223, "value": "a"}]}})), "spec.domain.devices.interfaces[0].dhcpOptions.privateOptions[0].option", Invalid, "224 to 254")]
#[case::private_option_twice(json!({}), interface(json!({"masquerade": {}, "dhcpOptions": {"privateOptions": [{"option": 230, "value": "a"}, {"option": 230, "value": "b"}]}})), "spec.domain.devices.interfaces[0].dhcpOptions.privateOptions[1].option", Duplicate, "keep one")]
#[case::time_server(interface(json!({"masquerade": {}, "dhcpOptions": {"ntpServers": ["192.0.2.1"]}})), interface(json!({"masquerade": {}, "dhcpOptions": {"ntpServers": ["ntp.example"]}})), "spec.domain.devices.interfaces[0].dhcpOptions.ntpServers[0]", Invalid, "IPv4 address")]
#[case::acpi_index(interface(json!({"masquerade": {}, "acpiIndex": 16383})), interface(json!({"masquerade": {}, "acpiIndex": 16384})), "spec.domain.devices.interfaces[0].acpiIndex", Invalid, "1 to 16383")]
#[case::acpi_index_twice(json!({}), second(json!({"bridge": {}, "acpiIndex": 1}), blue()), "", Duplicate, "")]
fn more(
    #[case] good: Value,
    #[case] mut bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    if field.is_empty() {
        bad["domain"]["devices"]["interfaces"][0]["acpiIndex"] = 1.into();
        let field = "spec.domain.devices.interfaces[1].acpiIndex";
        check(&good, &bad, field, reason, "choose another");
        return;
    }
    check(&good, &bad, field, reason, message);
}

#[test]
fn one_attachment_is_the_default_network() {
    let attached = |default: [bool; 2]| {
        let network = |name: &str, default: bool| json!({"name": name, "multus": {"networkName": "blue", "default": default}});
        json!({
            "domain": {"devices": {"interfaces": [{"name": "a", "bridge": {}}, {"name": "b", "bridge": {}}]}},
            "networks": [network("a", default[0]), network("b", default[1])],
        })
    };
    check(
        &attached([true, false]),
        &attached([true, true]),
        "spec.networks[1].multus.default",
        Duplicate,
        "",
    );
}

#[test]
fn binding_plugins_are_those_of_the_settings() {
    let settings = json!({"network": {"binding": {"vdpa": {}}}});
    let plugin = |name: &str| interface(json!({"binding": {"name": name}}));
    check_with(
        &settings,
        &plugin("vdpa"),
        &plugin("other"),
        "spec.domain.devices.interfaces[0].binding.name",
        FaultReason::FieldValueNotFound,
        "network.binding",
    );
}

#[test]
fn features_of_networks() {
    check_gate(
        "PasstBinding",
        &interface(json!({"passtBinding": {}})),
        "spec.domain.devices.interfaces[0].passtBinding",
    );
    check_gate(
        "NetworkDevicesWithDRA",
        &second(
            json!({"sriov": {}}),
            json!({"resourceClaim": {"claimName": "nic", "requestName": "port"}}),
        ),
        "spec.networks[1].resourceClaim",
    );
    check_gate(
        "PortRangesSpec",
        &interface(
            json!({"masquerade": {}, "portRanges": [{"protocol": "TCP", "start": 1, "end": 9}]}),
        ),
        "spec.domain.devices.interfaces[0].portRanges",
    );
}

#[rstest]
#[case::binding(json!({"bridge": {}, "portRanges": [{"protocol": "TCP", "start": 1, "end": 9}]}), "", Invalid, "masquerade only")]
#[case::ports_too(json!({"masquerade": {}, "ports": [{"port": 80}], "portRanges": [{"protocol": "TCP", "start": 1, "end": 9}]}), "", Invalid, "ranges of one")]
#[case::many(json!({"masquerade": {}, "portRanges": (1..12).map(|port| json!({"protocol": "TCP", "start": port, "end": port})).collect::<Vec<_>>()}), "", Invalid, "11 ranges")]
#[case::port(json!({"masquerade": {}, "portRanges": [{"protocol": "TCP", "start": 0, "end": 9}]}), "[0].start", Invalid, "1 to 65535")]
#[case::order(json!({"masquerade": {}, "portRanges": [{"protocol": "TCP", "start": 9, "end": 1}]}), "[0].start", Invalid, "exchange")]
#[case::protocol(json!({"masquerade": {}, "portRanges": [{"protocol": "SCTP", "start": 1, "end": 9}]}), "[0].protocol", NotSupported, "TCP, UDP")]
#[case::overlap(json!({"masquerade": {}, "portRanges": [{"protocol": "TCP", "start": 1, "end": 9}, {"protocol": "TCP", "start": 9, "end": 10}]}), "[1]", Duplicate, "portRanges[0]")]
fn ranges_of_ports(
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let good = json!({"masquerade": {}, "portRanges": [{"protocol": "TCP", "start": 1, "end": 9}, {"protocol": "UDP", "start": 9, "end": 10}]});
    check_with(
        &gates(&["PortRangesSpec"]),
        &interface(good),
        &interface(bad),
        &format!("spec.domain.devices.interfaces[0].portRanges{field}"),
        reason,
        message,
    );
}
