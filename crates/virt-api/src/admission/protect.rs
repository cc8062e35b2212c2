//! What a user who is not a component of KubeVirt cannot change of an object: it is put back.
//!
//! Works on plain JSON, so that what our types cannot read is kept too.

use kubevirt_api::names::{RESERVED_LABELS, finalizer};
use serde_json::{Value, json};

use super::Admission;
use super::review::Request;

/// Finalizers that KubeVirt's components set and remove.
const FINALIZERS: [&str; 3] = [
    finalizer::VM_CONTROLLER,
    finalizer::VMI_FOREGROUND_DELETE,
    finalizer::VMI_FOREGROUND_DELETE_LEGACY,
];
/// Who administers the cluster past all rules. They may remove a finalizer that nothing would ever remove.
const ADMINISTRATORS: &str = "system:masters";

/// A VirtualMachineInstance as a user may leave it: with the status, the reserved labels and the finalizers that it had. It
/// has no status subresource that Kubernetes would guard.
pub(super) fn instance(admission: &Admission, request: &Request) -> Value {
    let mut kept = request.object.clone();
    put(&mut kept, "status", request.old_object.get("status"));
    reserved_labels(&mut kept, &request.old_object);
    finalizers(admission, request, &mut kept);
    kept
}

/// Puts back the finalizers of KubeVirt that the object had before, unless someone asks who may remove them.
pub(super) fn finalizers(admission: &Admission, request: &Request, kept: &mut Value) {
    let groups = &request.user_info.groups;
    if admission.is_component(request) || groups.iter().any(|group| group == ADMINISTRATORS) {
        return;
    }
    let list = |object: &Value| -> Vec<Value> {
        object
            .pointer("/metadata/finalizers")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let is_ours = |name: &Value| name.as_str().is_some_and(|name| FINALIZERS.contains(&name));
    let (before, after) = (list(&request.old_object), list(kept));
    let ours = |list: &[Value]| -> Vec<Value> {
        list.iter().filter(|name| is_ours(name)).cloned().collect()
    };
    if ours(&before) == ours(&after) {
        return;
    }
    // Those of KubeVirt as they were, then what else the user leaves.
    let mut whole = ours(&before);
    whole.extend(after.into_iter().filter(|name| !is_ours(name)));
    if let Some(metadata) = kept.get_mut("metadata") {
        put(metadata, "finalizers", Some(&json!(whole)));
    }
}

fn reserved_labels(kept: &mut Value, old: &Value) {
    let old = |label: &str| old.get("metadata")?.get("labels")?.get(label);
    let Some(metadata) = kept.get_mut("metadata") else {
        return;
    };
    for label in RESERVED_LABELS {
        match (metadata.get_mut("labels"), old(label)) {
            (Some(labels), value) if labels.is_object() => put(labels, label, value),
            (_, Some(value)) => {
                let labels =
                    Value::Object([(label.to_owned(), value.clone())].into_iter().collect());
                put(metadata, "labels", Some(&labels));
            }
            (_, None) => {}
        }
    }
}

fn put(object: &mut Value, key: &str, value: Option<&Value>) {
    let Some(object) = object.as_object_mut() else {
        return;
    };
    match value {
        Some(value) => drop(object.insert(key.to_owned(), value.clone())),
        None => drop(object.remove(key)),
    }
}
