//! The validating webhooks: the rules are in kubevirt-core, here is which of them apply.

use kubevirt_api::{
    VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceMigration,
    VirtualMachineInstanceReplicaSet,
};
use kubevirt_core::validation::{
    Fault, validate_vm, validate_vm_update, validate_vmi_create, validate_vmi_update,
    validate_volume_requests, warnings_vm, warnings_vmi,
};
use serde_json::Value;

use super::review::{Outcome, Request, typed};
use super::{Admission, restart};

/// VirtualMachine, CREATE and UPDATE.
pub(super) fn machine(admission: &Admission, request: &Request) -> Outcome {
    let config = admission.config.current();
    let new: VirtualMachine = match typed(&request.object) {
        Ok(object) => object,
        Err(refused) => return refused,
    };
    let named = &request.named;
    if !named.faults().is_empty() {
        return Outcome::judged(named.faults().to_vec(), Vec::new());
    }
    let new = named.completed(new);
    let judged =
        |faults: Vec<Fault>, warnings| Outcome::judged([faults, named.unmet()].concat(), warnings);
    let told = || warnings_vm(&new);
    if request.operation == "CREATE" {
        return judged(validate_vm(&new, &config), told());
    }
    // An old object that our types cannot read counts as different.
    match typed::<VirtualMachine>(&request.old_object) {
        Ok(old) if old.spec == new.spec => {
            judged(validate_vm_update(&old, &new, &config), Vec::new())
        }
        Ok(old) => judged(
            validate_vm_update(&old, &new, &config),
            [told(), restart::warnings(&old, &new, &config)].concat(),
        ),
        Err(_) if new.metadata.deletion_timestamp.is_some() => Outcome::allowed(),
        Err(_) => judged(validate_vm(&new, &config), told()),
    }
}

/// VirtualMachineInstance, CREATE.
pub(super) fn instance_create(admission: &Admission, request: &Request) -> Outcome {
    let instance: VirtualMachineInstance = match typed(&request.object) {
        Ok(object) => object,
        Err(refused) => return refused,
    };
    let component = admission.is_component(request);
    let faults = validate_vmi_create(&instance, &admission.config.current(), component);
    if component {
        // Nobody reads warnings: whoever made the template has been told.
        return Outcome::judged(faults, Vec::new());
    }
    Outcome::judged(faults, warnings_vmi("spec", &instance.spec))
}

/// VirtualMachineInstance, UPDATE.
pub(super) fn instance_update(admission: &Admission, request: &Request) -> Outcome {
    if admission.is_component(request) {
        return Outcome::allowed();
    }
    let both = typed::<VirtualMachineInstance>(&request.old_object)
        .and_then(|old| Ok((old, typed::<VirtualMachineInstance>(&request.object)?)));
    match both {
        Ok((old, new)) => Outcome::judged(validate_vmi_update(&old, &new, false), Vec::new()),
        Err(refused) => refused,
    }
}

/// The status subresource of VirtualMachine, VirtualMachineInstanceReplicaSet and VirtualMachineInstanceMigration: what is
/// written must be readable, since the components would stumble over it. Who may write it is up to the roles.
pub(super) fn status(_: &Admission, request: &Request) -> Outcome {
    let kind = request.object.get("kind").and_then(Value::as_str);
    let read = match kind.unwrap_or_default() {
        "VirtualMachine" => match typed::<VirtualMachine>(&request.object) {
            Ok(machine) if !request.is_going() => {
                return Outcome::judged(new_requests(request, &machine), Vec::new());
            }
            other => other.map(drop),
        },
        "VirtualMachineInstanceReplicaSet" => {
            typed::<VirtualMachineInstanceReplicaSet>(&request.object).map(drop)
        }
        "VirtualMachineInstanceMigration" => {
            typed::<VirtualMachineInstanceMigration>(&request.object).map(drop)
        }
        _ => Ok(()),
    };
    match read {
        Err(refused) if !request.is_going() => refused,
        _ => Outcome::allowed(),
    }
}

/// What is wrong with requests to add or remove volumes. A list that stays as it is is left alone, so that the
/// controller can write the rest of the status.
fn new_requests(request: &Request, new: &VirtualMachine) -> Vec<Fault> {
    let of = |machine: &VirtualMachine| {
        let status = machine.status.as_ref();
        status
            .map(|status| status.volume_requests.clone())
            .unwrap_or_default()
    };
    match typed::<VirtualMachine>(&request.old_object) {
        Ok(old) if of(&old) == of(new) => Vec::new(),
        _ => validate_volume_requests(new, None),
    }
}
