//! VirtualMachineInstanceMigration: a wish that a running guest moves to another node.

#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind repeat type_ and priority"
)]

mod options;
mod phase;

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Condition, VirtualMachineInstanceMigrationState};

pub use options::*;
pub use phase::*;

/// A condition of a [`VirtualMachineInstanceMigration`].
pub type VirtualMachineInstanceMigrationCondition = Condition;

/// Which guest is to move, and where to.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "kubevirt.io",
    version = "v1",
    kind = "VirtualMachineInstanceMigration",
    plural = "virtualmachineinstancemigrations",
    singular = "virtualmachineinstancemigration",
    shortname = "vmim",
    shortname = "vmims",
    category = "all",
    namespaced,
    status = "VirtualMachineInstanceMigrationStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A wish that a running guest moves to another node. It is carried out once; deleting it meanwhile aborts the move.",
    printcolumn(
        name = "Phase",
        type_ = "string",
        json_path = ".status.phase",
        description = "How far the migration is"
    ),
    printcolumn(
        name = "VMI",
        type_ = "string",
        json_path = ".spec.vmiName",
        description = "VirtualMachineInstance that moves"
    )
)]
pub struct VirtualMachineInstanceMigrationSpec {
    /// Name of the VirtualMachineInstance, which is in the same namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vmi_name: Option<String>,
    /// Labels that the target node must have beside those that the VirtualMachineInstance asks for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub added_node_selector: BTreeMap<String, String>,
    /// Sends the guest to another cluster or namespace, where a migration with the same id receives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_to: Option<VirtualMachineInstanceMigrationSource>,
    /// Receives the guest from another cluster or namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive: Option<VirtualMachineInstanceMigrationTarget>,
    /// Which migrations go first when more are wanted than run at a time: `system-critical` before `user-triggered`
    /// before `system-maintenance`. Default: by who made the migration.
    #[schemars(extend("enum" = ["system-critical", "user-triggered", "system-maintenance"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
}

/// Where a guest is sent to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceMigrationSource {
    /// Id of the migration, the same at both ends.
    #[serde(rename = "migrationID")]
    pub migration_id: String,
    /// Address and port of the receiving end.
    #[serde(rename = "connectURL")]
    pub connect_url: String,
}

/// Which guest is received.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceMigrationTarget {
    /// Id of the migration, the same at both ends.
    #[serde(rename = "migrationID")]
    pub migration_id: String,
}

/// What is known about a migration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceMigrationStatus {
    /// How far the migration is.
    #[serde(default)]
    pub phase: VirtualMachineInstanceMigrationPhase,
    /// Observed aspects of the state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<VirtualMachineInstanceMigrationCondition>,
    /// When each phase was entered.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phase_transition_timestamps: Vec<VirtualMachineInstanceMigrationPhaseTransitionTimestamp>,
    /// The migration as the VirtualMachineInstance recorded it, kept here because the next one overwrites it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration_state: Option<VirtualMachineInstanceMigrationState>,
    /// Addresses at which this end takes messages of the other when the two are in different clusters.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synchronization_addresses: Vec<String>,
}
