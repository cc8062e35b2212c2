//! Settings for development and for sharing nodes.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Feature gates, log verbosity, and settings for development and for sharing nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeveloperConfiguration {
    /// Names of features to switch on.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feature_gates: Vec<String>,
    /// Names of features to switch off. A name in both lists is refused.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disabled_feature_gates: Vec<String>,
    /// How much smaller than asked for a disk image on a volume may become when the volume has less space than it
    /// claims, in percent. Default: 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pvc_tolerate_less_space_up_to_percent: Option<i32>,
    /// Bytes of a volume that a disk image on it leaves free. Default: 131072.
    #[serde(
        rename = "minimumReservePVCBytes",
        skip_serializing_if = "Option::is_none"
    )]
    pub minimum_reserve_pvc_bytes: Option<u64>,
    /// Guest memory in percent of the memory that its pod requests, at least 10. Default: 100.
    #[schemars(extend("minimum" = 10))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_overcommit: Option<i32>,
    /// Labels of nodes that launcher pods may run on, beside what the guest asks for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selectors: BTreeMap<String, String>,
    /// Lets guests run without hardware virtualization, slowly, on nodes that have none. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_emulation: Option<bool>,
    /// Virtual processors for each requested CPU of the node, at least 1. Default: 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_allocation_ratio: Option<i32>,
    /// Frequency of the time stamp counter, in Hz, that guests which need a known one get when no node is faster.
    /// Default: the lowest of the cluster's nodes.
    #[serde(
        rename = "minimumClusterTSCFrequency",
        skip_serializing_if = "Option::is_none"
    )]
    pub minimum_cluster_tsc_frequency: Option<i64>,
    /// How disk images are looked at before a guest gets them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_verification: Option<DiskVerification>,
    /// How much each component logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_verbosity: Option<LogVerbosity>,
    /// Whether profiles of KubeVirt's components can be taken. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_profiler: Option<bool>,
}

/// How disk images are looked at before a guest gets them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiskVerification {
    /// Memory that the program which does it may use. Default: `2000Mi`.
    pub memory_limit: Quantity,
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
    /// Of virt-operator.
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virt_operator: Option<u32>,
    /// Of virt-synchronization-controller.
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virt_synchronization_controller: Option<u32>,
    /// Of virt-handler on single nodes, by the node's name; comes before virtHandler.
    #[schemars(extend("additionalProperties" = json!({ "type": "integer", "format": "int32", "minimum": 0 })))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_verbosity: BTreeMap<String, u32>,
}
