//! Limits and switches of live migrations (contract 10.2).

use kubevirt_api::{MigrationConfiguration, quantity};

/// Limits and switches of live migrations of guests that no MigrationPolicy selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrations {
    /// Migrations in the cluster at the same time at the most, at least 1.
    pub parallel_per_cluster: u32,
    /// Migrations that leave a node at the same time at the most, at least 1.
    pub parallel_outbound_per_node: u32,
    /// Bytes a second that a migration may use; 0: as many as it can.
    pub bandwidth: u64,
    /// Seconds that a migration may take for each GiB of memory and copied disks; 0: as long as it takes.
    pub completion_timeout_per_gib: u64,
    /// Milliseconds that a guest may stand still at the end.
    pub max_downtime_ms: u64,
    /// Seconds without progress after which a migration is given up; 0: never.
    pub progress_timeout: u64,
    /// Seconds that a migration waits for utility volumes to go.
    pub utility_volumes_timeout: u64,
    /// Guests that write too fast are slowed down.
    pub allow_auto_converge: bool,
    /// Migrations that take too long start the guest on the other node and fetch the rest of its memory.
    pub allow_post_copy: bool,
    /// Migrations that take too long may stop the guest.
    pub allow_workload_disruption: bool,
    /// Migrations that libvirt deems unsafe go ahead.
    pub unsafe_override: bool,
    /// Migrations go over the network as they are.
    pub disable_tls: bool,
    /// The pod that a guest moves to has the SELinux level of the old one.
    pub match_selinux_level: bool,
    /// NetworkAttachmentDefinition of the network that migrations use; none: the pod network.
    pub network: Option<String>,
    /// Key of the taint that makes guests leave a node.
    pub node_drain_taint_key: String,
}

impl Migrations {
    pub(super) fn new(given: MigrationConfiguration) -> Self {
        let seconds = |value: Option<i64>, default: u64| {
            value
                .and_then(|value| u64::try_from(value).ok())
                .unwrap_or(default)
        };
        let count =
            |value: Option<u32>, default: u32| value.filter(|value| *value > 0).unwrap_or(default);
        let on = |value: Option<bool>| value == Some(true);
        let allow_post_copy = on(given.allow_post_copy);
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            parallel_per_cluster: count(given.parallel_migrations_per_cluster, 5),
            parallel_outbound_per_node: count(given.parallel_outbound_migrations_per_node, 2),
            bandwidth: given
                .bandwidth_per_migration
                .and_then(|bandwidth| quantity::bytes(&bandwidth).ok())
                .unwrap_or(0),
            completion_timeout_per_gib: seconds(given.completion_timeout_per_gib, 150),
            max_downtime_ms: given
                .max_downtime_ms
                .filter(|time| *time > 0)
                .unwrap_or(900),
            progress_timeout: seconds(given.progress_timeout, 150),
            utility_volumes_timeout: seconds(given.utility_volumes_timeout, 150),
            allow_auto_converge: on(given.allow_auto_converge),
            allow_post_copy,
            allow_workload_disruption: given.allow_workload_disruption.unwrap_or(allow_post_copy),
            unsafe_override: on(given.unsafe_migration_override),
            disable_tls: on(given.disable_tls),
            match_selinux_level: given.match_selinux_level_on_migration != Some(false),
            network: text(given.network),
            node_drain_taint_key: text(given.node_drain_taint_key)
                .unwrap_or_else(|| "kubevirt.io/drain".to_owned()),
        }
    }
}
