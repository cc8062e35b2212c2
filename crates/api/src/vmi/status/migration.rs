//! A migration as the VirtualMachineInstance that moves records it.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    VMIMConfigurationOptions, VirtualMachineInstanceMigrationSourceState,
    VirtualMachineInstanceMigrationTargetState, string_enum::string_enum,
};

string_enum! {
    /// What a migration copies.
    pub enum MigrationMethod {
        /// Memory and disks that the other node does not see.
        BlockMigration = "BlockMigration",
        /// Memory only: the other node sees the disks.
        LiveMigration = "LiveMigration",
        /// A value that this version does not know.
        #[default]
        Unknown = "",
    }
    fallback Unknown
}

string_enum! {
    /// How the two ends of a migration talk.
    pub enum MigrationTransport {
        /// Each end has sockets in its file system, which virtual machine handlers connect over the network.
        Unix = "Unix",
        /// A value that this version does not know.
        #[default]
        Unknown = "",
    }
    fallback Unknown
}

string_enum! {
    /// How a migration gets done.
    pub enum MigrationMode {
        /// Memory is copied while the guest runs at the source, again and again where it changes.
        PreCopy = "PreCopy",
        /// The guest runs at the target and fetches memory from the source when it needs it.
        PostCopy = "PostCopy",
        /// The guest's processors are stopped until its memory has been copied.
        Paused = "Paused",
        /// A value that this version does not know.
        #[default]
        Unknown = "",
    }
    fallback Unknown
}

string_enum! {
    /// How aborting a migration went.
    pub enum MigrationAbortStatus {
        /// The migration was aborted; the guest still runs at the source.
        Succeeded = "Succeeded",
        /// The migration could not be aborted.
        Failed = "Failed",
        /// The migration is being aborted.
        Aborting = "Aborting",
        /// A value that this version does not know.
        #[default]
        Unknown = "",
    }
    fallback Unknown
}

string_enum! {
    /// Network that a migration goes over.
    pub enum MigrationNetworkType {
        /// That of the pods.
        Pod = "Pod",
        /// The one that the settings name for migrations.
        Migration = "Migration",
        /// A value that this version does not know.
        #[default]
        Unknown = "",
    }
    fallback Unknown
}

/// The current migration of a guest or its last one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceMigrationState {
    /// When the source began to copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_timestamp: Option<Time>,
    /// When the migration ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_timestamp: Option<Time>,
    /// When the domain at the target was seen running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_node_domain_ready_timestamp: Option<Time>,
    /// Whether the target node has seen the domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_node_domain_detected: Option<bool>,
    /// Address at which the target node takes the migration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_node_address: Option<String>,
    /// TCP ports at the target node, each with the stream that it takes: 0 the management connection, 49152 the memory,
    /// 49153 the disks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub target_direct_migration_node_ports: BTreeMap<String, i32>,
    /// Node that the guest moves to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_node: Option<String>,
    /// Pod that the guest moves to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_pod: Option<String>,
    /// UID of the pod at the target node that holds the volumes that were added to the running guest.
    #[serde(
        rename = "targetAttachmentPodUID",
        skip_serializing_if = "Option::is_none"
    )]
    pub target_attachment_pod_uid: Option<String>,
    /// Node that the guest moves from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_node: Option<String>,
    /// Pod that the guest moves from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_pod: Option<String>,
    /// Whether the migration has ended, well or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<bool>,
    /// Whether the migration ended with an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<bool>,
    /// Whether somebody asked to abort the migration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abort_requested: Option<bool>,
    /// How aborting the migration went.
    #[schemars(extend("enum" = ["Succeeded", "Failed", "Aborting"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abort_status: Option<MigrationAbortStatus>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// UID of the VirtualMachineInstanceMigration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration_uid: Option<String>,
    /// How the migration gets done: `PreCopy` at first, `PostCopy` or `Paused` when that took too long and the settings
    /// allow it.
    #[schemars(extend("enum" = ["PreCopy", "PostCopy", "Paused"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<MigrationMode>,
    /// Name of the MigrationPolicy whose settings hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration_policy_name: Option<String>,
    /// Settings that hold for this migration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration_configuration: Option<VMIMConfigurationOptions>,
    /// Processors of the target node that guests with dedicated processors are pinned to.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(
        rename = "targetCPUSet",
        default,
        skip_serializing_if = "Vec::is_empty"
    )]
    pub target_cpu_set: Vec<i32>,
    /// Processors and memory cells of the target node, in JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_node_topology: Option<String>,
    /// PersistentVolumeClaim at the source with the state that outlives runs, such as a virtual TPM's.
    #[serde(
        rename = "sourcePersistentStatePVCName",
        skip_serializing_if = "Option::is_none"
    )]
    pub source_persistent_state_pvc_name: Option<String>,
    /// PersistentVolumeClaim at the target with the state that outlives runs, such as a virtual TPM's.
    #[serde(
        rename = "targetPersistentStatePVCName",
        skip_serializing_if = "Option::is_none"
    )]
    pub target_persistent_state_pvc_name: Option<String>,
    /// What the source tells the target; both are in one cluster or in two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_state: Option<VirtualMachineInstanceMigrationSourceState>,
    /// What the target tells the source; both are in one cluster or in two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_state: Option<VirtualMachineInstanceMigrationTargetState>,
    /// Network that the migration goes over.
    #[schemars(extend("enum" = ["Pod", "Migration"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration_network_type: Option<MigrationNetworkType>,
    /// What the target pod requests beside the guest's memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_memory_overhead: Option<Quantity>,
}
