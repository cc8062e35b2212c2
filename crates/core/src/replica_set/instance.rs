//! The instances of a set: made, taken over, let go.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstanceReplicaSet};
use serde_json::{Value, json};

use super::Member;

/// Makes an instance from the set's template.
pub(super) fn instance(set: &VirtualMachineInstanceReplicaSet) -> VirtualMachineInstance {
    let template = &set.spec.template;
    let metadata = template.metadata.clone().unwrap_or_default();
    VirtualMachineInstance {
        metadata: ObjectMeta {
            generate_name: set.metadata.name.clone(),
            namespace: set.metadata.namespace.clone(),
            labels: metadata.labels,
            annotations: metadata.annotations,
            owner_references: Some(vec![owner(set)]),
            ..ObjectMeta::default()
        },
        spec: template.spec.clone(),
        status: None,
    }
}

fn owner(set: &VirtualMachineInstanceReplicaSet) -> OwnerReference {
    OwnerReference {
        api_version: "kubevirt.io/v1".into(),
        kind: "VirtualMachineInstanceReplicaSet".into(),
        name: set.metadata.name.clone().unwrap_or_default(),
        uid: set.metadata.uid.clone().unwrap_or_default(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// The change that makes the set the controller of `member`.
pub(super) fn adoption(set: &VirtualMachineInstanceReplicaSet, member: &Member) -> Value {
    let mut owners = member.other_owners.clone();
    owners.push(owner(set));
    change(member, &owners)
}

/// The change that takes the set's reference away.
pub(super) fn release(_set: &VirtualMachineInstanceReplicaSet, member: &Member) -> Value {
    change(member, &member.other_owners)
}

fn change(member: &Member, owners: &[OwnerReference]) -> Value {
    json!({ "metadata": {
        "uid": member.uid,
        "resourceVersion": member.resource_version,
        "ownerReferences": owners,
    } })
}
