use FaultReason::{
    FieldValueDuplicate as Duplicate, FieldValueInvalid as Invalid,
    FieldValueNotSupported as NotSupported, FieldValueRequired as Required,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check, config, faults_with};

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
