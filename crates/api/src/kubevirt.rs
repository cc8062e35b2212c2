//! KubeVirt: the settings of the installation.

#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind repeat type_ and priority"
)]

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::KubeVirtCondition;

/// Settings of the installation. They are read live.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "kubevirt.io",
    version = "v1",
    kind = "KubeVirt",
    plural = "kubevirts",
    singular = "kubevirt",
    shortname = "kv",
    shortname = "kvs",
    category = "all",
    namespaced,
    status = "KubeVirtStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "Settings of the installation, read live. There is one object, in the namespace that KubeVirt is installed in.",
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp"
    ),
    printcolumn(
        name = "Phase",
        type_ = "string",
        json_path = ".status.phase",
        description = "How far the installation is"
    )
)]
pub struct KubeVirtSpec {
    /// Tag of the launcher image. Default: that of the installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_tag: Option<String>,
    /// Registry and path of the launcher image, without its name. Default: that of the installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_registry: Option<String>,
    /// When nodes pull the launcher image: `Always`, `IfNotPresent` or `Never`. Default: `IfNotPresent`.
    #[schemars(extend("enum" = ["Always", "IfNotPresent", "Never"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_policy: Option<String>,
    /// What holds for all virtual machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<KubeVirtConfiguration>,
}

/// What holds for all virtual machines.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubeVirtConfiguration {
    /// Processor model of guests that name none: `host-model`, `host-passthrough` or a model that libvirt knows. Default:
    /// `host-model`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<String>,
    /// CPU request of guests that give none. Default: `100m` for each virtual processor, divided by cpuAllocationRatio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// Settings for development and for sharing nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub developer_configuration: Option<DeveloperConfiguration>,
    /// When nodes pull the launcher image; spec.imagePullPolicy comes first. Default: `IfNotPresent`.
    #[schemars(extend("enum" = ["Always", "IfNotPresent", "Never"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_policy: Option<String>,
    /// Deprecated, use architectureConfiguration: machine type of guests that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine_type: Option<String>,
    /// Network defaults and permissions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkConfiguration>,
    /// What the firmware tells guests about their system (SMBIOS type 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smbios: Option<SMBiosConfiguration>,
    /// Settings for each processor architecture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture_configuration: Option<ArchConfiguration>,
    /// Factor on the memory for the processes around a guest, a decimal number from 1.0. Default: 1.0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_guest_memory_overhead_ratio: Option<String>,
    /// Seconds between two reports of a guest's memory balloon; 0 switches them off. Default: 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mem_balloon_stats_period: Option<u32>,
    /// Processor models that nodes do not offer, by name, when the value is true. Default: those of processors without the
    /// means against known attacks.
    #[serde(
        rename = "obsoleteCPUModels",
        default,
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub obsolete_cpu_models: BTreeMap<String, bool>,
}

/// Settings for development and for sharing nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeveloperConfiguration {
    /// Names of features to switch on.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feature_gates: Vec<String>,
    /// Names of features to switch off.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disabled_feature_gates: Vec<String>,
    /// Guest memory in percent of the memory that its pod requests, at least 10. Default: 100.
    #[schemars(extend("minimum" = 10))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_overcommit: Option<i32>,
    /// Lets guests run without hardware virtualization, slowly, on nodes that have none. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_emulation: Option<bool>,
    /// Virtual processors for each requested CPU of the node, at least 1. Default: 10.
    #[schemars(extend("minimum" = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_allocation_ratio: Option<i32>,
    /// How much each component logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_verbosity: Option<LogVerbosity>,
}

/// How much each component logs: from 0, higher is more. Default: 2.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LogVerbosity {
    /// Of virt-api.
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    #[serde(rename = "virtAPI", skip_serializing_if = "Option::is_none")]
    pub virt_api: Option<u32>,
    /// Of virt-controller.
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virt_controller: Option<u32>,
    /// Of virt-handler.
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virt_handler: Option<u32>,
    /// Of libvirt in launcher pods that are made from then on: from 4 what it does, from 7 everything.
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virt_launcher: Option<u32>,
}

/// Settings for each processor architecture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArchConfiguration {
    /// For amd64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amd64: Option<ArchSpecificConfiguration>,
}

/// Settings for a processor architecture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArchSpecificConfiguration {
    /// Machine types that guests may name; `*` stands for any text. Default on amd64: `q35*` and `pc-q35*`.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emulated_machines: Vec<String>,
    /// Machine type of guests that name none. Default on amd64: `q35`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine_type: Option<String>,
}

/// Network defaults and permissions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkConfiguration {
    /// How guests without interfaces are connected to the pod's network: `bridge` or `masquerade`. Default: `bridge`.
    #[schemars(extend("enum" = ["bridge", "masquerade"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_network_interface: Option<String>,
    /// Whether guests may connect to the pod's network with a bridge. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permit_bridge_interface_on_pod_network: Option<bool>,
}

/// What the firmware tells guests about their system (SMBIOS type 1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SMBiosConfiguration {
    /// Manufacturer. Default: `KubeVirt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Product. Default: `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Version. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Stock keeping unit. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Family. Default: `KubeVirt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
}

/// What is known about the installation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubeVirtStatus {
    /// How far the installation is: `Deploying`, `Deployed`, `Deleting` or `Deleted`.
    #[schemars(extend("enum" = ["Deploying", "Deployed", "Deleting", "Deleted"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// Observed aspects of the state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<KubeVirtCondition>,
    /// Generation of the settings that the conditions are about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
}
