//! The validating webhooks: the rules are in kubevirt-core, here is which of them apply.

use kubevirt_api::{KubeVirt, VirtualMachine, VirtualMachineInstance};
use kubevirt_core::config::{validate_kubevirt, warnings_kubevirt};
use kubevirt_core::validation::{
    validate_vm, validate_vm_update, validate_vmi_create, validate_vmi_update, warnings_vm,
    warnings_vmi,
};

use super::Admission;
use super::review::{Cause, Outcome, Request, typed};

/// VirtualMachine, CREATE and UPDATE.
pub(super) fn machine(admission: &Admission, request: &Request) -> Outcome {
    let config = admission.config.current();
    let new: VirtualMachine = match typed(&request.object) {
        Ok(object) => object,
        Err(refused) => return refused,
    };
    if request.operation == "CREATE" {
        return Outcome::judged(validate_vm(&new, &config), warnings_vm(&new));
    }
    // An old object that our types cannot read counts as different.
    match typed::<VirtualMachine>(&request.old_object) {
        Ok(old) if old.spec == new.spec => {
            Outcome::judged(validate_vm_update(&old, &new, &config), Vec::new())
        }
        Ok(old) => Outcome::judged(validate_vm_update(&old, &new, &config), warnings_vm(&new)),
        Err(_) if new.metadata.deletion_timestamp.is_some() => Outcome::allowed(),
        Err(_) => Outcome::judged(validate_vm(&new, &config), warnings_vm(&new)),
    }
}

/// VirtualMachineInstance, CREATE.
pub(super) fn instance_create(admission: &Admission, request: &Request) -> Outcome {
    let instance: VirtualMachineInstance = match typed(&request.object) {
        Ok(object) => object,
        Err(refused) => return refused,
    };
    let faults = validate_vmi_create(
        &instance,
        &admission.config.current(),
        admission.is_component(request),
    );
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

/// KubeVirt, CREATE and UPDATE.
pub(super) fn kubevirt(admission: &Admission, request: &Request) -> Outcome {
    let settings: KubeVirt = match typed(&request.object) {
        Ok(object) => object,
        Err(refused) => return refused,
    };
    if request.operation == "CREATE" && request.namespace != admission.namespace {
        return Outcome::Refused(vec![Cause {
            field: "metadata.namespace".to_owned(),
            reason: "FieldValueInvalid",
            message: format!(
                "the settings are read in namespace {:?} alone, where KubeVirt is installed: create the object there",
                admission.namespace
            ),
        }]);
    }
    if settings.metadata.deletion_timestamp.is_some() {
        return Outcome::allowed();
    }
    Outcome::judged(validate_kubevirt(&settings), warnings_kubevirt(&settings))
}
