//! Phases of a VirtualMachineInstance.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;

string_enum! {
    /// Where a VirtualMachineInstance is between its creation and its end.
    pub enum VirtualMachineInstancePhase {
        /// Not written yet.
        #[default]
        Unset = "",
        /// Created; it has no pod yet.
        Pending = "Pending",
        /// Its pod exists.
        Scheduling = "Scheduling",
        /// Its pod runs on a node, whose virtual machine handler is in charge from now on.
        Scheduled = "Scheduled",
        /// The guest runs.
        Running = "Running",
        /// The guest shut down. Final.
        Succeeded = "Succeeded",
        /// The guest or its pod ended otherwise. Final.
        Failed = "Failed",
        /// Waits for the source of a migration from another cluster.
        WaitingForSync = "WaitingForSync",
        /// A value that this version does not know.
        Unknown = "Unknown",
    }
    fallback Unknown
}

impl VirtualMachineInstancePhase {
    /// Whether the run has ended: Succeeded or Failed.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }

    pub(super) fn is_unset(&self) -> bool {
        *self == Self::Unset
    }
}

/// A phase and when it was entered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstancePhaseTransitionTimestamp {
    /// The phase.
    #[serde(default)]
    pub phase: VirtualMachineInstancePhase,
    /// When it was entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase_transition_timestamp: Option<Time>,
}
