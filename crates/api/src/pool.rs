//! VirtualMachinePool: any number of virtual machines after one template.

#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind repeat type_ and priority"
)]

use k8s_openapi::{
    api::core::v1::NodeSelectorRequirement,
    apimachinery::pkg::{
        apis::meta::v1::{LabelSelector, ObjectMeta},
        util::intstr::IntOrString,
    },
};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Condition, VirtualMachineSpec};

/// How many virtual machines there are to be and after which template.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "pool.kubevirt.io",
    version = "v1beta1",
    kind = "VirtualMachinePool",
    plural = "virtualmachinepools",
    singular = "virtualmachinepool",
    shortname = "vmpool",
    shortname = "vmpools",
    category = "all",
    namespaced,
    status = "VirtualMachinePoolStatus",
    scale(
        spec_replicas_path = ".spec.replicas",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.labelSelector"
    ),
    derive = "Default",
    derive = "PartialEq",
    doc = "Keeps a number of virtual machines made from one template: makes missing ones, deletes surplus ones, and brings them up to date when the template changes.",
    printcolumn(
        name = "Desired",
        type_ = "integer",
        json_path = ".spec.replicas",
        description = "Number of virtual machines that there are to be"
    ),
    printcolumn(
        name = "Current",
        type_ = "integer",
        json_path = ".status.replicas",
        description = "Number of virtual machines that there are"
    ),
    printcolumn(
        name = "Ready",
        type_ = "integer",
        json_path = ".status.readyReplicas",
        description = "Number of virtual machines whose guests run and are ready"
    ),
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp"
    )
)]
pub struct VirtualMachinePoolSpec {
    /// Number of virtual machines that there are to be. Default: 1.
    #[schemars(extend("minimum" = 0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// Labels by which the pool knows its virtual machines. It must match those of the template, and cannot be changed.
    pub selector: LabelSelector,
    /// What the virtual machines are made from.
    pub virtual_machine_template: VirtualMachineTemplateSpec,
    /// Leaves the virtual machines alone: none is made, deleted or changed. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// Which names within a virtual machine end with its number, so that each virtual machine has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_generation: Option<VirtualMachinePoolNameGeneration>,
    /// How many virtual machines may be down at once because of an update: a number from 1, or a percentage of replicas from
    /// `1%` to `100%`, of which at least one. Default: `100%`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<IntOrString>,
    /// Which virtual machines are deleted when replicas shrinks, at most one way. Default: proactive, by chance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_in_strategy: Option<VirtualMachinePoolScaleInStrategy>,
    /// How virtual machines follow the template when it changes, at most one way. Default: proactive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_strategy: Option<VirtualMachinePoolUpdateStrategy>,
    /// Replaces virtual machines that do not start. Default: they stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autohealing: Option<VirtualMachinePoolAutohealingStrategy>,
}

/// What virtual machines are made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineTemplateSpec {
    /// Labels and annotations of the virtual machines. Other metadata of a template has no effect.
    #[schemars(schema_with = "crate::schema::template_metadata")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<ObjectMeta>,
    /// Specification of the virtual machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<VirtualMachineSpec>,
}

/// Which names within a virtual machine end with its number. Those of dataVolumeTemplates always do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachinePoolNameGeneration {
    /// Ends the names of ConfigMaps with the number of the virtual machine. Default: false, they share one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub append_index_to_config_map_refs: Option<bool>,
    /// Ends the names of Secrets with the number of the virtual machine. Default: false, they share one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub append_index_to_secret_refs: Option<bool>,
}

/// Which virtual machines are deleted when there are too many: at most one of the three.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachinePoolScaleInStrategy {
    /// None: somebody else deletes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmanaged: Option<VirtualMachinePoolUnmanagedStrategy>,
    /// Those that are off already; the others once they are off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opportunistic: Option<VirtualMachinePoolOpportunisticScaleInStrategy>,
    /// As many as there are too many, at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proactive: Option<VirtualMachinePoolProactiveScaleInStrategy>,
}

/// Nothing is done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachinePoolUnmanagedStrategy {}

/// Virtual machines are deleted once they are off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachinePoolOpportunisticScaleInStrategy {
    /// What stays of a deleted virtual machine: `Disabled` nothing, `Offline` its volumes, `Online` its volumes and the state of
    /// its memory. Default: `Disabled`.
    #[schemars(extend("enum" = ["Disabled", "Offline", "Online"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_preservation: Option<String>,
}

/// Virtual machines are deleted at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachinePoolProactiveScaleInStrategy {
    /// Which go first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection_policy: Option<VirtualMachinePoolSelectionPolicy>,
    /// What stays of a deleted virtual machine: `Disabled` nothing, `Offline` its volumes, `Online` its volumes and the state of
    /// its memory. Default: `Disabled`.
    #[schemars(extend("enum" = ["Disabled", "Offline", "Online"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_preservation: Option<String>,
}

/// Which virtual machines come first: those that the selectors match, in the order of sortPolicy, then the others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachinePoolSelectionPolicy {
    /// Order: by number (`AscendingOrder`, `DescendingOrder`), by age (`Newest` or `Oldest` first) or `Random`. Default: `Random`.
    #[schemars(extend("enum" = ["AscendingOrder", "DescendingOrder", "Newest", "Oldest", "Random"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_policy: Option<String>,
    /// Virtual machines that come before the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selectors: Option<VirtualMachinePoolSelectors>,
}

/// Virtual machines that come before the others: all that is given must match.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachinePoolSelectors {
    /// Labels of the virtual machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_selector: Option<LabelSelector>,
    /// Labels of the node that it runs on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub node_selector_requirement_matcher: Vec<NodeSelectorRequirement>,
}

/// How virtual machines follow the template: at most one of the three.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachinePoolUpdateStrategy {
    /// Not at all: only new virtual machines follow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmanaged: Option<VirtualMachinePoolUnmanagedStrategy>,
    /// The virtual machine is changed; it follows when it next starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opportunistic: Option<VirtualMachineOpportunisticUpdateStrategy>,
    /// The virtual machine is changed and, where that needs it, restarted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proactive: Option<VirtualMachinePoolProactiveUpdateStrategy>,
}

/// Virtual machines are changed and left running.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineOpportunisticUpdateStrategy {}

/// Virtual machines are changed and restarted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachinePoolProactiveUpdateStrategy {
    /// Which go first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection_policy: Option<VirtualMachinePoolSelectionPolicy>,
}

/// When a virtual machine that does not start is replaced.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachinePoolAutohealingStrategy {
    /// Number of failed starts in a row after which it is replaced. Default: 3.
    #[schemars(extend("minimum" = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_up_failure_threshold: Option<u32>,
    /// How long it must have failed to start before it is replaced, for example `10m`. Default: `5m`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_failing_to_start_duration: Option<String>,
}

/// What is known about a pool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachinePoolStatus {
    /// Number of virtual machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// Number of virtual machines whose guests run and are ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_replicas: Option<i32>,
    /// Observed aspects of the state: `ReplicaFailure` (virtual machines cannot be made, deleted or changed), `ReplicaPaused`.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<VirtualMachinePoolCondition>,
    /// The selector in text form, for programs that scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_selector: Option<String>,
}

/// A condition of a [`VirtualMachinePool`].
pub type VirtualMachinePoolCondition = Condition;
