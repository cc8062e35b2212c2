//! Pools, sizes and preferences.

use kubevirt_api::{
    VirtualMachineInstancetype, VirtualMachineInstancetypeSpec, VirtualMachinePool,
    VirtualMachinePreference, VirtualMachinePreferenceSpec,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::validation::FaultReason::{
    FieldValueInvalid as Invalid, FieldValueNotSupported as NotSupported,
    FieldValueRequired as Required,
};
use crate::validation::kinds::*;

fn pool() -> Value {
    json!({
        "replicas": 1,
        "selector": {"matchLabels": {"pool": "a"}},
        "virtualMachineTemplate": {
            "metadata": {"labels": {"pool": "a"}},
            "spec": {
                "runStrategy": "Halted",
                "template": {"spec": {"domain": {"devices": {}, "memory": {"guest": "64Mi"}}}},
            },
        },
    })
}

#[rstest]
#[case::selector(json!({"selector": {"matchExpressions": [{"key": "pool", "operator": "In", "values": ["a", "b"]}]}}), json!({"selector": {"matchLabels": {"pool": "b"}}}), "spec.selector", Invalid, "does not match")]
#[case::selector_without_labels(json!({}), json!({"virtualMachineTemplate": {"metadata": null}}), "spec.selector", Invalid, "does not match")]
#[case::empty_selector(json!({}), json!({"selector": {"matchLabels": null}}), "spec.selector", Required, "must select something")]
#[case::bad_operator(json!({"selector": {"matchExpressions": [{"key": "pool", "operator": "Exists"}]}}), json!({"selector": {"matchExpressions": [{"key": "pool", "operator": "Like", "values": ["a"]}]}}), "spec.selector", Invalid, "is not a selector")]
#[case::max_unavailable(json!({"maxUnavailable": 1}), json!({"maxUnavailable": 0}), "spec.maxUnavailable", Invalid, "from 1")]
#[case::max_unavailable_percent(json!({"maxUnavailable": "100%"}), json!({"maxUnavailable": "101%"}), "spec.maxUnavailable", Invalid, "percentage")]
#[case::max_unavailable_text(json!({"maxUnavailable": "1%"}), json!({"maxUnavailable": "3"}), "spec.maxUnavailable", Invalid, "percentage")]
#[case::max_unavailable_nothing(json!({"maxUnavailable": "50%"}), json!({"maxUnavailable": "0%"}), "spec.maxUnavailable", Invalid, "percentage")]
#[case::scale_in(json!({"scaleInStrategy": {"proactive": {}}}), json!({"scaleInStrategy": {"proactive": {}, "opportunistic": {}}}), "spec.scaleInStrategy", Invalid, "2 strategies")]
#[case::update(json!({"updateStrategy": {"unmanaged": {}}}), json!({"updateStrategy": {"unmanaged": {}, "proactive": {}, "opportunistic": {}}}), "spec.updateStrategy", Invalid, "3 strategies")]
#[case::healing(json!({"autohealing": {"minFailingToStartDuration": "5m"}}), json!({"autohealing": {"minFailingToStartDuration": "five"}}), "spec.autohealing.minFailingToStartDuration", Invalid, "not a duration")]
#[case::template(json!({}), json!({"virtualMachineTemplate": {"spec": null}}), "spec.virtualMachineTemplate.spec", Required, "write the spec")]
#[case::machine(json!({"virtualMachineTemplate": {"spec": {"runStrategy": "Always"}}}), json!({"virtualMachineTemplate": {"spec": {"runStrategy": "Sometimes"}}}), "spec.virtualMachineTemplate.spec.runStrategy", NotSupported, "Sometimes")]
#[case::guest(json!({}), json!({"virtualMachineTemplate": {"spec": {"template": {"spec": {"hostname": "A_b"}}}}}), "spec.virtualMachineTemplate.spec.template.spec.hostname", Invalid, "")]
fn pools(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let config = config(json!({}));
    let faults = |patch| validate_pool(&changed::<VirtualMachinePool>(&pool(), patch), &config);
    assert_eq!(faults(&good), [], "good");
    one(&faults(&bad), field, reason, message);
}

#[test]
fn the_selector_of_a_pool_stays() {
    let config = config(json!({}));
    let old: VirtualMachinePool = object(&pool());
    let labels = json!({"matchLabels": {"pool": "a", "more": "b"}});
    let mut new: VirtualMachinePool = changed(
        &pool(),
        &json!({"selector": labels, "virtualMachineTemplate": {"metadata": {"labels": {"more": "b"}}}}),
    );
    one(
        &validate_pool_update(&old, &new, &config),
        "spec.selector",
        Invalid,
        "cannot be changed",
    );
    new.metadata.deletion_timestamp =
        serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap();
    assert_eq!(validate_pool_update(&old, &new, &config), []);
    let more: VirtualMachinePool = changed(&pool(), &json!({"replicas": 3}));
    assert_eq!(validate_pool_update(&old, &more, &config), []);
    let running =
        json!({"virtualMachineTemplate": {"spec": {"runStrategy": null, "running": true}}});
    let warnings = warnings_pool(&changed(&pool(), &running));
    assert!(
        warnings[0].starts_with("spec.virtualMachineTemplate.spec.running is deprecated"),
        "{warnings:?}"
    );
}

fn size() -> Value {
    json!({"cpu": {"guest": 2}, "memory": {"guest": "1Gi"}})
}

#[rstest]
#[case::cpu(json!({"cpu": {"guest": 1}}), json!({"cpu": {"guest": 0}}), "spec.cpu.guest", Required, "at least 1")]
#[case::memory(json!({"memory": {"guest": "1Mi"}}), json!({"memory": {"guest": "0"}}), "spec.memory.guest", Required, "more than 0")]
#[case::memory_text(json!({}), json!({"memory": {"guest": "1 Gi"}}), "spec.memory.guest", Invalid, "not an amount")]
#[case::overcommit(json!({"memory": {"overcommitPercent": 100}}), json!({"memory": {"overcommitPercent": 101}}), "spec.memory.overcommitPercent", Invalid, "0 to 100")]
#[case::negative_overcommit(json!({"memory": {"overcommitPercent": 0}}), json!({"memory": {"overcommitPercent": -1}}), "spec.memory.overcommitPercent", Invalid, "0 to 100")]
#[case::hugepages(json!({"memory": {"hugepages": {"pageSize": "2Mi"}}}), json!({"memory": {"hugepages": {"pageSize": "2Mi"}, "overcommitPercent": 10}}), "spec.memory.overcommitPercent", Invalid, "hugepages")]
fn sizes(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let faults =
        |patch| validate_instancetype(&changed::<VirtualMachineInstancetype>(&size(), patch).spec);
    assert_eq!(faults(&good), [], "good");
    one(&faults(&bad), field, reason, message);
}

#[test]
fn a_size_that_no_machine_can_use_is_warned_about() {
    let spec = |patch: &Value| -> VirtualMachineInstancetypeSpec {
        changed::<VirtualMachineInstancetype>(&size(), patch).spec
    };
    assert_eq!(
        warnings_instancetype(&spec(
            &json!({"cpu": {"dedicatedCPUPlacement": true, "isolateEmulatorThread": true}})
        )),
        [""; 0]
    );
    let warnings = warnings_instancetype(&spec(
        &json!({"cpu": {"isolateEmulatorThread": true}, "launchSecurity": {}}),
    ));
    assert!(warnings[0].contains("launchSecurity is deprecated"));
    assert!(warnings[1].contains("isolateEmulatorThread needs spec.cpu.dedicatedCPUPlacement"));
}

#[rstest]
#[case::topology(json!({"cpu": {"preferredCPUTopology": "any"}}), json!({"cpu": {"preferredCPUTopology": "rings"}}), "spec.cpu.preferredCPUTopology", NotSupported, "sockets, cores")]
#[case::deprecated_topology(json!({"cpu": {"preferredCPUTopology": "preferSpread"}}), json!({"cpu": {"preferredCPUTopology": "preferRings"}}), "spec.cpu.preferredCPUTopology", NotSupported, "preferRings")]
#[case::across(json!({"cpu": {"spreadOptions": {"across": "SocketsCoresThreads"}}}), json!({"cpu": {"spreadOptions": {"across": "Threads"}}}), "spec.cpu.spreadOptions.across", NotSupported, "CoresThreads")]
#[case::ratio(json!({"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "CoresThreads", "ratio": 2}}}), json!({"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "CoresThreads", "ratio": 3}}}), "spec.cpu.spreadOptions.ratio", Invalid, "set 2")]
#[case::old_ratio(json!({"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "SocketsCores"}}, "preferSpreadSocketToCoreRatio": 4}), json!({"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "CoresThreads"}}, "preferSpreadSocketToCoreRatio": 4}), "spec.preferSpreadSocketToCoreRatio", Invalid, "set 2")]
#[case::no_ratio(json!({"cpu": {"spreadOptions": {"ratio": 1}}}), json!({"cpu": {"spreadOptions": {"ratio": 0}}}), "spec.cpu.spreadOptions.ratio", Invalid, "at least 1")]
#[case::requirement(json!({"requirements": {"memory": {"guest": "1Gi"}}}), json!({"requirements": {"memory": {"guest": "much"}}}), "spec.requirements.memory.guest", Invalid, "not an amount")]
fn preferences(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let faults =
        |patch| validate_preference(&changed::<VirtualMachinePreference>(&json!({}), patch).spec);
    assert_eq!(faults(&good), [], "good");
    one(&faults(&bad), field, reason, message);
}

#[test]
fn deprecated_words_of_preferences_are_told() {
    let spec: VirtualMachinePreferenceSpec = serde_json::from_value(json!({
        "cpu": {"preferredCPUTopology": "preferCores"},
        "preferSpreadSocketToCoreRatio": 3,
        "firmware": {"preferredUseEfi": true, "preferredUseSecureBoot": true},
        "devices": {"preferredDiskBus": ""},
    }))
    .unwrap();
    assert_eq!(
        warnings_preference(&spec),
        [
            "spec.cpu.preferredCPUTopology preferCores is deprecated, use cores",
            "spec.preferSpreadSocketToCoreRatio is deprecated, use spec.cpu.spreadOptions.ratio",
            "spec.firmware.preferredUseEfi is deprecated, use spec.firmware.preferredEfi",
            "spec.firmware.preferredUseSecureBoot is deprecated, use spec.firmware.preferredEfi.secureBoot",
        ]
    );
    assert_eq!(validate_preference(&spec), []);
}
