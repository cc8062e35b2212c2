//! What is known about a VirtualMachineInstance.

mod backup;
mod boot;
mod compute;
mod guest;
mod migration;
mod migration_side;
mod network;
mod phase;
mod volume;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Machine, VirtualMachineInstanceCondition};

pub use backup::*;
pub use boot::*;
pub use compute::*;
pub use guest::*;
pub use migration::*;
pub use migration_side::*;
pub use network::*;
pub use phase::*;
pub use volume::*;

/// What is known about a VirtualMachineInstance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceStatus {
    /// Node that the guest runs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// One word for why the VirtualMachineInstance is in its phase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Observed aspects of the state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<VirtualMachineInstanceCondition>,
    /// Where the VirtualMachineInstance is between its creation and its end.
    #[serde(default, skip_serializing_if = "VirtualMachineInstancePhase::is_unset")]
    pub phase: VirtualMachineInstancePhase,
    /// When each phase was entered.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phase_transition_timestamps: Vec<VirtualMachineInstancePhaseTransitionTimestamp>,
    /// The guest's interfaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<VirtualMachineInstanceNetworkInterface>,
    /// What the guest agent says about the operating system; empty without an agent.
    #[serde(rename = "guestOSInfo", skip_serializing_if = "Option::is_none")]
    pub guest_os_info: Option<VirtualMachineInstanceGuestOSInfo>,
    /// The current migration or the last one; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration_state: Option<VirtualMachineInstanceMigrationState>,
    /// Whether a migration would copy disks too.
    #[schemars(extend("enum" = ["BlockMigration", "LiveMigration"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration_method: Option<MigrationMethod>,
    /// How the two ends of a migration talk: `Unix`, through sockets that virtual machine handlers connect.
    #[schemars(extend("enum" = ["Unix"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration_transport: Option<MigrationTransport>,
    /// Quality of service class of the pod: `BestEffort`, `Burstable` or `Guaranteed`.
    #[schemars(extend("enum" = ["BestEffort", "Burstable", "Guaranteed"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qos_class: Option<String>,
    /// Image of the compute container of the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launcher_container_image_version: Option<String>,
    /// Node that the guest is to leave, because it is drained; a migration is made for it while this is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evacuation_node_name: Option<String>,
    /// Pods of this VirtualMachineInstance that have not ended: UID of the pod to the name of its node.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub active_pods: BTreeMap<String, String>,
    /// The volumes and the guest's disks that show them.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volume_status: Vec<VolumeStatus>,
    /// Checksums of the kernel and the initial RAM disk that the guest was started with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_boot_status: Option<KernelBootStatus>,
    /// Whether the guest's file systems are frozen, as the guest agent says. Absent when they never were.
    #[schemars(extend("enum" = ["frozen", "thawed"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fs_freeze_status: Option<FsFreezeStatus>,
    /// What the processors of nodes must be like to take this guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology_hints: Option<TopologyHints>,
    /// Name of the ControllerRevision with the VirtualMachine's specification that this run was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_machine_revision_name: Option<String>,
    /// User id of the processes in the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_user: Option<u64>,
    /// Context id of the guest on VM sockets, unique in the cluster. Set when domain.devices.autoattachVSOCK is true.
    #[serde(rename = "VSOCKCID", skip_serializing_if = "Option::is_none")]
    pub vsock_cid: Option<u32>,
    /// SELinux context of the pod; a migration's target pod gets the same level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selinux_context: Option<String>,
    /// Machine type that the guest has got, with its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
    /// Processors that the guest has got.
    #[serde(rename = "currentCPUTopology", skip_serializing_if = "Option::is_none")]
    pub current_cpu_topology: Option<CPUTopology>,
    /// Memory that the guest has got.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<MemoryStatus>,
    /// Volumes whose contents a migration moves to another PersistentVolumeClaim.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub migrated_volumes: Vec<StorageMigratedVolumeInfo>,
    /// Whether changed blocks are recorded for incremental backups, and how the current backup goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_block_tracking: Option<ChangedBlockTrackingStatus>,
}
