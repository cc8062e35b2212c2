//! VirtualMachine: a virtual machine that outlives its runs.

#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind repeat type_ and priority"
)]

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    VirtualMachineCondition, VirtualMachineInstanceSpec, schema, string_enum::string_enum,
};

string_enum! {
    /// When a VirtualMachine runs. The value of `spec.runStrategy`, and what `spec.running` stands for.
    pub enum RunStrategy {
        /// Runs, and is started again whenever it ends. `running: true` means this.
        Always = "Always",
        /// Does not run. `running: false` means this.
        Halted = "Halted",
        /// Runs when asked to by the start, stop and restart requests only.
        Manual = "Manual",
        /// Started again when it failed, not when the guest shut itself down.
        RerunOnFailure = "RerunOnFailure",
        /// Started once and never again while its VirtualMachineInstance exists.
        Once = "Once",
        /// Not set, or a value that this version does not know.
        #[default]
        Unknown = "",
    }
    fallback Unknown
}

string_enum! {
    /// One word for the state of a VirtualMachine, as `kubectl get vm` shows it.
    pub enum VirtualMachinePrintableStatus {
        /// Does not run and is not about to.
        #[default]
        Stopped = "Stopped",
        /// Its disks are being filled.
        Provisioning = "Provisioning",
        /// About to run.
        Starting = "Starting",
        /// Runs.
        Running = "Running",
        /// Runs, with its processors stopped.
        Paused = "Paused",
        /// About to end.
        Stopping = "Stopping",
        /// Is being deleted.
        Terminating = "Terminating",
        /// Failed to start several times; the next attempt waits.
        CrashLoopBackOff = "CrashLoopBackOff",
        /// Moves to another node.
        Migrating = "Migrating",
        /// None of the others.
        Unknown = "Unknown",
        /// No node can take its pod.
        ErrorUnschedulable = "ErrorUnschedulable",
        /// An image of it cannot be pulled.
        ErrImagePull = "ErrImagePull",
        /// An image of it cannot be pulled; the next attempt waits.
        ImagePullBackOff = "ImagePullBackOff",
        /// A PersistentVolumeClaim that it names does not exist.
        ErrorPvcNotFound = "ErrorPvcNotFound",
        /// A DataVolume of it failed.
        DataVolumeError = "DataVolumeError",
        /// A PersistentVolumeClaim of it is not bound yet.
        WaitingForVolumeBinding = "WaitingForVolumeBinding",
        /// Waits for the source of a migration from another cluster.
        WaitingForReceiver = "WaitingForReceiver",
    }
    fallback Unknown
}

string_enum! {
    /// What a state change request asks for.
    pub enum StateChangeRequestAction {
        /// Create the VirtualMachineInstance.
        Start = "Start",
        /// Delete the VirtualMachineInstance.
        Stop = "Stop",
        /// An action that this version does not know; it is ignored.
        #[default]
        Unknown = "Unknown",
    }
    fallback Unknown
}

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
    /// Deprecated, use runStrategy: true means `Always`, false means `Halted`. Exactly one of running and runStrategy must be set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<bool>,
    /// When the virtual machine runs: `Always`, `Halted`, `Manual`, `RerunOnFailure` or `Once`. Exactly one of running and
    /// runStrategy must be set.
    #[schemars(extend("enum" = ["Always", "Halted", "Manual", "RerunOnFailure", "Once"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_strategy: Option<String>,
    /// What the VirtualMachineInstance is made from each time the virtual machine starts.
    pub template: VirtualMachineInstanceTemplateSpec,
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

/// What is known about a VirtualMachine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineStatus {
    /// Whether a VirtualMachineInstance of this virtual machine exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// Whether the VirtualMachineInstance runs and is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready: Option<bool>,
    /// State of the virtual machine in one word. Default: `Stopped`.
    #[serde(default)]
    pub printable_status: VirtualMachinePrintableStatus,
    /// Observed aspects of the state; those of the VirtualMachineInstance are repeated here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<VirtualMachineCondition>,
    /// The run strategy that the controller last acted on.
    #[schemars(extend("enum" = ["", "Always", "Halted", "Manual", "RerunOnFailure", "Once"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_strategy: Option<String>,
    /// Requests to start or stop that wait to be carried out, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub state_change_requests: Vec<VirtualMachineStateChangeRequest>,
    /// Failed starts in a row and when the next is due; absent when the last start succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_failure: Option<VirtualMachineStartFailure>,
    /// Generation of the virtual machine that the running VirtualMachineInstance was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Current generation of the virtual machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired_generation: Option<i64>,
}

/// A request to start or stop that waits to be carried out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineStateChangeRequest {
    /// What is asked for: `Start` or `Stop`.
    pub action: StateChangeRequestAction,
    /// Options of the request, for example `paused: "true"` of a start.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
    /// UID of the VirtualMachineInstance that a stop is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
}

/// How starting a virtual machine failed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineStartFailure {
    /// Number of VirtualMachineInstances in a row that ended without ever having run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consecutive_fail_count: Option<i32>,
    /// UID of the last of them, so that each is counted once.
    #[serde(rename = "lastFailedVMIUID", skip_serializing_if = "Option::is_none")]
    pub last_failed_vmi_uid: Option<String>,
    /// Earliest time of the next attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_timestamp: Option<Time>,
}
