//! What a VirtualMachine is to be.

#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind repeat type_ and priority"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    DataVolumeTemplateSpec, InstancetypeMatcher, PreferenceMatcher, RunStrategy,
    VirtualMachineInstanceSpec, VirtualMachineStatus, schema,
};

/// What a VirtualMachine is to be: when it runs and the template of its VirtualMachineInstance.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "kubevirt.io",
    version = "v1",
    kind = "VirtualMachine",
    plural = "virtualmachines",
    singular = "virtualmachine",
    shortname = "vm",
    shortname = "vms",
    category = "all",
    namespaced,
    status = "VirtualMachineStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A virtual machine that outlives its runs: while it is to run, a VirtualMachineInstance made from its template exists.",
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp"
    ),
    printcolumn(
        name = "Status",
        type_ = "string",
        json_path = ".status.printableStatus",
        description = "State in one word"
    ),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Ready')].status",
        description = "Whether the guest runs and is ready"
    )
)]
pub struct VirtualMachineSpec {
    /// Deprecated, use runStrategy: true means `Always`, false means `Halted`. Exactly one of running and runStrategy
    /// must be set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<bool>,
    /// When the virtual machine runs: `Always`, `Halted`, `Manual`, `RerunOnFailure`, `Once` or `WaitAsReceiver`.
    /// Exactly one of running and runStrategy must be set.
    #[schemars(extend("enum" = ["", "Always", "Halted", "Manual", "RerunOnFailure", "Once", "WaitAsReceiver"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_strategy: Option<String>,
    /// Instance type that gives the guest its processors and memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instancetype: Option<InstancetypeMatcher>,
    /// Preference that fills in what the template leaves open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preference: Option<PreferenceMatcher>,
    /// What the VirtualMachineInstance is made from each time the virtual machine starts.
    pub template: VirtualMachineInstanceTemplateSpec,
    /// DataVolumes that are created for this virtual machine and deleted with it. Volumes of the template refer to them
    /// by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_volume_templates: Vec<DataVolumeTemplateSpec>,
    /// What happens when a volume of a running virtual machine is given another PersistentVolumeClaim: `Migration`
    /// moves the contents to it while the guest runs, `Replacement` takes effect at the next start. Default:
    /// `Replacement`.
    #[schemars(extend("enum" = ["Migration", "Replacement"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_volumes_strategy: Option<String>,
}

impl VirtualMachineSpec {
    /// The run strategy that `running` and `runStrategy` give together; `Unknown` when neither is set or the text is not a
    /// run strategy.
    pub fn effective_run_strategy(&self) -> RunStrategy {
        match (&self.run_strategy, self.running) {
            (Some(text), _) => RunStrategy::parse(text).unwrap_or_default(),
            (None, Some(true)) => RunStrategy::Always,
            (None, Some(false)) => RunStrategy::Halted,
            (None, None) => RunStrategy::Unknown,
        }
    }
}

/// What a VirtualMachineInstance is made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceTemplateSpec {
    /// Labels and annotations of the VirtualMachineInstance. Other metadata of a template has no effect.
    #[schemars(schema_with = "schema::template_metadata")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<ObjectMeta>,
    /// Specification of the VirtualMachineInstance.
    #[serde(default)]
    pub spec: VirtualMachineInstanceSpec,
}
