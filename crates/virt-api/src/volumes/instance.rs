//! Requests about the volumes of an instance alone: lost at its end, so there is nothing to do but to plug them now.

use http::StatusCode;
use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstancePhase as Phase};

use super::Mode;
use super::request::{Request, is_hotpluggable, volume};
use crate::objects::INSTANCE;
use crate::status::Refusal;

/// Why the request is not carried out: what is wrong with it, or else that nothing can plug disks yet.
pub(super) fn refusal(instance: &VirtualMachineInstance, request: &Request, mode: Mode) -> Refusal {
    let name = instance.metadata.name.as_deref().unwrap_or_default();
    let conflict = |why: &str| Refusal::conflict(INSTANCE, name, why);
    let status = instance.status.as_ref();
    let phase = status.map(|status| status.phase).unwrap_or_default();
    if phase != Phase::Running {
        let why = format!("VMI is not running: its phase is {:?}", phase.as_str());
        return conflict(&why);
    }
    let owners = instance.metadata.owner_references.iter().flatten();
    let owned = owners
        .filter(|owner| owner.kind == "VirtualMachine")
        .any(|owner| owner.controller == Some(true));
    if owned && mode != Mode::Requests {
        return Refusal::bad_request(format!(
            "VMI {name:?} is owned by a VM: add and remove volumes of the VirtualMachine instead"
        ));
    }
    if let Err(why) = applies(instance, request) {
        return conflict(&why);
    }
    let message = "this version of KubeVirt does not plug disks into running guests or out of them yet: change the \
                   volumes of a VirtualMachine, which its guest has from its next start on";
    Refusal::new(StatusCode::NOT_IMPLEMENTED, message)
}

fn applies(instance: &VirtualMachineInstance, request: &Request) -> Result<(), String> {
    let name = request.name();
    let found = instance.spec.volumes.iter().find(|one| one.name == name);
    match (request, found) {
        (Request::Add(_), Some(_)) => Err(format!(
            "volume name {name:?} is used already: give another name"
        )),
        (Request::Add(options), None) => {
            let new = volume(options);
            let claim = new.claim().map(|claim| claim.name);
            let same =
                |other: &&kubevirt_api::Volume| other.claim().map(|claim| claim.name) == claim;
            match instance.spec.volumes.iter().find(same) {
                Some(other) => Err(format!(
                    "the source {:?} is used by volume {:?} already: use another source",
                    claim.unwrap_or_default(),
                    other.name
                )),
                None => Ok(()),
            }
        }
        (Request::Remove(_), None) => Err(format!("there is no volume {name:?} to remove")),
        (Request::Remove(_), Some(found)) if !is_hotpluggable(found) => Err(format!(
            "volume {name:?} is not hotpluggable: it stays as long as the VMI"
        )),
        (Request::Remove(_), Some(_)) => Ok(()),
    }
}
