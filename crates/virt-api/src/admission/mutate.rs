//! The mutating webhooks: defaults, finalizers, the first phase, and what users may not touch put back.

use jiff::Timestamp;
use kubevirt_api::names::finalizer;
use kubevirt_api::{
    VirtualMachine, VirtualMachineClone, VirtualMachineInstance, VirtualMachineInstanceMigration,
};
use kubevirt_core::defaults::{
    apply_presets, default_clone, default_migration, default_vm, default_vm_update, default_vmi,
};
use kubevirt_core::not_acted_on;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::Admission;
use super::patch::carry_over;
use super::protect;
use super::review::{Cause, Outcome, Request, typed};

/// VirtualMachine, CREATE and UPDATE.
pub(super) fn machine(admission: &Admission, request: &Request) -> Outcome {
    let create = request.operation == "CREATE";
    let mut sent = request.object.clone();
    if !create {
        protect::finalizers(admission, request, &mut sent);
    }
    if request.is_going() {
        return Outcome::patched(json_patch::diff(&request.object, &sent));
    }
    let named = &request.named;
    if !named.faults().is_empty() {
        return Outcome::judged(named.faults().to_vec(), Vec::new());
    }
    let config = admission.config.current();
    let outcome = complete::<VirtualMachine>(&request.object, &sent, |machine| {
        named.resolve(machine);
        let surroundings = named.surroundings();
        if !create {
            default_vm_update(machine, &config, &surroundings);
            return Ok(());
        }
        default_vm(machine, &config, &surroundings, &mut Uuid::new_v4);
        // The controller needs it before it makes the instance; here it costs no write.
        let finalizers = machine.metadata.finalizers.get_or_insert_default();
        if !finalizers
            .iter()
            .any(|name| name == finalizer::VM_CONTROLLER)
        {
            finalizers.push(finalizer::VM_CONTROLLER.to_owned());
        }
        Ok(())
    });
    match create || !request.has_same_spec() {
        true => outcome.telling(words("VirtualMachine", request)),
        false => outcome,
    }
}

/// What nothing acts on of what the user wrote: told here, where defaults are not in it yet.
fn words(kind: &str, request: &Request) -> Vec<String> {
    not_acted_on::warnings(kind, &request.object)
}

/// VirtualMachineInstance, CREATE and UPDATE.
pub(super) fn instance(admission: &Admission, request: &Request) -> Outcome {
    let component = admission.is_component(request);
    if request.operation != "CREATE" {
        return if component {
            Outcome::allowed()
        } else {
            let kept = protect::instance(admission, request);
            Outcome::patched(json_patch::diff(&request.object, &kept))
        };
    }
    let config = admission.config.current();
    let mut sent = request.object.clone();
    if let Some(sent) = sent.as_object_mut() {
        // Nothing is known yet about what is just being made, whatever a manifest says.
        sent.remove("status");
    }
    let presets = admission.presets.of(&request.namespace);
    let outcome = complete::<VirtualMachineInstance>(&request.object, &sent, |instance| {
        apply_presets(instance, &presets).map_err(|conflict| Cause {
            field: "metadata.labels".to_owned(),
            reason: "FieldValueInvalid",
            message: conflict.to_string(),
        })?;
        default_vmi(instance, &config, Timestamp::now(), &mut Uuid::new_v4);
        Ok(())
    });
    match component {
        // Nobody reads it: whoever made the template has been told.
        true => outcome,
        false => outcome.telling(words("VirtualMachineInstance", request)),
    }
}

/// VirtualMachineInstanceMigration, CREATE.
pub(super) fn migration(_: &Admission, request: &Request) -> Outcome {
    let fill = |migration: &mut VirtualMachineInstanceMigration| {
        default_migration(migration);
        Ok(())
    };
    complete(&request.object, &request.object, fill)
}

/// VirtualMachineClone, CREATE.
pub(super) fn clone(_: &Admission, request: &Request) -> Outcome {
    let fill = |clone: &mut VirtualMachineClone| {
        default_clone(clone, &mut Uuid::new_v4);
        Ok(())
    };
    complete(&request.object, &request.object, fill)
}

/// The patch from `raw` to `sent` as completed by `fill`.
fn complete<T: DeserializeOwned + Serialize>(
    raw: &Value,
    sent: &Value,
    fill: impl FnOnce(&mut T) -> Result<(), Cause>,
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
    if let Err(cause) = fill(&mut object) {
        return Outcome::Refused(vec![cause]);
    }
    match serde_json::to_value(&object) {
        Ok(after) => Outcome::patched(json_patch::diff(raw, &carry_over(sent, &before, &after))),
        Err(error) => unwritable(error),
    }
}
