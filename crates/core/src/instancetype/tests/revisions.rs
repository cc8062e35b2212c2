//! Matchers, revisions and the reference policy.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kubevirt_api::VirtualMachineInstancetypeSpec;
use rstest::rstest;
use serde_json::{Value, json};

use super::{machine, template};
use crate::instancetype::{
    Kind, Matcher, Wanted, controller_revision, is_named, is_to_be_expanded, specification,
    stale_revisions, status_reference, wanted, written_out,
};

#[rstest]
#[case(None, Some(Kind::ClusterInstancetype))]
#[case(Some(""), Some(Kind::ClusterInstancetype))]
#[case(Some("VirtualMachineInstancetype"), Some(Kind::Instancetype))]
#[case(Some("virtualmachineinstancetypes"), Some(Kind::Instancetype))]
#[case(
    Some("virtualmachineCLUSTERinstancetype"),
    Some(Kind::ClusterInstancetype)
)]
#[case(
    Some("virtualmachineclusterinstancetypes"),
    Some(Kind::ClusterInstancetype)
)]
#[case(Some("VirtualMachinePreference"), None)]
#[case(Some("Pod"), None)]
fn kinds_of_instancetypes(#[case] given: Option<&str>, #[case] expected: Option<Kind>) {
    assert_eq!(Kind::of_instancetype(given).ok(), expected);
}

#[rstest]
#[case(None, Some(Kind::ClusterPreference))]
#[case(Some("virtualmachinepreference"), Some(Kind::Preference))]
#[case(Some("VirtualMachineInstancetype"), None)]
fn kinds_of_preferences(#[case] given: Option<&str>, #[case] expected: Option<Kind>) {
    assert_eq!(Kind::of_preference(given).ok(), expected);
    if expected.is_none() {
        let error = Kind::of_preference(given).unwrap_err().to_string();
        assert!(error.contains("VirtualMachineClusterPreference"), "{error}");
    }
}

fn small() -> Matcher {
    Matcher {
        kind: Kind::ClusterInstancetype,
        name: "small".to_owned(),
        revision: None,
    }
}

fn reference(name: &str, revision: &str) -> Value {
    json!({"instancetypeRef": {"name": name, "kind": "VirtualMachineClusterInstancetype", "controllerRevisionRef": {"name": revision}}})
}

#[rstest]
#[case::nothing_named(json!({}), json!({}), Wanted::Nothing)]
#[case::named(json!({"instancetype": {"name": "small"}}), json!({}), Wanted::Made(small()))]
#[case::kept(json!({"instancetype": {"name": "small"}}), reference("small", "r"), Wanted::Nothing)]
#[case::other_name(json!({"instancetype": {"name": "small"}}), reference("large", "r"), Wanted::Made(small()))]
#[case::no_revision(json!({"instancetype": {"name": "small"}}), reference("small", ""), Wanted::Made(small()))]
#[case::not_named_any_more(json!({}), reference("small", "r"), Wanted::Cleared)]
#[case::the_users(json!({"instancetype": {"name": "small", "revisionName": "r"}}), reference("small", "r"), Wanted::Nothing)]
#[case::another_of_the_user(json!({"instancetype": {"name": "small", "revisionName": "q"}}), reference("small", "r"), Wanted::Named(Matcher { revision: Some("q".to_owned()), ..small() }, "q".to_owned()))]
fn what_the_status_is_to_say(#[case] spec: Value, #[case] status: Value, #[case] expected: Wanted) {
    let [instancetype, preference] = wanted(&machine(spec, status)).unwrap();
    assert_eq!(instancetype, expected);
    assert_eq!(preference, Wanted::Nothing);
}

#[test]
fn once_the_status_says_it_nothing_is_wanted() {
    let mut vm = machine(
        json!({"instancetype": {"name": "small"}, "preference": {"name": "p", "kind": "VirtualMachinePreference"}}),
        json!({}),
    );
    let [Wanted::Made(instancetype), Wanted::Made(preference)] = wanted(&vm).unwrap() else {
        panic!("both are to be made");
    };
    let status = vm.status.get_or_insert_default();
    status.instancetype_ref = Some(status_reference(&instancetype, "a"));
    status.preference_ref = Some(status_reference(&preference, "b"));
    assert_eq!(wanted(&vm).unwrap(), [Wanted::Nothing, Wanted::Nothing]);
    let kept = vm
        .status
        .as_ref()
        .and_then(|status| status.instancetype_ref.as_ref());
    assert_eq!(instancetype.revision_to_read(kept), Some("a"));
}

