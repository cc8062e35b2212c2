//! VirtualMachines and VirtualMachineInstances as the cache keeps them: JSON, which is a tenth of the types' size in memory,
//! and the few parts that are looked up without decoding.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::DynamicObject;
use kubevirt_api::names::finalizer;
use kubevirt_runtime::watching;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::cache::Version;

/// Who controls an object.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(crate) name: Box<str>,
    /// It is a VirtualMachineInstanceReplicaSet.
    pub(crate) replica_set: bool,
}

/// An object as JSON.
#[derive(Debug)]
pub(crate) struct Compact {
    pub(crate) uid: Box<str>,
    /// Name of the VirtualMachine that controls it.
    pub(crate) machine: Option<Box<str>>,
    /// Whatever controls it.
    pub(crate) controller: Option<Owner>,
    /// `status.nodeName`.
    pub(crate) node: Option<Box<str>>,
    /// The claims that it names.
    pub(crate) claims: Box<[Box<str>]>,
    /// It is being deleted or holds the VirtualMachine's finalizer for its end.
    pub(crate) ending: bool,
    json: Box<[u8]>,
}

impl Compact {
    /// Reduces `object`; volumes are found beneath `spec_path` (a JSON pointer).
    ///
    /// # Errors
    /// When it cannot be expressed in JSON.
    pub(crate) fn new(
        mut object: DynamicObject,
        spec_path: &str,
    ) -> Result<Self, serde_json::Error> {
        watching::strip(&mut object.metadata);
        let text = |pointer: &str| object.data.pointer(pointer).and_then(Value::as_str);
        let is_final = matches!(text("/status/phase"), Some("Succeeded" | "Failed"));
        let volumes = object
            .data
            .pointer(spec_path)
            .and_then(|spec| spec.get("volumes"))
            .and_then(Value::as_array);
        let claims = volumes
            .into_iter()
            .flatten()
            .filter_map(|volume| {
                // As kubevirt_api::Volume::claim has it.
                let claim = volume.pointer("/persistentVolumeClaim/claimName");
                claim
                    .or_else(|| volume.pointer("/dataVolume/name"))?
                    .as_str()
            })
            .map(Box::from)
            .collect();
        Ok(Self {
            uid: object.metadata.uid.as_deref().unwrap_or_default().into(),
            machine: controller(&object.metadata).map(Box::from),
            controller: owner(&object.metadata),
            node: text("/status/nodeName").map(Box::from),
            claims,
            ending: is_final || object.metadata.deletion_timestamp.is_some(),
            json: serde_json::to_vec(&object)?.into_boxed_slice(),
        })
    }

    /// The object.
    ///
    /// # Errors
    /// When it does not fit the type.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.json)
    }
}

fn owner(metadata: &ObjectMeta) -> Option<Owner> {
    let mut owners = metadata.owner_references.iter().flatten();
    let owner = owners.find(|owner| owner.controller == Some(true))?;
    Some(Owner {
        name: owner.name.as_str().into(),
        replica_set: owner.kind == "VirtualMachineInstanceReplicaSet"
            && owner.api_version.starts_with("kubevirt.io/"),
    })
}

fn controller(metadata: &ObjectMeta) -> Option<&str> {
    let owned = metadata.owner_references.iter().flatten().find(|owner| {
        owner.controller == Some(true)
            && owner.kind == "VirtualMachine"
            && owner.api_version.starts_with("kubevirt.io/")
    });
    match owned {
        Some(owner) => Some(&owner.name),
        // Whoever took the reference away took the machine away with it; the finalizer must not hold for ever.
        None => metadata
            .finalizers
            .iter()
            .flatten()
            .any(|name| name == finalizer::VM_CONTROLLER)
            .then_some(""),
    }
}

/// Identity and version of an object. A version that is not a number counts as the newest.
pub(crate) fn version(metadata: &ObjectMeta) -> Version {
    let number = metadata
        .resource_version
        .as_deref()
        .and_then(|text| text.parse().ok());
    Version {
        uid: metadata.uid.clone().unwrap_or_default(),
        number: number.unwrap_or(u64::MAX),
    }
}
