//! Memory and resources.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Memory that the guest sees.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Memory {
    /// Backs the guest's memory with huge pages of the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hugepages: Option<Hugepages>,
    /// Memory that the guest sees. Default: the memory that the resources request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest: Option<Quantity>,
    /// Memory that the guest can have at most while it runs, at least guest. Default: four times guest when the cluster updates
    /// VMs live, bounded by its maxGuest; otherwise guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_guest: Option<Quantity>,
    /// Memory that the pod gets beyond the guest's and what its surroundings are reckoned to need.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved_overhead: Option<ReservedOverhead>,
}

/// Huge pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hugepages {
    /// Size of a page, for example `2Mi` or `1Gi`. The node must have such pages, and the guest's memory must be a multiple.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<String>,
}

/// Memory that the pod gets beyond the guest's and what its surroundings are reckoned to need.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservedOverhead {
    /// Memory added to the pod's request and limit. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_overhead: Option<Quantity>,
    /// Whether the guest's memory and this overhead must be lockable, as devices that reach into it by themselves need:
    /// `NotRequired` or `Required`. Default: as the guest's devices need. Needs the feature gate ReservedOverheadMemlock.
    #[schemars(extend("enum" = ["NotRequired", "Required"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mem_lock: Option<String>,
}

/// What the pod requests and may use at most. Names are `memory` and `cpu`; what the guest's surroundings need is added.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceRequirements {
    /// What the scheduler must find on a node.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub requests: BTreeMap<String, Quantity>,
    /// What the pod may use at most.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, Quantity>,
    /// Leaves what the guest's surroundings need out of the memory request, so that more guests fit on a node at the risk that
    /// the node runs out of memory. The limit still has it. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overcommit_guest_overhead: Option<bool>,
}

impl ResourceRequirements {
    /// The request of a resource.
    pub fn request(&self, name: &str) -> Option<&Quantity> {
        self.requests.get(name)
    }

    /// The limit of a resource.
    pub fn limit(&self, name: &str) -> Option<&Quantity> {
        self.limits.get(name)
    }
}
