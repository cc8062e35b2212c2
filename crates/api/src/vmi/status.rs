//! What is known about a VirtualMachineInstance.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Machine, VirtualMachineInstanceCondition, string_enum::string_enum};

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

    fn is_unset(&self) -> bool {
        *self == Self::Unset
    }
}

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
    /// Quality of service class of the pod: `BestEffort`, `Burstable` or `Guaranteed`.
    #[schemars(extend("enum" = ["BestEffort", "Burstable", "Guaranteed"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qos_class: Option<String>,
    /// Image of the compute container of the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launcher_container_image_version: Option<String>,
    /// Pods of this VirtualMachineInstance that have not ended: UID of the pod to the name of its node.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub active_pods: BTreeMap<String, String>,
    /// The volumes and the guest's disks that show them.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volume_status: Vec<VolumeStatus>,
    /// User id of the processes in the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_user: Option<u64>,
    /// Machine type that the guest has got, with its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
    /// Processors that the guest has got.
    #[serde(rename = "currentCPUTopology", skip_serializing_if = "Option::is_none")]
    pub current_cpu_topology: Option<CPUTopology>,
    /// Memory that the guest has got.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<MemoryStatus>,
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

/// An interface of the guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceNetworkInterface {
    /// First address of the interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// MAC address of the guest's interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// Name of the interface and of its network in the specification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All addresses of the interface.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ip_addresses: Vec<String>,
    /// Name of the interface in the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_interface_name: Option<String>,
    /// Name of the interface in the guest, when the guest agent tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_name: Option<String>,
    /// Where this knowledge comes from: a list, separated by commas, out of `domain`, `guest-agent` and `multus-status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info_source: Option<String>,
    /// Number of queues of the interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_count: Option<i32>,
    /// Whether the virtual cable is plugged in: `up` or `down`.
    #[schemars(extend("enum" = ["up", "down"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_state: Option<String>,
}

/// What the guest agent says about the operating system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceGuestOSInfo {}

/// A volume and the guest's disk that shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeStatus {
    /// Name of the volume.
    pub name: String,
    /// Name of the disk in the domain, for example `vda`.
    pub target: String,
    /// The PersistentVolumeClaim of the volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim_info: Option<PersistentVolumeClaimInfo>,
    /// Size in bytes of the file of a volume that was made for the guest, such as a cloud-init disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
}

/// What is known about the PersistentVolumeClaim of a volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersistentVolumeClaimInfo {
    /// Name of the PersistentVolumeClaim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_name: Option<String>,
    /// How the volume may be mounted, for example `ReadWriteOnce`.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access_modes: Vec<String>,
    /// `Filesystem` or `Block`.
    #[schemars(extend("enum" = ["Filesystem", "Block"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_mode: Option<String>,
    /// Size that the volume has got, by resource name (`storage`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub capacity: BTreeMap<String, Quantity>,
    /// Size that was asked for, by resource name (`storage`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub requests: BTreeMap<String, Quantity>,
}

/// A number of processors, by sockets, cores and threads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CPUTopology {
    /// Cores of a socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<u32>,
    /// Sockets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sockets: Option<u32>,
    /// Threads of a core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
}

/// The guest's memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemoryStatus {
    /// Memory that the guest started with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest_at_boot: Option<Quantity>,
    /// Memory that the guest has now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest_current: Option<Quantity>,
    /// Memory that the specification asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest_requested: Option<Quantity>,
    /// What the pod requests beside the guest's memory, for the processes around the guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_overhead: Option<Quantity>,
}
