//! A good and a bad object for each rule.

mod copies;
mod instances;
mod machines;
mod policies;
mod snapshots;

use kubevirt_api::KubeVirt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::config::ClusterConfig;
use crate::validation::tests::merge;
use crate::validation::{Fault, FaultReason};

fn config(developer: Value) -> ClusterConfig {
    let settings: KubeVirt = serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": {"name": "kubevirt"},
        "spec": {"configuration": {"developerConfiguration": developer}},
    }))
    .unwrap();
    ClusterConfig {
        default_architecture: "amd64".to_owned(),
        ..ClusterConfig::new(Some(&settings))
    }
}

/// An object with a specification.
fn object<T: DeserializeOwned>(spec: &Value) -> T {
    let object =
        json!({"apiVersion": "a/v1", "kind": "K", "metadata": {"name": "this"}, "spec": spec});
    serde_json::from_value(object).unwrap()
}

/// An object whose specification is a base with a change.
fn changed<T: DeserializeOwned>(base: &Value, patch: &Value) -> T {
    let mut spec = base.clone();
    merge(&mut spec, patch);
    object(&spec)
}

/// That there is exactly one fault, at `field`, with words of `message`.
fn one(faults: &[Fault], field: &str, reason: FaultReason, message: &str) {
    let [fault] = faults else {
        panic!("expected one fault at {field}: {faults:#?}")
    };
    assert_eq!((fault.field.as_str(), fault.reason), (field, reason));
    assert!(fault.message.contains(message), "{}", fault.message);
    let first = fault.message.chars().next().unwrap();
    assert!(
        !first.is_uppercase() || fault.message.starts_with("VirtualMachine"),
        "{}",
        fault.message
    );
    assert!(!fault.message.ends_with('.'), "{}", fault.message);
}
