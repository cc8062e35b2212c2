//! Claims and DataVolumes.

use serde_json::{Value, json};

use super::expect;
use super::objects::*;
use crate::commands::why::diagnosis::State::*;
use crate::commands::why::facts::Facts;

/// An instance with a further volume, and the claims and DataVolumes of its namespace.
fn with(volume: Value, claims: Vec<Value>, data_volumes: Option<Vec<Value>>) -> Facts {
    let mut facts = instance("Pending");
    let volumes = facts.vmi.as_mut().unwrap()["spec"]["volumes"]
        .as_array_mut()
        .unwrap();
    volumes.push(volume);
    facts.claims = Some(claims);
    facts.data_volumes = data_volumes;
    facts
}

fn on_claim(name: &str) -> Value {
    json!({"name": "data", "persistentVolumeClaim": {"claimName": name}})
}

fn imported(name: &str) -> Value {
    json!({"name": "data", "dataVolume": {"name": name}})
}

fn claim(name: &str, phase: &str, class: &str) -> Value {
    json!({"metadata": {"name": name, "creationTimestamp": "2026-11-24T19:17:00Z"},
        "spec": {"storageClassName": class}, "status": {"phase": phase}})
}

fn class(name: &str, mode: &str) -> Value {
    json!({"metadata": {"name": name}, "volumeBindingMode": mode})
}

#[test]
fn a_claim_does_not_exist() {
    let facts = with(
        on_claim("data1"),
        vec![claim("data-1", "Bound", "local")],
        None,
    );
    expect(
        facts,
        Blocked,
        "ClaimMissing",
        &[
            "PersistentVolumeClaim data1 of volume data",
            "did you mean data-1?",
            "create the claim",
        ],
    );
}

#[test]
fn a_missing_claim_is_found_in_the_template_too() {
    let mut facts = machine("Always");
    facts.vm.as_mut().unwrap()["spec"]["template"]["spec"]["volumes"] = json!([on_claim("data")]);
    facts.claims = Some(Vec::new());
    expect(facts, Blocked, "ClaimMissing", &["volume data"]);
}

#[test]
fn a_claim_has_lost_its_volume_or_goes_away() {
    expect(
        with(on_claim("data"), vec![claim("data", "Lost", "local")], None),
        Blocked,
        "ClaimLost",
        &["has lost"],
    );
    let mut going = claim("data", "Bound", "local");
    going["metadata"]["deletionTimestamp"] = json!(NOW);
    expect(
        with(on_claim("data"), vec![going], None),
        Blocked,
        "ClaimLost",
        &["is being deleted"],
    );
}

#[test]
fn a_claim_waits_for_its_first_consumer() {
    let mut facts = with(
        on_claim("data"),
        vec![claim("data", "Pending", "local")],
        None,
    );
    facts.storage_classes = Some(vec![class("local", "WaitForFirstConsumer")]);
    expect(
        facts,
        Waiting,
        "ClaimUnbound",
        &["when the machine's pod has a node"],
    );
}

#[test]
fn a_volume_is_being_made() {
    let mut facts = with(
        on_claim("data"),
        vec![claim("data", "Pending", "fast")],
        None,
    );
    facts.storage_classes = Some(vec![class("fast", "Immediate")]);
    expect(facts, Waiting, "ClaimUnbound", &["being made since 3m"]);
}

#[test]
fn a_provisioner_fails() {
    let mut facts = with(
        on_claim("data"),
        vec![claim("data", "Pending", "fast")],
        None,
    );
    facts.events.push(event(
        "PersistentVolumeClaim",
        "data",
        "Warning",
        "ProvisioningFailed",
        "the pool is full",
    ));
    expect(facts, Blocked, "ProvisioningFailed", &["the pool is full"]);
}

#[test]
fn a_storage_class_does_not_exist() {
    let mut facts = with(
        on_claim("data"),
        vec![claim("data", "Pending", "lokal")],
        None,
    );
    facts.storage_classes = Some(vec![class("local", "Immediate")]);
    expect(
        facts,
        Blocked,
        "NoStorageClass",
        &["lokal does not exist", "did you mean local?"],
    );
    let mut nameless = claim("data", "Pending", "");
    nameless["spec"] = json!({});
    let mut facts = with(on_claim("data"), vec![nameless], None);
    facts.storage_classes = Some(vec![class("local", "Immediate")]);
    expect(facts, Blocked, "NoStorageClass", &["no default one"]);
}

#[test]
fn nothing_makes_data_volumes() {
    let mut facts = with(imported("data"), Vec::new(), None);
    facts.no_importer = true;
    expect(facts, Blocked, "ImporterAbsent", &["CDI is not installed"]);
}

#[test]
fn a_data_volume_fails() {
    let mut failing = json!({"metadata": {"name": "data"}, "status": {"phase": "ImportInProgress", "conditions": []}});
    condition(
        &mut failing,
        "Running",
        "False",
        "Error",
        "unexpected response 404 from the source",
    );
    expect(
        with(
            imported("data"),
            vec![claim("data", "Bound", "local")],
            Some(vec![failing]),
        ),
        Blocked,
        "DataVolumeFailed",
        &["unexpected response 404"],
    );
}

#[test]
fn a_data_volume_is_being_filled() {
    let filling = json!({"metadata": {"name": "data"}, "status": {"phase": "ImportInProgress", "progress": "41.5%", "conditions": []}});
    expect(
        with(imported("data"), Vec::new(), Some(vec![filling])),
        Waiting,
        "DataVolumeInProgress",
        &["41.5% done"],
    );
}

#[test]
fn a_data_volume_does_not_exist() {
    expect(
        with(imported("data"), Vec::new(), Some(Vec::new())),
        Blocked,
        "ClaimMissing",
        &["no DataVolume data either"],
    );
}
