//! Where and how KubeVirt's components run.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Affinity, Toleration};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Where components run and how many of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComponentConfig {
    /// Nodes that they may run on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_placement: Option<NodePlacement>,
    /// How many of each run. Not for virt-handler, of which each node has one. Default: 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u8>,
}

/// Nodes that pods may run on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodePlacement {
    /// Labels that the nodes must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// Nodes that pods prefer or need, by labels and by the pods there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affinity: Option<Affinity>,
    /// Taints of nodes that pods put up with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Toleration>,
}

/// Changes to the objects that the operator makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomizeComponents {
    /// Patches of single objects, applied in this order.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patches: Vec<CustomizeComponentsPatch>,
    /// Command line options of the components.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<Flags>,
}

/// A patch of an object that the operator makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomizeComponentsPatch {
    /// Name of the object; `*` stands for all of the type.
    #[schemars(extend("minLength" = 1))]
    pub resource_name: String,
    /// Kind of the object, such as `Deployment`.
    #[schemars(extend("minLength" = 1))]
    pub resource_type: String,
    /// The patch, JSON.
    pub patch: String,
    /// How to read it: `json` is a list of operations (RFC 6902), `merge` a part of the object (RFC 7386),
    /// `strategic` one whose lists are merged by Kubernetes' rules.
    #[schemars(extend("enum" = ["json", "merge", "strategic"]))]
    pub type_: String,
}

/// Command line options of the components, without the leading dashes, and their values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Flags {
    /// Of virt-api.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub api: BTreeMap<String, String>,
    /// Of virt-controller.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub controller: BTreeMap<String, String>,
    /// Of virt-handler.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub handler: BTreeMap<String, String>,
}

/// How guests come to run on the newest launcher image after an update of KubeVirt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubeVirtWorkloadUpdateStrategy {
    /// What may be done: `LiveMigrate` moves guests that can move, `Evict` shuts down the others. Without any, guests
    /// keep their image until they are started anew.
    #[schemars(extend(
        "x-kubernetes-list-type" = "atomic",
        "items" = json!({ "type": "string", "enum": ["LiveMigrate", "Evict"] })
    ))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workload_update_methods: Vec<String>,
    /// Guests that are shut down at the same time at the most. Default: 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_eviction_size: Option<i32>,
    /// Time between two such batches, such as `1m`. Default: `1m`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_eviction_interval: Option<String>,
}

/// The state in which the operator left an object that it made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GenerationStatus {
    /// API group of the object; empty for the core group.
    pub group: String,
    /// Resource of the object, such as `deployments`.
    pub resource: String,
    /// Namespace of the object, none for one of the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name of the object.
    pub name: String,
    /// Generation of the object when the operator last wrote it.
    pub last_generation: i64,
    /// Checksum of what the operator wrote, for objects that have no generation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}
