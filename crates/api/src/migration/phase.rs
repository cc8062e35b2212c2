//! Phases of a migration.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;

string_enum! {
    /// How far a migration is.
    pub enum VirtualMachineInstanceMigrationPhase {
        /// Not written yet, or a value that this version does not know.
        #[default]
        Unset = "",
        /// Waits for its turn.
        Pending = "Pending",
        /// The target pod exists.
        Scheduling = "Scheduling",
        /// The target pod runs on its node.
        Scheduled = "Scheduled",
        /// The virtual machine handlers of both nodes prepare.
        PreparingTarget = "PreparingTarget",
        /// The target waits for the source.
        TargetReady = "TargetReady",
        /// The guest moves.
        Running = "Running",
        /// The guest runs at the target. Final.
        Succeeded = "Succeeded",
        /// The guest did not move. Final.
        Failed = "Failed",
        /// The receiving end waits for the sending end of another cluster.
        WaitingForSync = "WaitingForSync",
        /// The sending end exchanges state with the receiving end of another cluster.
        Synchronizing = "Synchronizing",
    }
    fallback Unset
}

impl VirtualMachineInstanceMigrationPhase {
    /// Whether the migration has ended: Succeeded or Failed.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// A phase and when it was entered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceMigrationPhaseTransitionTimestamp {
    /// The phase.
    #[serde(default)]
    pub phase: VirtualMachineInstanceMigrationPhase,
    /// When it was entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase_transition_timestamp: Option<Time>,
}
