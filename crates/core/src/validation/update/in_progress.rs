//! What must not change while a snapshot is taken or gone back to.

use kubevirt_api::{VirtualMachine, VirtualMachineStatus};

use super::{Faults, Path};

pub(super) fn validate(faults: &mut Faults, old: &VirtualMachine, new: &VirtualMachine) {
    // The new object of a change of the specification has the status of the old one.
    let name = |of: fn(&VirtualMachineStatus) -> &Option<String>| {
        let name = of(old.status.as_ref()?).as_deref()?;
        (!name.is_empty()).then_some(name)
    };
    let strategy = old.spec.effective_run_strategy() != new.spec.effective_run_strategy();
    let field = if new.spec.running.is_some() {
        "running"
    } else {
        "runStrategy"
    };
    let spec = Path::new("spec");
    if let Some(snapshot) = name(|status| &status.snapshot_in_progress) {
        let why = format!(
            "cannot be changed while the VirtualMachineSnapshot {snapshot:?} is taken: wait until it is ready, or delete it"
        );
        let template = spec.field("template").field("spec");
        let (before, after) = (&old.spec.template.spec, &new.spec.template.spec);
        if before.volumes != after.volumes {
            faults.invalid(&template.field("volumes"), why.clone());
        }
        if before.domain.devices.disks != after.domain.devices.disks {
            let path = template.field("domain").field("devices").field("disks");
            faults.invalid(&path, why.clone());
        }
        if strategy {
            faults.invalid(&spec.field(field), why);
        }
    }
    if let Some(restore) = name(|status| &status.restore_in_progress).filter(|_| strategy) {
        faults.invalid(
            &spec.field(field),
            format!("cannot be changed while the VirtualMachineRestore {restore:?} goes on: wait until it is complete, or delete it"),
        );
    }
}
