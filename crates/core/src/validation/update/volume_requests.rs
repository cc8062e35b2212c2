//! Requests to add and remove volumes, which wait in the status of a VirtualMachine.

use std::collections::BTreeSet;

use kubevirt_api::{AddVolumeOptions, VirtualMachine, VirtualMachineInstance};

use super::{Fault, Faults, Path};

/// What is wrong with the requests of a VirtualMachine, whose instance is `running` if there is one.
pub fn validate_volume_requests(
    vm: &VirtualMachine,
    running: Option<&VirtualMachineInstance>,
) -> Vec<Fault> {
    let mut faults = Faults::default();
    let path = Path::new("status.volumeRequests");
    let requests = vm
        .status
        .as_ref()
        .map(|status| status.volume_requests.as_slice())
        .unwrap_or_default();
    let moves = running
        .and_then(|instance| instance.status.as_ref()?.migration_state.as_ref())
        .is_some_and(|state| state.completed != Some(true) && state.failed != Some(true));
    if moves && !requests.is_empty() {
        faults.invalid(
            &path,
            "volumes cannot be added or removed while the guest moves to another node: wait until it has",
        );
    }
    let mut names = BTreeSet::new();
    for (index, request) in requests.iter().enumerate() {
        let path = path.index(index);
        let (field, name) = match (&request.add_volume_options, &request.remove_volume_options) {
            (Some(add), None) => {
                addition(&mut faults, &path.field("addVolumeOptions"), vm, add);
                ("addVolumeOptions", &add.name)
            }
            (None, Some(remove)) => ("removeVolumeOptions", &remove.name),
            (None, None) => {
                faults.required(
                    &path,
                    "is empty: add addVolumeOptions or removeVolumeOptions",
                );
                continue;
            }
            (Some(_), Some(_)) => {
                faults.invalid(
                    &path,
                    "addVolumeOptions and removeVolumeOptions exclude each other: keep one of them",
                );
                continue;
            }
        };
        let path = path.field(field).field("name");
        if name.is_empty() {
            faults.required(&path, "must name the volume");
        } else if !names.insert(name) {
            faults.duplicate(
                &path,
                format!("another request is about {name:?} already: wait until it is carried out"),
            );
        }
    }
    faults.into_vec()
}

fn addition(faults: &mut Faults, path: &Path, vm: &VirtualMachine, add: &AddVolumeOptions) {
    let source = path.field("volumeSource");
    let given = &add.volume_source;
    let name = match (&given.persistent_volume_claim, &given.data_volume) {
        (Some(claim), None) => Some(claim.claim_name.as_str()),
        (None, Some(volume)) => Some(volume.name.as_str()),
        (None, None) => {
            faults.required(&source, "is empty: add persistentVolumeClaim or dataVolume");
            None
        }
        (Some(_), Some(_)) => {
            faults.invalid(
                &source,
                "has more than one source: keep one of persistentVolumeClaim and dataVolume",
            );
            None
        }
    };
    // What a controller has put into the template already stays in the list until the guest has it.
    let other = vm
        .spec
        .template
        .spec
        .volumes
        .iter()
        .find(|volume| volume.name == add.name)
        .filter(|volume| name.is_some() && volume.claim().map(|claim| claim.name) != name);
    if other.is_some() {
        faults.duplicate(
            &path.field("name"),
            format!(
                "{:?} names a volume with another source: rename one",
                add.name
            ),
        );
    }
    let disk = path.field("disk");
    let bus = add.disk.bus().filter(|bus| !bus.is_empty());
    if add.disk.cdrom.is_some() {
        faults.invalid(
            &disk.field("cdrom"),
            "a running guest takes no further CD-ROM drive: use disk or lun",
        );
    } else if add.disk.lun.is_some() {
        faults.one_of(&disk.field("lun").field("bus"), bus, &["scsi"]);
    } else {
        faults.one_of(&disk.field("disk").field("bus"), bus, &["scsi", "virtio"]);
    }
}
