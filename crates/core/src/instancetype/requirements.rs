//! What a preference requires of a guest.

use kubevirt_api::{
    VirtualMachineInstanceSpec, VirtualMachinePreferenceSpec,
    quantity::{self, Amount},
};

use super::{Selection, topology::indivisible};
use crate::validation::{Fault, Faults, Path};

/// What the preference requires and a specification, completed by instancetype, preference and defaults, does not have.
pub fn check(completed: &VirtualMachineInstanceSpec, selection: &Selection) -> Vec<Fault> {
    let mut faults = Faults::default();
    let Some(preference) = selection.preference_spec() else {
        return faults.into_vec();
    };
    if let Some(instancetype) = selection.instancetype_spec()
        && let Some(group) = indivisible(instancetype.cpu.guest, Some(preference))
    {
        faults.invalid(
            &Path::new("spec.instancetype"),
            format!(
                "has {} virtual processors, and the preference spreads them in groups of {group}, of which they are no multiple: \
                 name another instance type or preference",
                instancetype.cpu.guest
            ),
        );
    }
    processors(&mut faults, completed, selection, preference);
    memory(&mut faults, completed, selection, preference);
    architecture(&mut faults, completed, preference);
    faults.into_vec()
}

/// Where to mend what is too little, and who gives it.
fn giver(selection: &Selection, path: &str) -> (Path, &'static str) {
    if selection.instancetype.is_some() {
        (Path::new("spec.instancetype"), "instance type")
    } else {
        (
            Path::new(&format!("spec.template.spec.domain.{path}")),
            "VirtualMachine",
        )
    }
}

fn processors(
    faults: &mut Faults,
    completed: &VirtualMachineInstanceSpec,
    selection: &Selection,
    preference: &VirtualMachinePreferenceSpec,
) {
    let required = preference
        .requirements
        .as_ref()
        .and_then(|requirements| requirements.cpu.as_ref())
        .map(|cpu| cpu.guest);
    let has = completed.domain.cpu.as_ref().map_or(1, |cpu| {
        [cpu.sockets, cpu.cores, cpu.threads]
            .into_iter()
            .flatten()
            .filter(|part| *part > 0)
            .fold(1_u32, u32::saturating_mul)
    });
    if let Some(required) = required.filter(|required| has < *required) {
        let (path, giver) = giver(selection, "cpu");
        faults.invalid(
            &path,
            format!(
                "insufficient CPU resources of {has} vCPU provided by {giver}, preference requires {required} vCPU"
            ),
        );
    }
}

fn memory(
    faults: &mut Faults,
    completed: &VirtualMachineInstanceSpec,
    selection: &Selection,
    preference: &VirtualMachinePreferenceSpec,
) {
    let Some(required) = preference
        .requirements
        .as_ref()
        .and_then(|requirements| requirements.memory.as_ref())
        .map(|memory| &memory.guest)
    else {
        return;
    };
    let guest = completed
        .domain
        .memory
        .as_ref()
        .and_then(|memory| memory.guest.clone())
        .unwrap_or_else(|| quantity::from_bytes(0));
    // What is no amount is refused where memory is judged.
    if let (Ok(has), Ok(needed)) = (Amount::parse(&guest), Amount::parse(required))
        && has < needed
    {
        let (path, giver) = giver(selection, "memory");
        faults.invalid(
            &path,
            format!(
                "insufficient Memory resources of {} provided by {giver}, preference requires {}",
                guest.0, required.0
            ),
        );
    }
}

fn architecture(
    faults: &mut Faults,
    completed: &VirtualMachineInstanceSpec,
    preference: &VirtualMachinePreferenceSpec,
) {
    let required = preference
        .requirements
        .as_ref()
        .and_then(|requirements| requirements.architecture.as_deref())
        .unwrap_or_default();
    let has = completed.architecture.as_deref().unwrap_or_default();
    if !required.is_empty() && required != has {
        faults.invalid(
            &Path::new("spec.template.spec.architecture"),
            format!("preference requires architecture {required} but {has} is being requested"),
        );
    }
}
