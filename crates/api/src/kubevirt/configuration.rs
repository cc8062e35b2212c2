//! What holds for all virtual machines of the cluster.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::LabelSelector};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::*;

/// What holds for all virtual machines. Every component reads it live: a change needs no restart of KubeVirt, and
/// does not touch guests that run already unless a field says so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubeVirtConfiguration {
    /// Processor model of guests that name none: `host-model`, `host-passthrough` or a model that libvirt knows.
    /// Default: `host-model`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<String>,
    /// CPU request of guests that give none. Default: `100m` for each virtual processor, divided by
    /// cpuAllocationRatio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// Feature gates, log verbosity, and settings for development and for sharing nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub developer_configuration: Option<DeveloperConfiguration>,
    /// Deprecated, use architectureConfiguration: machine types that guests of every architecture may name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emulated_machines: Vec<String>,
    /// When nodes pull the launcher image; spec.imagePullPolicy comes first. Default: `IfNotPresent`.
    #[schemars(extend("enum" = ["Always", "IfNotPresent", "Never"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_policy: Option<String>,
    /// Limits and switches of live migrations. A MigrationPolicy overrides some of them for the guests that it
    /// selects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migrations: Option<MigrationConfiguration>,
    /// Deprecated, use architectureConfiguration: machine type of guests that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine_type: Option<String>,
    /// Network defaults, permissions and bindings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkConfiguration>,
    /// Deprecated, use architectureConfiguration: directory of the UEFI firmware in the launcher image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ovmf_path: Option<String>,
    /// SELinux type of the containers of launcher pods. Default: the one that the container runtime gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selinux_launcher_type: Option<String>,
    /// RuntimeClass of launcher pods. Default: none, the node's default runtime. A change acts on pods that are made
    /// from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_runtime_class: Option<String>,
    /// What the firmware tells guests about their system (SMBIOS type 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smbios: Option<SMBiosConfiguration>,
    /// Settings for each processor architecture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture_configuration: Option<ArchConfiguration>,
    /// What happens to guests that name no eviction strategy when their node is drained. Default: `None`, they are
    /// shut down with their pod.
    #[schemars(extend("enum" = ["None", "LiveMigrate", "LiveMigrateIfPossible", "External"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eviction_strategy: Option<String>,
    /// Factor on the memory for the processes around a guest, a decimal number from 1.0. Default: 1.0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_guest_memory_overhead_ratio: Option<String>,
    /// Resources of the containers beside the guest's own, one entry for each kind of container.
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub support_container_resources: Vec<SupportContainerResources>,
    /// Deprecated, has no effect any more: what the guest agent can do is asked of the agent itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supported_guest_agent_versions: Vec<String>,
    /// Seconds between two reports of a guest's memory balloon; 0 switches them off. Default: 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mem_balloon_stats_period: Option<u32>,
    /// Devices of nodes that guests may be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permitted_host_devices: Option<PermittedHostDevices>,
    /// Mediated devices (shares of a graphics card and the like) that nodes are to set up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mediated_devices_configuration: Option<MediatedDevicesConfiguration>,
    /// Deprecated, has no effect any more: oldest processor model that nodes offer.
    #[serde(rename = "minCPUModel", skip_serializing_if = "Option::is_none")]
    pub min_cpu_model: Option<String>,
    /// Processor models that nodes do not offer, by name, when the value is true. Default: those of processors
    /// without the means against known attacks.
    #[serde(
        rename = "obsoleteCPUModels",
        default,
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub obsolete_cpu_models: BTreeMap<String, bool>,
    /// How many guests a node can hold, as the number of devices that it offers for them. Default: 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_machine_instances_per_node: Option<i32>,
    /// How fast virt-api may ask the API server. Default: 200 requests a second, 400 at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_configuration: Option<ReloadableComponentConfiguration>,
    /// How fast the admission webhooks may ask the API server. Default: 200 requests a second, 400 at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_configuration: Option<ReloadableComponentConfiguration>,
    /// How fast virt-controller may ask the API server. Default: 200 requests a second, 400 at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controller_configuration: Option<ReloadableComponentConfiguration>,
    /// How fast each virt-handler may ask the API server. Default: 50 requests a second, 100 at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler_configuration: Option<ReloadableComponentConfiguration>,
    /// Oldest version and permitted ciphers of the TLS servers of KubeVirt's components.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_configuration: Option<TLSConfiguration>,
    /// System calls that launcher pods may make.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seccomp_configuration: Option<SeccompConfiguration>,
    /// StorageClass of the volumes that keep the state of guests over restarts: TPM and UEFI variables. Default: the
    /// cluster's default StorageClass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vm_state_storage_class: Option<String>,
    /// Switches for all guests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_machine_options: Option<VirtualMachineOptions>,
    /// Nodes that merge equal pages of memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ksm_configuration: Option<KSMConfiguration>,
    /// Namespaces whose launcher pods get a CPU limit of one CPU for each virtual processor, when the guest sets
    /// none. Default: none.
    #[serde(
        rename = "autoCPULimitNamespaceLabelSelector",
        skip_serializing_if = "Option::is_none"
    )]
    pub auto_cpu_limit_namespace_label_selector: Option<LabelSelector>,
    /// How far guests can grow while they run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_update_configuration: Option<LiveUpdateConfiguration>,
    /// What a change of a VirtualMachine's template does to its guest that runs: `LiveUpdate` carries out what can be
    /// carried out, `Stage` leaves everything to the next start. Default: `LiveUpdate`.
    #[schemars(extend("enum" = ["Stage", "LiveUpdate"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vm_rollout_strategy: Option<String>,
    /// Whether the operator installs the common instance types and preferences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_instancetypes_deployment: Option<CommonInstancetypesDeployment>,
    /// Whether the operator installs the API of virtual machine templates. Needs the feature gate Template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virt_template_deployment: Option<VirtTemplateDeployment>,
    /// How VirtualMachines refer to instance types and preferences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instancetype: Option<InstancetypeConfiguration>,
    /// Hypervisor of the cluster, one entry. Needs the feature gate ConfigurableHypervisor. Default: `kvm`.
    #[schemars(extend("x-kubernetes-list-type" = "atomic", "maxItems" = 1))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hypervisors: Vec<HypervisorConfiguration>,
    /// Virtual machines for whose disks changed blocks are tracked, so that backups can be incremental. Needs the
    /// feature gate IncrementalBackup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_block_tracking_label_selectors: Option<ChangedBlockTrackingSelectors>,
    /// SCSI persistent reservations of guests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_reservation_configuration: Option<PersistentReservationConfiguration>,
    /// Guests whose memory the host cannot read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidential_compute: Option<ConfidentialComputeConfiguration>,
    /// Whether KubeVirt's cluster roles become part of Kubernetes' roles admin, edit and view (`AggregateToDefault`)
    /// or are left to the administrator (`Manual`, needs the feature gate OptOutRoleAggregation). Default:
    /// `AggregateToDefault`.
    #[schemars(extend("enum" = ["AggregateToDefault", "Manual"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_aggregation_strategy: Option<String>,
}

