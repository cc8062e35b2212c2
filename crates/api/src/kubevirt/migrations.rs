//! Limits and switches of live migrations.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Limits and switches of live migrations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MigrationConfiguration {
    /// Deprecated: key of the taint that makes guests leave a node. Default: `kubevirt.io/drain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_drain_taint_key: Option<String>,
    /// Migrations that leave a node at the same time at the most. Default: 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_outbound_migrations_per_node: Option<u32>,
    /// Migrations in the cluster at the same time at the most. Default: 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_migrations_per_cluster: Option<u32>,
    /// Whether a guest that writes faster than its memory can be copied is slowed down. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_auto_converge: Option<bool>,
    /// Bytes a second that a migration may use; 0 means as many as it can. Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth_per_migration: Option<Quantity>,
    /// Seconds that a migration may take for each GiB of memory and copied disks. Default: 150.
    #[serde(
        rename = "completionTimeoutPerGiB",
        skip_serializing_if = "Option::is_none"
    )]
    pub completion_timeout_per_gib: Option<i64>,
    /// Milliseconds that a guest may stand still at the end of its migration at the most. Needs the feature gate
    /// MigrationDowntimeTuning. Default: 900.
    #[schemars(extend("minimum" = 1, "maximum" = 2000000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_downtime_ms: Option<u64>,
    /// Seconds without progress after which a migration is given up. Default: 150.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress_timeout: Option<i64>,
    /// Seconds that a migration waits for utility volumes to be taken out of the guest. Default: 150.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utility_volumes_timeout: Option<i64>,
    /// Whether migrations that libvirt deems unsafe go ahead. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsafe_migration_override: Option<bool>,
    /// Whether a migration that takes too long starts the guest on the other node and fetches the rest of its memory
    /// from there. When a node fails meanwhile, the guest is lost. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_post_copy: Option<bool>,
    /// Whether a migration that takes too long may stop the guest until it is done. Default: that of allowPostCopy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_workload_disruption: Option<bool>,
    /// Whether migrations go over the network without encryption and without proof of who the other node is. Default:
    /// false.
    #[serde(rename = "disableTLS", skip_serializing_if = "Option::is_none")]
    pub disable_tls: Option<bool>,
    /// NetworkAttachmentDefinition of the network that migrations use, in the namespace of KubeVirt. Default: the pod
    /// network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Whether the pod that a guest moves to has the SELinux level of the old one. Set it to false when volumes are
    /// relabelled anyway. Default: true.
    #[serde(
        rename = "matchSELinuxLevelOnMigration",
        skip_serializing_if = "Option::is_none"
    )]
    pub match_selinux_level_on_migration: Option<bool>,
}

/// Means against migrations that do not come to an end, not settled yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExperimentalMigrationOptions {
    /// Tells migrations that will not come to an end from those that are slow. Needs the feature gate
    /// MigrationStallDetection; not together with downtimeTuning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_detector: Option<StallDetectorOptions>,
    /// Permits longer standstills step by step. Needs the feature gate MigrationDowntimeTuning; not together with
    /// stallDetector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downtime_tuning: Option<DowntimeTuningOptions>,
    /// How memory is compressed on its way. Default: `none`.
    #[schemars(extend("enum" = ["none", "zstd"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression: Option<String>,
}

/// Tells migrations that will not come to an end from those that are slow, by how the memory that is left shrinks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StallDetectorOptions {
    /// Percent by which the memory that is left must shrink to count as progress. Default: 4.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_margin: Option<i64>,
    /// Weight of the newest measurement in the mean of the measurements, from 0 to 1. Default: 0.4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ewma_alpha: Option<Quantity>,
    /// Seconds without progress after which a migration counts as stalled. Default: 40.
    #[schemars(extend("minimum" = 0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_progress_timeout: Option<i64>,
    /// Seconds that a stalled migration has for its last step. Default: 60.
    #[schemars(extend("minimum" = 0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switchover_timeout: Option<i64>,
    /// How many times the permitted standstill the remaining memory may take to copy, to be copied with the guest
    /// stopped. Default: 1.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precopy_possible_factor: Option<Quantity>,
    /// Factor on stallProgressTimeout after each stall. Default: 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience_window_decay_factor: Option<Quantity>,
    /// Whether the last step waits for a moment in which little memory is left. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_local_minima: Option<bool>,
    /// Factor on the time that the whole migration may take. Default: 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_timeout_factor: Option<Quantity>,
}

/// Permits longer standstills step by step, up to maxDowntimeMs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DowntimeTuningOptions {
    /// Milliseconds that the guest may stand still at first.
    #[schemars(extend("minimum" = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_ms: Option<i64>,
    /// Steps from initialMs to maxDowntimeMs.
    #[schemars(extend("minimum" = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<i32>,
    /// Passes over the guest's memory before the first step.
    #[schemars(extend("minimum" = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_after_iteration: Option<i64>,
    /// Seconds between two steps at the least.
    #[schemars(extend("minimum" = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown_seconds: Option<i32>,
}
