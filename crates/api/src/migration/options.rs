//! Settings that hold for one migration: the installation's with those of the MigrationPolicy laid over them.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ExperimentalMigrationOptions;

/// Settings that held for a migration when it began.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VMIMConfigurationOptions {
    /// Deprecated: key of the taint that makes guests leave a node. Default: `kubevirt.io/drain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_drain_taint_key: Option<String>,
    /// Migrations at a time that leave one node. Default: 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_outbound_migrations_per_node: Option<u32>,
    /// Migrations at a time in the cluster. Default: 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_migrations_per_cluster: Option<u32>,
    /// Lets the guest's processors be slowed down when its memory changes faster than it is copied. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_auto_converge: Option<bool>,
    /// Bytes per second that one migration may use; 0 means no limit. Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth_per_migration: Option<Quantity>,
    /// Seconds for each GiB of memory and copied disks after which the migration is aborted, or got done by the other
    /// means that the settings allow. Default: 150.
    #[serde(
        rename = "completionTimeoutPerGiB",
        skip_serializing_if = "Option::is_none"
    )]
    pub completion_timeout_per_gib: Option<i64>,
    /// Milliseconds that the guest may stand still when it changes nodes. Default: 900.
    #[schemars(extend("minimum" = 1, "maximum" = 2000000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_downtime_ms: Option<u64>,
    /// Seconds without progress after which the migration is aborted. Default: 150.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress_timeout: Option<i64>,
    /// Seconds to wait for utility volumes to be taken from the guest before the migration begins. Default: 150.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utility_volumes_timeout: Option<i64>,
    /// Lets guests migrate that could lose data by it, such as those with a disk cache. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsafe_migration_override: Option<bool>,
    /// Lets the guest go on at the target before all its memory is there, when copying takes too long. A failure then
    /// loses the guest. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_post_copy: Option<bool>,
    /// Lets the guest be stopped while the rest of its memory is copied, when that takes too long. Default: the value
    /// of allowPostCopy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_workload_disruption: Option<bool>,
    /// Sends the guest's memory over the network without encryption. Default: false.
    #[serde(rename = "disableTLS", skip_serializing_if = "Option::is_none")]
    pub disable_tls: Option<bool>,
    /// Name of the NetworkAttachmentDefinition that migrations go over. Default: the network of the pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Gives the target pod the SELinux level of the source pod. Default: true.
    #[serde(
        rename = "matchSELinuxLevelOnMigration",
        skip_serializing_if = "Option::is_none"
    )]
    pub match_selinux_level_on_migration: Option<bool>,
    /// Settings that may change in later versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experimental: Option<ExperimentalMigrationOptions>,
}
