//! VirtualMachineInstanceReplicaSet: a number of like VirtualMachineInstances without state of their own.

#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind repeat type_ and priority"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Condition, VirtualMachineInstanceTemplateSpec};

/// A condition of a [`VirtualMachineInstanceReplicaSet`].
pub type VirtualMachineInstanceReplicaSetCondition = Condition;

/// How many VirtualMachineInstances there are to be, and what they are made from.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "kubevirt.io",
    version = "v1",
    kind = "VirtualMachineInstanceReplicaSet",
    plural = "virtualmachineinstancereplicasets",
    singular = "virtualmachineinstancereplicaset",
    shortname = "vmirs",
    shortname = "vmirss",
    category = "all",
    namespaced,
    status = "VirtualMachineInstanceReplicaSetStatus",
    scale = r#"{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas","labelSelectorPath":".status.labelSelector"}"#,
    derive = "Default",
    derive = "PartialEq",
    doc = "Keeps a number of like VirtualMachineInstances running; those that ended are replaced.",
    printcolumn(
        name = "Desired",
        type_ = "integer",
        json_path = ".spec.replicas",
        description = "VirtualMachineInstances that are to be there"
    ),
    printcolumn(
        name = "Current",
        type_ = "integer",
        json_path = ".status.replicas",
        description = "VirtualMachineInstances that are there"
    ),
    printcolumn(
        name = "Ready",
        type_ = "integer",
        json_path = ".status.readyReplicas",
        description = "VirtualMachineInstances whose guest runs and is ready"
    ),
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp"
    )
)]
pub struct VirtualMachineInstanceReplicaSetSpec {
    /// Number of VirtualMachineInstances that are to be there. Default: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// Which VirtualMachineInstances are counted, by their labels. The template's labels must match it.
    pub selector: LabelSelector,
    /// What the VirtualMachineInstances are made from.
    pub template: VirtualMachineInstanceTemplateSpec,
    /// Neither creates nor deletes VirtualMachineInstances while true. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
}

/// What is known about a VirtualMachineInstanceReplicaSet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceReplicaSetStatus {
    /// Number of VirtualMachineInstances that are there and have not ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// Number of those whose guest runs and is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_replicas: Option<i32>,
    /// Observed aspects of the state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<VirtualMachineInstanceReplicaSetCondition>,
    /// The selector as text, for those who scale by the number of replicas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_selector: Option<String>,
}
