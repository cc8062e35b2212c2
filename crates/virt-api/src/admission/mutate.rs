//! The mutating webhooks: defaults, finalizers, the first phase, and what users may not touch put back.

use jiff::Timestamp;
use kubevirt_api::names::{RESERVED_LABELS, finalizer};
use kubevirt_api::{VirtualMachine, VirtualMachineInstance};
use kubevirt_core::defaults::{default_vm, default_vm_update, default_vmi};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::Admission;
use super::patch::carry_over;
use super::review::{Cause, Outcome, Request, typed};

/// VirtualMachine, CREATE and UPDATE.
pub(super) fn machine(admission: &Admission, request: &Request) -> Outcome {
    if request
        .object
        .pointer("/metadata/deletionTimestamp")
        .is_some_and(|time| !time.is_null())
    {
        return Outcome::allowed();
    }
    let config = admission.config.current();
    let create = request.operation == "CREATE";
    complete::<VirtualMachine>(&request.object, &request.object, |machine| {
        if !create {
            return default_vm_update(machine, &config);
        }
        default_vm(machine, &config, &mut Uuid::new_v4);
        // The controller needs it before it makes the instance; here it costs no write.
        let finalizers = machine.metadata.finalizers.get_or_insert_default();
        if !finalizers
            .iter()
            .any(|name| name == finalizer::VM_CONTROLLER)
        {
            finalizers.push(finalizer::VM_CONTROLLER.to_owned());
        }
    })
}

/// VirtualMachineInstance, CREATE and UPDATE.
pub(super) fn instance(admission: &Admission, request: &Request) -> Outcome {
    let component = admission.is_component(request);
    if request.operation != "CREATE" {
        return if component {
            Outcome::allowed()
        } else {
            restore(request)
        };
    }
    let config = admission.config.current();
    let mut sent = request.object.clone();
    if let Some(sent) = sent.as_object_mut() {
        // Nothing is known yet about what is just being made, whatever a manifest says.
        sent.remove("status");
    }
    complete::<VirtualMachineInstance>(&request.object, &sent, |instance| {
        default_vmi(instance, &config, Timestamp::now(), &mut Uuid::new_v4);
    })
}

/// The patch from `raw` to `sent` as completed by `fill`.
fn complete<T: DeserializeOwned + Serialize>(
    raw: &Value,
    sent: &Value,
    fill: impl FnOnce(&mut T),
) -> Outcome {
    let mut object: T = match typed(sent) {
        Ok(object) => object,
        // The schema is checked after this, and its error names the field's whole path; the validating webhook refuses the rest.
        Err(_) => return Outcome::allowed(),
    };
    let unwritable = |error: serde_json::Error| {
        Outcome::Refused(vec![Cause {
            field: String::new(),
            reason: "FieldValueInvalid",
            message: error.to_string(),
        }])
    };
    let before = match serde_json::to_value(&object) {
        Ok(before) => before,
        Err(error) => return unwritable(error),
    };
    fill(&mut object);
    match serde_json::to_value(&object) {
        Ok(after) => Outcome::patched(json_patch::diff(raw, &carry_over(sent, &before, &after))),
        Err(error) => unwritable(error),
    }
}

/// Puts back what a user may not change of a VirtualMachineInstance: it has no status subresource that Kubernetes would
/// guard. Works on plain JSON, so that a status that our types cannot read is kept too.
fn restore(request: &Request) -> Outcome {
    let mut restored = request.object.clone();
    put(&mut restored, "status", request.old_object.get("status"));
    let old = |label: &str| {
        request
            .old_object
            .get("metadata")?
            .get("labels")?
            .get(label)
    };
    let Some(metadata) = restored.get_mut("metadata") else {
        return Outcome::allowed();
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
    Outcome::patched(json_patch::diff(&request.object, &restored))
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
