use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn of_instance(spec: Value) -> Vec<String> {
    warnings("VirtualMachineInstance", &json!({ "spec": spec }))
}

#[test]
fn the_list_can_be_read_and_is_sorted() {
    assert_eq!(
        rows().len(),
        row::lines(),
        "a line is not kind, field, set|present, ignored|not-started, feature"
    );
    let keys: Vec<_> = rows().iter().map(|row| (row.kind, row.field)).collect();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(keys, sorted, "fields.tsv is to be sorted, each row once");
}

#[test]
fn no_row_lies_within_another() {
    for outer in rows() {
        for inner in rows()
            .iter()
            .filter(|inner| inner.kind == outer.kind && *inner != outer)
        {
            let (Some(outer), Some(inner)) = (outer.field, inner.field) else {
                panic!("{} is listed as a whole and in parts", outer.kind);
            };
            let within = inner
                .strip_prefix(outer)
                .is_some_and(|rest| rest.starts_with(['.', '[', '{']));
            assert!(!within, "{inner} lies within {outer}");
        }
    }
}

#[test]
fn fields_are_named_with_their_place() {
    let object = json!({ "spec": { "template": { "spec": { "domain": { "devices": {
        "gpus": [{ "name": "a", "deviceName": "vendor.example/gpu" }, { "name": "b" }],
    } }, "volumes": [{ "name": "root", "containerDisk": { "image": "i" } }, { "name": "s", "sysprep": {} }] } } } });
    assert_eq!(
        warnings("VirtualMachine", &object),
        [
            "spec.template.spec.domain.devices.gpus[0]: accepted, not acted on yet; the guest is not started while it is there",
            "spec.template.spec.domain.devices.gpus[1]: accepted, not acted on yet; the guest is not started while it is there",
            "spec.template.spec.volumes[1].sysprep: accepted, not acted on yet; the guest is not started while it is there",
        ]
    );
    assert_eq!(
        obstacles("VirtualMachine", &object),
        [
            "spec.template.spec.domain.devices.gpus[0]",
            "spec.template.spec.domain.devices.gpus[1]",
            "spec.template.spec.volumes[1].sysprep",
        ]
    );
    assert_eq!(
        of_instance(json!({ "domain": { "devices": { "downwardMetrics": {} } } })),
        ["spec.domain.devices.downwardMetrics: accepted, not acted on yet"]
    );
}

#[rstest]
#[case(json!({ "domain": { "devices": { "gpus": [] } } }))]
#[case(json!({ "domain": { "devices": { "disableHotplug": false } } }))]
#[case(json!({ "domain": { "launchSecurity": null } }))]
#[case(json!({ "domain": { "launchSecurity": {}, "rebootPolicy": "" } }))]
#[case(json!({ "domain": "not an object", "volumes": { "a": 1 }, "networks": [1, null, "a"] }))]
#[case(Value::Null)]
fn what_means_nothing_draws_no_warning(#[case] spec: Value) {
    assert_eq!(of_instance(spec), [""; 0]);
}

#[test]
fn a_kind_that_nothing_acts_on_is_named() {
    assert_eq!(
        warnings(
            "VirtualMachineSnapshot",
            &json!({ "spec": { "source": {} } })
        ),
        ["VirtualMachineSnapshot: accepted, not acted on yet"]
    );
    assert_eq!(warnings("Pod", &json!({ "spec": {} })), [""; 0]);
}

#[test]
fn many_are_counted_and_stay_within_the_bounds() {
    let gpus: Vec<_> = (0..500)
        .map(|index| json!({ "name": format!("g{index}") }))
        .collect();
    let many = of_instance(json!({ "domain": { "devices": { "gpus": gpus } } }));
    assert_eq!(many.len(), 17);
    assert_eq!(
        many.last().unwrap(),
        "and 484 more: accepted, not acted on yet"
    );

    let binding = (0..30).map(|index| {
        (
            format!("{index}{}", "é".repeat(200)),
            json!({ "sidecarImage": "i" }),
        )
    });
    let binding: serde_json::Map<_, _> = binding.collect();
    let long = warnings(
        "KubeVirt",
        &json!({ "spec": { "configuration": { "network": { "binding": binding } } } }),
    );
    assert!(
        long.iter().all(|text| text.chars().count() <= 256),
        "{long:?}"
    );
    assert!(long.iter().map(String::len).sum::<usize>() < 4096);
    assert!(long.last().unwrap().starts_with("and "), "{long:?}");
}

#[test]
fn a_refusal_names_the_fields() {
    assert_eq!(refusal(&[]), None);
    let text = refusal(&["spec.a".to_owned(), "spec.b".to_owned()]).unwrap();
    assert!(
        text.starts_with("spec.a, spec.b: accepted, not acted on yet"),
        "{text}"
    );
}
