//! MigrationPolicy: settings of live migrations for some guests.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ExperimentalMigrationOptions;

/// Settings of live migrations for the guests that the policy selects. When several policies select a guest, the one
/// with the most matching labels holds, then the one with more labels of the guest, then the first by name.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "migrations.kubevirt.io",
    version = "v1alpha1",
    kind = "MigrationPolicy",
    plural = "migrationpolicies",
    singular = "migrationpolicy",
    status = "MigrationPolicyStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "Settings of live migrations for the guests that it selects by their labels and those of their namespace."
)]
pub struct MigrationPolicySpec {
    /// Guests that the policy is for. A policy without any selects none.
    pub selectors: Selectors,
    /// Whether a guest that writes faster than its memory can be copied is slowed down. Default: that of the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_auto_converge: Option<bool>,
    /// Bytes a second that a migration may use; 0 means as many as it can. Default: that of the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth_per_migration: Option<Quantity>,
    /// Seconds that a migration may take for each GiB of memory and copied disks. Not negative. Default: that of the
    /// cluster.
    #[serde(
        rename = "completionTimeoutPerGiB",
        skip_serializing_if = "Option::is_none"
    )]
    pub completion_timeout_per_gib: Option<i64>,
    /// Milliseconds that a guest may stand still at the end of its migration at the most. Needs the feature gate
    /// MigrationDowntimeTuning. Default: that of the cluster.
    #[schemars(extend("minimum" = 1, "maximum" = 2000000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_downtime_ms: Option<u64>,
    /// Whether a migration that takes too long starts the guest on the other node and fetches the rest of its memory
    /// from there. Default: that of the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_post_copy: Option<bool>,
    /// Whether a migration that takes too long may stop the guest until it is done. Default: that of the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_workload_disruption: Option<bool>,
    /// Means against migrations that do not come to an end, not settled yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experimental: Option<ExperimentalMigrationOptions>,
}

/// Guests that a policy is for: those that have all the labels given here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Selectors {
    /// Labels of the namespace of the guest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub namespace_selector: BTreeMap<String, String>,
    /// Labels of the VirtualMachineInstance.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub virtual_machine_instance_selector: BTreeMap<String, String>,
}

/// Has no fields yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MigrationPolicyStatus {}