/// How a component talks to the API server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReloadableComponentConfiguration {
    /// Its client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest_client: Option<RESTClientConfiguration>,
}

/// A client of the API server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RESTClientConfiguration {
    /// How fast it may ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limiter: Option<RateLimiter>,
}

/// How fast a client may ask. One kind is to be given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateLimiter {
    /// A number of requests a second in the mean, and more of them at once now and then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_bucket_rate_limiter: Option<TokenBucketRateLimiter>,
}

/// A limit on requests: a bucket that fills at a steady rate, from which each request takes one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenBucketRateLimiter {
    /// Requests a second in the mean. More than 0.
    pub qps: f32,
    /// Requests at once at the most. More than 0, and at least qps to be of use.
    pub burst: i32,
}

/// Nodes that merge equal pages of memory (kernel samepage merging).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KSMConfiguration {
    /// Labels of these nodes. An empty selector means all nodes, none means no node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_label_selector: Option<LabelSelector>,
}

/// How far guests can grow while they run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveUpdateConfiguration {
    /// How many times its first processors and memory a guest can grow to, when no other limit is set. Default: 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_hotplug_ratio: Option<u32>,
    /// Processor sockets that a guest can grow to, unless it names a number itself. Default: maxHotplugRatio times
    /// its first sockets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cpu_sockets: Option<u32>,
    /// Memory that a guest can grow to, unless it names an amount itself. Default: maxHotplugRatio times its first
    /// memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_guest: Option<Quantity>,
}

/// Switches for all guests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineOptions {
    /// When given, guests do not report the pages that they do not use to the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_free_page_reporting: Option<DisableFreePageReporting>,
    /// When given, what guests write to their serial console is not kept in a log, unless a guest asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_serial_console_log: Option<DisableSerialConsoleLog>,
}

/// Has no fields: its presence is the switch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisableFreePageReporting {}

/// Has no fields: its presence is the switch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisableSerialConsoleLog {}

/// The common instance types and preferences.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommonInstancetypesDeployment {
    /// Whether they are installed. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// The API of virtual machine templates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtTemplateDeployment {
    /// Whether it is installed. Default: true when the feature gate Template is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// How VirtualMachines refer to instance types and preferences.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstancetypeConfiguration {
    /// `reference` keeps the reference in the VirtualMachine; `expand` replaces it with what it stands for when a
    /// VirtualMachine is written; `expandAll` does so with older VirtualMachines too. Default: `reference`.
    #[schemars(extend("enum" = ["reference", "expand", "expandAll"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_policy: Option<String>,
}

/// The hypervisor of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HypervisorConfiguration {
    /// Its name: `kvm`, or `hyperv-direct` on nodes that are virtual machines of Hyper-V. Default: `kvm`.
    #[schemars(extend("enum" = ["kvm", "hyperv-direct"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Virtual machines whose changed blocks are tracked: those that one of the selectors finds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedBlockTrackingSelectors {
    /// Labels of namespaces: all virtual machines in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace_label_selector: Option<LabelSelector>,
    /// Labels of virtual machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_machine_label_selector: Option<LabelSelector>,
}

/// SCSI persistent reservations of guests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersistentReservationConfiguration {
    /// Whether nodes run the helper that guests need for them. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// Guests whose memory the host cannot read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfidentialComputeConfiguration {
    /// Those of Intel TDX.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tdx: Option<TDXConfiguration>,
}

/// Guests of Intel TDX.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TDXConfiguration {
    /// How guests prove to others what they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attestation: Option<TDXAttestationConfiguration>,
}

/// How guests of Intel TDX prove to others what they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TDXAttestationConfiguration {
    /// Whether guests run on nodes only that can sign such a proof. Default: false.
    #[schemars(extend("default" = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforced: Option<bool>,
    /// Socket of the service on the node that signs. Default: `/var/run/tdx-qgs/qgs.socket`.
    #[schemars(extend("default" = "/var/run/tdx-qgs/qgs.socket"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qgs_socket_path: Option<String>,
}
