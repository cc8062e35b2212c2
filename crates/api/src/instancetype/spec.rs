//! What a size consists of, and the kind for one namespace.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{DiskIOThreads, GPU, HostDevice, Hugepages, LaunchSecurity, NUMA, Realtime};

/// What virtual machines get that name this size. It is copied when a virtual machine first uses it, so that later changes
/// reach only virtual machines that ask for them.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "instancetype.kubevirt.io",
    version = "v1beta1",
    kind = "VirtualMachineInstancetype",
    plural = "virtualmachineinstancetypes",
    singular = "virtualmachineinstancetype",
    shortname = "vminstancetype",
    shortname = "vminstancetypes",
    shortname = "vmf",
    shortname = "vmfs",
    category = "all",
    namespaced,
    derive = "Default",
    derive = "PartialEq",
    doc = "A size that virtual machines of the same namespace can name: processors, memory, and devices that come with it."
)]
pub struct VirtualMachineInstancetypeSpec {
    /// Labels that a node must have to run the virtual machine. A virtual machine that sets one of these keys itself is refused.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// Name of the scheduler of the pod. Default: the cluster's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduler_name: Option<String>,
    /// Processors.
    pub cpu: CPUInstancetype,
    /// Memory.
    pub memory: MemoryInstancetype,
    /// Graphics processors of the node that the guest gets.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<GPU>,
    /// Devices of the node that the guest gets.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub host_devices: Vec<HostDevice>,
    /// How disks share I/O threads: `shared` gives those without an own thread one together, `auto` deals them out to a pool
    /// sized by the processors, `supplementalPool` to a pool of the size that ioThreads tells. Default: no I/O threads.
    #[schemars(extend("enum" = ["shared", "auto", "supplementalPool"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub io_threads_policy: Option<String>,
    /// Size of the pool of I/O threads, for the policy `supplementalPool`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub io_threads: Option<DiskIOThreads>,
    /// Deprecated, use preferredLaunchSecurity of a preference: keeps the guest's memory secret from the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_security: Option<LaunchSecurity>,
    /// Annotations of the VirtualMachineInstance. A virtual machine whose template has one of these keys with another value is
    /// refused.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// Processors of a size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CPUInstancetype {
    /// Number of processors that the guest sees. The preference's preferredCPUTopology says whether they become sockets, cores
    /// or threads.
    pub guest: u32,
    /// Processor model: `host-model`, `host-passthrough` or a model that libvirt knows. Default: the cluster's, `host-model`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Gives each processor of the guest a processor of the node for itself. Default: false.
    #[serde(
        rename = "dedicatedCPUPlacement",
        skip_serializing_if = "Option::is_none"
    )]
    pub dedicated_cpu_placement: Option<bool>,
    /// Passes the node's memory topology (NUMA) on to the guest. Needs dedicatedCPUPlacement and memory.hugepages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numa: Option<NUMA>,
    /// Gives the emulator a processor of the node beside those of the guest. Needs dedicatedCPUPlacement. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolate_emulator_thread: Option<bool>,
    /// Schedules the guest's processors in real time. Needs dedicatedCPUPlacement and numa.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub realtime: Option<Realtime>,
    /// Number of sockets that the guest can be grown to while it runs. Default: as for a virtual machine without a size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_sockets: Option<u32>,
}

/// Memory of a size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemoryInstancetype {
    /// Memory that the guest sees, for example `4Gi`.
    pub guest: Quantity,
    /// Backs the memory with huge pages of the node. Not together with overcommitPercent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hugepages: Option<Hugepages>,
    /// Percent of the guest's memory that is not requested from the node: of 4Gi with 25, the pod requests 3Gi. Default: 0.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overcommit_percent: Option<i32>,
    /// Memory that the guest can be grown to while it runs. Default: as for a virtual machine without a size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_guest: Option<Quantity>,
}
