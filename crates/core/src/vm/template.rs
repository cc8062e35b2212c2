//! The VirtualMachineInstance that a VirtualMachine makes.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kubevirt_api::names::{annotation, finalizer};
use kubevirt_api::{VirtualMachine, VirtualMachineInstance};
use serde_json::{Value, json};

use super::recorded::Memory;
use crate::defaults::legacy_firmware_uuid;

/// The change of the specification that gives a machine an identity which it was stored without, as those from before
/// admission gave them one. It follows from the name, and must be stored before the first guest has it.
pub(super) fn missing_identity(machine: &VirtualMachine) -> Option<Value> {
    let firmware = machine.spec.template.spec.domain.firmware.as_ref();
    let missing = firmware
        .and_then(|firmware| firmware.uuid.as_deref())
        .unwrap_or_default()
        .is_empty();
    let uuid = legacy_firmware_uuid(machine.metadata.name.as_deref().unwrap_or_default());
    missing.then(|| {
        json!({ "template": { "spec": { "domain": { "firmware": { "uuid": uuid.to_string() } } } } })
    })
}

/// Makes the instance from the template of `machine`.
pub(super) fn instance(machine: &VirtualMachine, memory: &Memory) -> VirtualMachineInstance {
    let name = machine.metadata.name.clone().unwrap_or_default();
    let template = machine.spec.template.metadata.clone().unwrap_or_default();
    let mut annotations = template.annotations.unwrap_or_default();
    let generation = machine.metadata.generation.unwrap_or_default();
    annotations.insert(annotation::VM_GENERATION.to_owned(), generation.to_string());
    let mut spec = machine.spec.template.spec.clone();
    if memory
        .start_requested()
        .and_then(|request| request.data.get("paused"))
        .map(String::as_str)
        == Some("true")
    {
        spec.start_strategy = Some("Paused".to_owned());
    }
    VirtualMachineInstance {
        metadata: ObjectMeta {
            name: Some(name.clone()),
            namespace: machine.metadata.namespace.clone(),
            labels: template.labels,
            annotations: Some(annotations),
            finalizers: Some(vec![finalizer::VM_CONTROLLER.to_owned()]),
            owner_references: Some(vec![OwnerReference {
                api_version: "kubevirt.io/v1".into(),
                kind: "VirtualMachine".into(),
                name,
                uid: machine.metadata.uid.clone().unwrap_or_default(),
                controller: Some(true),
                block_owner_deletion: Some(true),
            }]),
            ..ObjectMeta::default()
        },
        spec,
        status: None,
    }
}
