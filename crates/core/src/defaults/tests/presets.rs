//! How presets match and merge.

use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstancePreset};
use rstest::rstest;
use serde_json::{Value, json};

use crate::defaults::apply_presets;

fn preset(name: &str, selector: Value, domain: Value) -> VirtualMachineInstancePreset {
    serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstancePreset", "metadata": {"name": name},
        "spec": {"selector": selector, "domain": domain},
    }))
    .unwrap()
}

fn instance(domain: Value, annotations: Value) -> VirtualMachineInstance {
    serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": {"name": "a", "labels": {"size": "small", "os": "any"}, "annotations": annotations},
        "spec": {"domain": domain},
    }))
    .unwrap()
}

fn small() -> Value {
    json!({"matchLabels": {"size": "small"}})
}

fn applied(vmi: &VirtualMachineInstance) -> Vec<String> {
    let annotations = vmi.metadata.annotations.clone().unwrap_or_default();
    annotations
        .into_iter()
        .filter_map(|(key, value)| {
            let name = key
                .strip_prefix("virtualmachinepreset.kubevirt.io/")?
                .to_owned();
            assert_eq!(value, "kubevirt.io/v1");
            Some(name)
        })
        .collect()
}

#[rstest]
#[case::labels(small(), true)]
#[case::everything(json!({}), true)]
#[case::other_value(json!({"matchLabels": {"size": "large"}}), false)]
#[case::other_label(json!({"matchLabels": {"colour": "red"}}), false)]
#[case::one_of(json!({"matchExpressions": [{"key": "os", "operator": "In", "values": ["any", "none"]}]}), true)]
#[case::none_of(json!({"matchExpressions": [{"key": "os", "operator": "NotIn", "values": ["any"]}]}), false)]
#[case::exists(json!({"matchExpressions": [{"key": "os", "operator": "Exists"}]}), true)]
#[case::does_not_exist(json!({"matchExpressions": [{"key": "os", "operator": "DoesNotExist"}]}), false)]
fn presets_select_by_labels(#[case] selector: Value, #[case] selected: bool) {
    let mut vmi = instance(json!({"devices": {}}), json!({}));
    let presets = [preset(
        "p",
        selector,
        json!({"devices": {}, "cpu": {"cores": 4}}),
    )];
    apply_presets(&mut vmi, &presets).unwrap();
    assert_eq!(vmi.spec.domain.cpu.is_some(), selected);
    assert_eq!(applied(&vmi), if selected { vec!["p"] } else { vec![] });
}

#[rstest]
#[case::taken(json!({"devices": {}}), json!({"devices": {}, "memory": {"guest": "1Gi"}}), "/memory/guest", json!("1Gi"), true)]
#[case::instance_wins(json!({"devices": {}, "cpu": {"cores": 2}}), json!({"devices": {}, "cpu": {"cores": 4, "model": "Haswell"}}), "/cpu", json!({"cores": 2}), false)]
#[case::same(json!({"devices": {}, "cpu": {"cores": 2}}), json!({"devices": {}, "cpu": {"cores": 2}}), "/cpu", json!({"cores": 2}), true)]
#[case::each_request(json!({"devices": {}, "resources": {"requests": {"cpu": "1"}}}), json!({"devices": {}, "resources": {"requests": {"cpu": "2", "memory": "1Gi"}}}), "/resources/requests", json!({"cpu": "1", "memory": "1Gi"}), true)]
#[case::each_device(json!({"devices": {"disks": [{"name": "d", "disk": {}}]}}), json!({"devices": {"disks": [{"name": "e"}], "watchdog": {"name": "w"}}}), "/devices/watchdog/name", json!("w"), true)]
#[case::list_of_the_instance(json!({"devices": {"disks": [{"name": "d", "disk": {}}]}}), json!({"devices": {"disks": [{"name": "e"}]}}), "/devices/disks/0/name", json!("d"), false)]
fn parts_are_merged(
    #[case] domain: Value,
    #[case] of_preset: Value,
    #[case] pointer: &str,
    #[case] expected: Value,
    #[case] noted: bool,
) {
    let mut vmi = instance(domain, json!({}));
    apply_presets(&mut vmi, &[preset("p", small(), of_preset)]).unwrap();
    let merged = serde_json::to_value(&vmi.spec.domain).unwrap();
    assert_eq!(merged.pointer(pointer), Some(&expected));
    assert_eq!(!applied(&vmi).is_empty(), noted);
}

#[test]
fn presets_that_contradict_each_other_are_refused() {
    let mut vmi = instance(json!({"devices": {}}), json!({}));
    let before = vmi.clone();
    let two = json!({"devices": {}, "cpu": {"cores": 2}});
    let four = json!({"devices": {}, "cpu": {"cores": 4}});
    let error = apply_presets(
        &mut vmi,
        &[
            preset("one", small(), two.clone()),
            preset("other", small(), four.clone()),
        ],
    )
    .unwrap_err();
    assert!(error.to_string().contains("domain.cpu"), "{error}");
    assert_eq!(vmi, before);
    // One that does not select the instance does not matter, nor do two that agree.
    let far = preset("other", json!({"matchLabels": {"size": "large"}}), four);
    let presets = [
        preset("one", small(), two.clone()),
        far,
        preset("same", small(), two),
    ];
    apply_presets(&mut vmi, &presets).unwrap();
    assert_eq!(applied(&vmi), ["one", "same"]);
}

#[test]
fn who_wants_no_preset_gets_none() {
    let exclude = json!({"virtualmachineinstancepresets.admission.kubevirt.io/exclude": "true"});
    let mut vmi = instance(json!({"devices": {}}), exclude);
    let before = vmi.clone();
    let presets = [preset(
        "p",
        small(),
        json!({"devices": {}, "cpu": {"cores": 4}}),
    )];
    apply_presets(&mut vmi, &presets).unwrap();
    assert_eq!(vmi, before);
}
