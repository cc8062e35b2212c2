//! What volumes say.

use rstest::rstest;
use serde_json::{Value, json};

use super::machine;
use crate::instancetype::infer::{
    Facts, Reference, Seen, Source, Step, Subject, boot_data_source, infer,
};

fn at(source: Source, namespace: &str, name: &str) -> Reference {
    Reference {
        source,
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

fn facts(labels: Value, spec: Value) -> Option<Facts> {
    Some(Facts {
        labels: serde_json::from_value(labels).unwrap(),
        spec,
    })
}

fn labelled() -> Option<Facts> {
    let labels = json!({
        "instancetype.kubevirt.io/default-instancetype": "small",
        "instancetype.kubevirt.io/default-instancetype-kind": "VirtualMachineInstancetype",
    });
    facts(labels, Value::Null)
}

fn found() -> Step {
    Step::Found {
        name: "small".to_owned(),
        kind: Some("VirtualMachineInstancetype".to_owned()),
    }
}

fn of_volume(source: Value, templates: Value, seen: &Seen) -> Step {
    let mut volume = source;
    volume["name"] = json!("v");
    let vm = machine(
        json!({"template": {"spec": {"volumes": [volume]}}, "dataVolumeTemplates": templates}),
        json!({}),
    );
    infer(&vm, Subject::Instancetype, "v", seen)
}

fn claim() -> Value {
    json!({"persistentVolumeClaim": {"claimName": "c"}})
}

fn data_volume() -> Value {
    json!({"dataVolume": {"name": "d"}})
}

fn template(labels: Value, spec: Value) -> Value {
    json!([{"metadata": {"name": "d", "labels": labels}, "spec": spec}])
}

#[rstest]
#[case::claim(claim(), json!([]), vec![(at(Source::Claim, "ns", "c"), labelled())])]
#[case::data_volume(data_volume(), json!([]), vec![(at(Source::DataVolume, "ns", "d"), labelled())])]
#[case::gone_data_volume(data_volume(), json!([]), vec![(at(Source::DataVolume, "ns", "d"), None), (at(Source::Claim, "ns", "d"), labelled())])]
#[case::copy_of_a_claim(data_volume(), json!([]), vec![
    (at(Source::DataVolume, "ns", "d"), facts(json!({}), json!({"source": {"pvc": {"namespace": "images", "name": "i"}}}))),
    (at(Source::Claim, "images", "i"), labelled())])]
#[case::of_a_snapshot(data_volume(), template(json!({}), json!({"source": {"snapshot": {"namespace": "images", "name": "i"}}})), vec![(at(Source::Snapshot, "images", "i"), labelled())])]
#[case::of_a_data_source(data_volume(), template(json!({}), json!({"sourceRef": {"kind": "DataSource", "name": "s"}})), vec![(at(Source::DataSource, "ns", "s"), labelled())])]
#[case::of_a_data_sources_claim(data_volume(), template(json!({}), json!({"sourceRef": {"kind": "DataSource", "name": "s", "namespace": "images"}})), vec![
    (at(Source::DataSource, "images", "s"), facts(json!({}), json!({"source": {"pvc": {"namespace": "images", "name": "i"}}}))),
    (at(Source::Claim, "images", "i"), labelled())])]
fn a_volume_says_it(
    #[case] source: Value,
    #[case] templates: Value,
    #[case] objects: Vec<(Reference, Option<Facts>)>,
) {
    let mut seen = Seen::new();
    for (reference, facts) in objects {
        assert_eq!(
            of_volume(source.clone(), templates.clone(), &seen),
            Step::Read(reference.clone())
        );
        seen.insert(reference, facts);
    }
    assert_eq!(of_volume(source, templates, &seen), found());
}

#[test]
fn the_labels_of_a_template_need_no_reading() {
    let labels = json!({"instancetype.kubevirt.io/default-instancetype": "small"});
    let templates = template(labels, json!({"pvc": {}}));
    let Step::Found { name, kind } = of_volume(data_volume(), templates, &Seen::new()) else {
        panic!("it is said");
    };
    assert_eq!((name.as_str(), kind), ("small", None));
}

#[rstest]
#[case::container_disk(json!({"containerDisk": {"image": "i"}}), vec![])]
#[case::no_label(claim(), vec![(at(Source::Claim, "ns", "c"), facts(json!({}), Value::Null))])]
#[case::label_of_the_other(claim(), vec![(at(Source::Claim, "ns", "c"), facts(json!({"instancetype.kubevirt.io/default-preference": "p"}), Value::Null))])]
#[case::downloaded(data_volume(), vec![(at(Source::DataVolume, "ns", "d"), facts(json!({}), json!({"source": {"http": {"url": "u"}}})))])]
fn a_volume_does_not_say_it(
    #[case] source: Value,
    #[case] objects: Vec<(Reference, Option<Facts>)>,
) {
    let seen = objects.into_iter().collect();
    assert!(matches!(
        of_volume(source, json!([]), &seen),
        Step::Unsaid(_)
    ));
}

#[test]
fn what_does_not_exist_is_told() {
    let seen = Seen::from([(at(Source::Claim, "ns", "c"), None)]);
    let Step::Failed(why) = of_volume(claim(), json!([]), &seen) else {
        panic!("it cannot be found out");
    };
    assert!(why.contains("PersistentVolumeClaim ns/c does not exist"));
    let Step::Failed(why) = infer(
        &machine(json!({}), json!({})),
        Subject::Preference,
        "v",
        &seen,
    ) else {
        panic!("there is no such volume");
    };
    assert!(why.contains("\"v\" is no volume"));
}

#[test]
fn objects_that_lead_to_one_another_come_to_an_end() {
    let round = json!({"source": {"dataSource": {"namespace": "ns", "name": "s"}}});
    let seen = Seen::from([(at(Source::DataSource, "ns", "s"), facts(json!({}), round))]);
    let templates = template(
        json!({}),
        json!({"sourceRef": {"kind": "DataSource", "name": "s"}}),
    );
    assert!(matches!(
        of_volume(data_volume(), templates, &seen),
        Step::Failed(_)
    ));
}

#[rstest]
#[case::first_volume(json!([]), Some("s"))]
#[case::boot_order(json!([{"name": "other", "disk": {}, "bootOrder": 1}, {"name": "v", "disk": {}, "bootOrder": 2}]), None)]
#[case::boots_from_it(json!([{"name": "other", "disk": {}, "bootOrder": 2}, {"name": "v", "disk": {}, "bootOrder": 1}]), Some("s"))]
fn the_data_source_that_a_guest_boots_from(#[case] disks: Value, #[case] name: Option<&str>) {
    let vm = machine(
        json!({
            "dataVolumeTemplates": template(json!({}), json!({"sourceRef": {"kind": "DataSource", "name": "s"}})),
            "template": {"spec": {
                "domain": {"devices": {"disks": disks}},
                "volumes": [{"name": "v", "dataVolume": {"name": "d"}}, {"name": "other", "emptyDisk": {"capacity": "1Gi"}}],
            }},
        }),
        json!({}),
    );
    assert_eq!(
        boot_data_source(&vm),
        name.map(|name| at(Source::DataSource, "ns", name))
    );
}
