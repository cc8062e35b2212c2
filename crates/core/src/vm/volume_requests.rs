//! Requests to add and remove volumes, which wait in the status: they become part of the template, which the next guest
//! has, and go. Nothing plugs disks into a running guest yet.
//!
//! The template is written first. A request goes when the template says what it asks for, so that one whose answer was lost
//! is not carried out twice.

use kubevirt_api::names::reason::HOT_PLUG_VOLUME_ERROR;
use kubevirt_api::{
    AddVolumeOptions, VirtualMachine, VirtualMachineInstanceSpec, VirtualMachineVolumeRequest,
    Volume,
};
use serde_json::{Value, json};

use crate::vmi::{Notice, merge_patch};

/// How far a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    /// The template says what it asks for.
    CarriedOut,
    /// The template is to be changed.
    Waiting,
    /// It can never be carried out.
    Impossible(String),
}

fn requests(machine: &VirtualMachine) -> &[VirtualMachineVolumeRequest] {
    let status = machine.status.as_ref();
    status.map_or(&[], |status| status.volume_requests.as_slice())
}

/// The requests that the template does not satisfy yet.
pub(super) fn waiting(machine: &VirtualMachine) -> Vec<VirtualMachineVolumeRequest> {
    let spec = &machine.spec.template.spec;
    requests(machine)
        .iter()
        .filter(|request| standing(spec, request) == Standing::Waiting)
        .cloned()
        .collect()
}

/// The change of the specification that carries out all that wait; none when none does.
///
/// # Errors
/// When the specification cannot be expressed in JSON.
pub(super) fn spec_change(machine: &VirtualMachine) -> Result<Option<Value>, serde_json::Error> {
    let before = &machine.spec.template.spec;
    let mut after = before.clone();
    for request in waiting(machine) {
        // One may stand in the way of another.
        if standing(&after, &request) == Standing::Waiting {
            carry_out(&mut after, &request);
        }
    }
    let change = merge_patch::between(before, &after)?;
    Ok(change.map(|change| json!({ "template": { "spec": change } })))
}

/// What to tell about requests that are dropped.
pub(super) fn notices(machine: &VirtualMachine) -> Vec<Notice> {
    let spec = &machine.spec.template.spec;
    requests(machine)
        .iter()
        .filter_map(|request| match standing(spec, request) {
            Standing::Impossible(message) => Some(Notice {
                warning: true,
                reason: HOT_PLUG_VOLUME_ERROR,
                message,
            }),
            Standing::CarriedOut | Standing::Waiting => None,
        })
        .collect()
}

fn standing(spec: &VirtualMachineInstanceSpec, request: &VirtualMachineVolumeRequest) -> Standing {
    match (&request.add_volume_options, &request.remove_volume_options) {
        (Some(add), None) => addition(spec, add),
        (None, Some(remove)) => {
            let (volume, disk) = found(spec, &remove.name);
            match volume.is_some() || disk {
                true => Standing::Waiting,
                false => Standing::CarriedOut,
            }
        }
        _ => Standing::Impossible(
            "a request about volumes neither adds one nor removes one: it is dropped".to_owned(),
        ),
    }
}

fn addition(spec: &VirtualMachineInstanceSpec, add: &AddVolumeOptions) -> Standing {
    let (there, disk) = found(spec, &add.name);
    let wanted = volume(add);
    let claim = |volume: &Volume| volume.claim().map(|claim| claim.name.to_owned());
    match there {
        None => Standing::Waiting,
        Some(there) if claim(there) != claim(&wanted) => Standing::Impossible(format!(
            "volume {:?} cannot be added: the template has another volume of this name; the request is dropped",
            add.name
        )),
        Some(_) if disk => Standing::CarriedOut,
        Some(_) => Standing::Waiting,
    }
}

/// The volume of a name, and whether there is a disk of it.
fn found<'a>(spec: &'a VirtualMachineInstanceSpec, name: &str) -> (Option<&'a Volume>, bool) {
    let volume = spec.volumes.iter().find(|volume| volume.name == name);
    let mut disks = spec.domain.devices.disks.iter();
    (volume, disks.any(|disk| disk.name == name))
}

fn volume(add: &AddVolumeOptions) -> Volume {
    let mut volume = Volume {
        name: add.name.clone(),
        persistent_volume_claim: add.volume_source.persistent_volume_claim.clone(),
        data_volume: add.volume_source.data_volume.clone(),
        ..Volume::default()
    };
    // What was added by a request can be removed by one.
    if let Some(claim) = &mut volume.persistent_volume_claim {
        claim.hotpluggable = Some(true);
    }
    if let Some(data) = &mut volume.data_volume {
        data.hotpluggable = Some(true);
    }
    volume
}

fn carry_out(spec: &mut VirtualMachineInstanceSpec, request: &VirtualMachineVolumeRequest) {
    if let Some(add) = &request.add_volume_options {
        let (there, shown) = found(spec, &add.name);
        if there.is_none() {
            spec.volumes.push(volume(add));
        }
        if !shown {
            let mut disk = add.disk.clone();
            disk.name.clone_from(&add.name);
            spec.domain.devices.disks.push(disk);
        }
    }
    if let Some(remove) = &request.remove_volume_options {
        spec.volumes.retain(|volume| volume.name != remove.name);
        let disks = &mut spec.domain.devices.disks;
        disks.retain(|disk| disk.name != remove.name);
    }
}
