//! What adding a volume to a machine, or removing one, writes.

use kubevirt_api::{AddVolumeOptions, VirtualMachine, VirtualMachineVolumeRequest};
use serde_json::{Value, json};

use super::Mode;
use super::request::{Request, is_hotpluggable, volume};
use crate::objects::MACHINE;
use crate::patching::{Change, Part, unchanged};
use crate::status::Refusal;

const STATUS: &str = "/status";
const REQUESTS: &str = "/status/volumeRequests";
const VOLUMES: &str = "/spec/template/spec/volumes";
const DEVICES: &str = "/spec/template/spec/domain/devices";
const DISKS: &str = "/spec/template/spec/domain/devices/disks";

/// The change that carries `request` out or notes it, of `object`, which is the machine as the API server has it.
///
/// # Errors
/// 409 when the machine has, or lacks, what it must not.
pub(super) fn change(
    object: &Value,
    machine: &VirtualMachine,
    request: &Request,
    mode: Mode,
) -> Result<Change, Refusal> {
    let refuse = |why: &str| {
        let name = machine.metadata.name.as_deref().unwrap_or_default();
        Refusal::conflict(MACHINE, name, why)
    };
    match request {
        Request::Add(options) => may_add(machine, options),
        Request::Remove(options) => may_remove(machine, &options.name),
    }
    .map_err(|why| refuse(&why))?;
    match mode {
        Mode::Requests => note(object, request),
        Mode::Template => Ok(Change {
            part: Part::Object,
            operations: Value::Array(match request {
                Request::Add(options) => added(object, options)?,
                Request::Remove(options) => removed(object, &options.name),
            }),
        }),
    }
}

fn waiting(machine: &VirtualMachine) -> &[VirtualMachineVolumeRequest] {
    let status = machine.status.as_ref();
    status.map_or(&[], |status| status.volume_requests.as_slice())
}

fn may_add(machine: &VirtualMachine, options: &AddVolumeOptions) -> Result<(), String> {
    let name = &options.name;
    let new = volume(options);
    let claim = new.claim().map(|claim| claim.name);
    for request in waiting(machine) {
        if let Some(other) = &request.add_volume_options {
            if other.name == *name {
                return Err(format!(
                    "a request to add volume {name:?} waits already: wait until it is carried out"
                ));
            }
            if volume(other).claim().map(|claim| claim.name) == claim {
                return Err(format!(
                    "the source {:?} is that of volume {:?}, which waits to be added: use another source",
                    claim.unwrap_or_default(),
                    other.name
                ));
            }
        }
        removal_waits(request, name)?;
    }
    let template = &machine.spec.template.spec;
    for other in &template.volumes {
        if other.name == *name {
            return Err(format!(
                "volume name {name:?} is used already: give another name"
            ));
        }
        if other.claim().map(|claim| claim.name) == claim {
            return Err(format!(
                "the source {:?} is used by volume {:?} already: use another source",
                claim.unwrap_or_default(),
                other.name
            ));
        }
    }
    if template
        .domain
        .devices
        .disks
        .iter()
        .any(|disk| disk.name == *name)
    {
        return Err(format!(
            "disk name {name:?} is used already: give another name"
        ));
    }
    Ok(())
}

fn may_remove(machine: &VirtualMachine, name: &str) -> Result<(), String> {
    for request in waiting(machine) {
        if request
            .add_volume_options
            .as_ref()
            .is_some_and(|other| other.name == name)
        {
            return Err(format!(
                "a request to add volume {name:?} waits: wait until it is carried out"
            ));
        }
        removal_waits(request, name)?;
    }
    let volumes = &machine.spec.template.spec.volumes;
    match volumes.iter().find(|volume| volume.name == name) {
        None => Err(format!("there is no volume {name:?} to remove")),
        Some(found) if !is_hotpluggable(found) => Err(format!(
            "volume {name:?} is not hotpluggable: take it out of the VirtualMachine's template instead"
        )),
        Some(_) => Ok(()),
    }
}

fn removal_waits(request: &VirtualMachineVolumeRequest, name: &str) -> Result<(), String> {
    match &request.remove_volume_options {
        Some(other) if other.name == name => Err(format!(
            "a request to remove volume {name:?} waits: wait until it is carried out"
        )),
        _ => Ok(()),
    }
}

/// Notes a request in the status.
fn note(object: &Value, request: &Request) -> Result<Change, Refusal> {
    let mut noted = VirtualMachineVolumeRequest::default();
    match request.clone() {
        Request::Add(mut options) => {
            options.dry_run = Vec::new();
            noted.add_volume_options = Some(*options);
        }
        Request::Remove(mut options) => {
            options.dry_run = Vec::new();
            noted.remove_volume_options = Some(options);
        }
    }
    let noted = written(&noted)?;
    let operations = match (object.pointer(STATUS), object.pointer(REQUESTS)) {
        (None | Some(Value::Null), _) => vec![
            version(object),
            json!({ "op": "add", "path": STATUS, "value": { "volumeRequests": [noted] } }),
        ],
        (_, Some(Value::Array(_))) => append(object, REQUESTS, noted),
        _ => vec![
            version(object),
            json!({ "op": "add", "path": REQUESTS, "value": [noted] }),
        ],
    };
    Ok(Change {
        part: Part::Status,
        operations: Value::Array(operations),
    })
}

/// Writes the volume and its disk into the template.
fn added(object: &Value, options: &AddVolumeOptions) -> Result<Vec<Value>, Refusal> {
    let (volume, disk) = (written(&volume(options))?, written(&options.disk)?);
    let mut operations = match object.pointer(VOLUMES) {
        Some(Value::Array(_)) => append(object, VOLUMES, volume),
        _ => vec![
            version(object),
            json!({ "op": "add", "path": VOLUMES, "value": [volume] }),
        ],
    };
    operations.extend(match (object.pointer(DISKS), object.pointer(DEVICES)) {
        (Some(Value::Array(_)), _) => append(object, DISKS, disk),
        (_, Some(Value::Object(_))) => vec![
            version(object),
            json!({ "op": "add", "path": DISKS, "value": [disk] }),
        ],
        _ => vec![
            version(object),
            json!({ "op": "add", "path": DEVICES, "value": { "disks": [disk] } }),
        ],
    });
    Ok(operations)
}

/// Takes the volume and its disk out of the template.
fn removed(object: &Value, name: &str) -> Vec<Value> {
    let mut operations = Vec::new();
    for path in [VOLUMES, DISKS] {
        let Some(Value::Array(old)) = object.pointer(path) else {
            continue;
        };
        let left: Vec<_> = old.iter().filter(|one| one["name"] != name).collect();
        if left.len() < old.len() {
            operations.push(version(object));
            operations.push(json!({ "op": "replace", "path": path, "value": left }));
        }
    }
    operations
}

fn append(object: &Value, path: &str, new: Value) -> Vec<Value> {
    vec![
        version(object),
        json!({ "op": "add", "path": format!("{path}/-"), "value": new }),
    ]
}

/// The test of the version rather than of the lists: the API server compares texts as they are escaped in JSON, and it
/// escapes more letters than we do, such as the `>` in many a script for cloud-init.
fn version(object: &Value) -> Value {
    let version = object.pointer("/metadata/resourceVersion");
    unchanged(version.and_then(Value::as_str))
}

fn written<T: serde::Serialize>(part: &T) -> Result<Value, Refusal> {
    serde_json::to_value(part)
        .map_err(|error| Refusal::internal(format!("the request cannot be written: {error}")))
}
