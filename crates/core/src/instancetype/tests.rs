mod apply;
mod infer;
mod prefer;
mod revisions;

use kubevirt_api::{
    VirtualMachine, VirtualMachineInstanceTemplateSpec, VirtualMachineInstancetypeSpec,
    VirtualMachinePreferenceSpec,
};
use serde_json::{Value, json};

use super::{Chosen, Kind, Selection};
use crate::config::ClusterConfig;

fn config() -> ClusterConfig {
    ClusterConfig {
        default_architecture: "amd64".to_owned(),
        ..ClusterConfig::default()
    }
}

/// An instancetype with two processors and 1 Gi, and what else it says.
fn instancetype(more: Value) -> Option<Chosen<VirtualMachineInstancetypeSpec>> {
    let mut spec = json!({"cpu": {"guest": 2}, "memory": {"guest": "1Gi"}});
    merge(&mut spec, &more);
    Some(Chosen {
        kind: Kind::ClusterInstancetype,
        name: "small".to_owned(),
        spec: serde_json::from_value(spec).unwrap(),
    })
}

fn preference(spec: Value) -> Option<Chosen<VirtualMachinePreferenceSpec>> {
    Some(Chosen {
        kind: Kind::Preference,
        name: "linux".to_owned(),
        spec: serde_json::from_value(spec).unwrap(),
    })
}

fn template(more: Value) -> VirtualMachineInstanceTemplateSpec {
    let mut template = json!({"spec": {"domain": {"devices": {}}}});
    merge(&mut template, &more);
    serde_json::from_value(template).unwrap()
}

/// The template of `more` expanded, as JSON; or the fields in conflict.
fn expanded(more: Value, selection: &Selection) -> Result<Value, Vec<String>> {
    match super::expand(&template(more), selection, &config()) {
        Ok(template) => Ok(serde_json::to_value(template).unwrap()),
        Err(conflicts) => Err(conflicts.into_iter().map(|one| one.field).collect()),
    }
}

fn machine(spec: Value, status: Value) -> VirtualMachine {
    let mut whole =
        json!({"runStrategy": "Always", "template": {"spec": {"domain": {"devices": {}}}}});
    merge(&mut whole, &spec);
    serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
        "metadata": {"name": "vm", "namespace": "ns", "uid": "m"}, "spec": whole, "status": status,
    }))
    .unwrap()
}

fn merge(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(target.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}