#[test]
fn a_revision_holds_the_object_and_belongs_to_the_machine() {
    let metadata = ObjectMeta {
        name: Some("small".to_owned()),
        uid: Some("u".to_owned()),
        generation: Some(3),
        ..ObjectMeta::default()
    };
    let spec = json!({"cpu": {"guest": 2}, "memory": {"guest": "1Gi"}});
    let vm = machine(json!({}), json!({}));
    let revision = controller_revision(&vm, &small(), &metadata, &spec);
    assert_eq!(
        revision.metadata.name.as_deref(),
        Some("vm-small-v1beta1-u-3")
    );
    assert_eq!(revision.metadata.namespace.as_deref(), Some("ns"));
    let owner = revision
        .metadata
        .owner_references
        .clone()
        .unwrap()
        .remove(0);
    assert_eq!(
        (owner.kind.as_str(), owner.uid.as_str()),
        ("VirtualMachine", "m")
    );
    assert_eq!(
        serde_json::to_value(&revision.metadata.labels).unwrap(),
        json!({
            "instancetype.kubevirt.io/object-generation": "3",
            "instancetype.kubevirt.io/object-kind": "VirtualMachineClusterInstancetype",
            "instancetype.kubevirt.io/object-name": "small",
            "instancetype.kubevirt.io/object-uid": "u",
            "instancetype.kubevirt.io/object-version": "v1beta1",
        })
    );
    let data = &revision.data.as_ref().unwrap().0;
    assert_eq!(data["apiVersion"], "instancetype.kubevirt.io/v1beta1");
    assert_eq!(data["metadata"]["name"], "small");
    let read: VirtualMachineInstancetypeSpec = specification(&revision).unwrap();
    assert_eq!(read.cpu.guest, 2);
    let mut empty = revision;
    empty.data = None;
    let error = specification::<VirtualMachineInstancetypeSpec>(&empty).unwrap_err();
    assert!(error.to_string().contains("vm-small-v1beta1-u-3"));
}

#[rstest]
#[case("reference", json!({"name": "small"}), json!({}), false)]
#[case("expand", json!({"name": "small"}), json!({}), true)]
#[case("expand", json!({"name": "small"}), reference("small", "r"), false)]
#[case("expand", json!({"name": "small", "revisionName": "r"}), json!({}), false)]
#[case("expandAll", json!({"name": "small"}), reference("small", "r"), true)]
fn what_the_settings_want_written_out(
    #[case] policy: &str,
    #[case] matcher: Value,
    #[case] status: Value,
    #[case] expected: bool,
) {
    let vm = machine(json!({ "instancetype": matcher }), status);
    assert_eq!(is_to_be_expanded(&vm, policy), expected);
    let written = written_out(&vm, template(json!({})));
    assert!(!is_named(&written));
    assert!(!is_to_be_expanded(&written, policy));
}

#[rstest]
#[case::the_same(json!({"name": "small", "revisionName": "r"}), true)]
#[case::another_name(json!({"name": "large", "revisionName": "r"}), false)]
#[case::both(json!({"name": "large", "revisionName": "q"}), true)]
#[case::cleared(json!({"name": "large"}), true)]
#[case::another_revision(json!({"name": "small", "revisionName": "q"}), true)]
fn a_revision_is_one_of_what_is_named(#[case] after: Value, #[case] good: bool) {
    let before = json!({"name": "small", "revisionName": "r"});
    for field in ["instancetype", "preference"] {
        let old = machine(json!({ field: before }), json!({}));
        let new = machine(json!({ field: after }), json!({}));
        let faults = stale_revisions(&old, &new);
        assert_eq!(faults.is_empty(), good, "{faults:?}");
        assert!(
            faults
                .iter()
                .all(|fault| fault.field == format!("spec.{field}.revisionName"))
        );
    }
}
