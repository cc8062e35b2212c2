//! Profiles of the components.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which components' profiles are asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterProfilerRequest {
    /// Which pods, by their labels. Default: all of this installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_selector: Option<String>,
    /// Where to go on, from the answer before. Default: at the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continue_: Option<String>,
    /// Number of pods in one answer, 20 at most; 0 means 10.
    pub page_size: i64,
}

/// Profiles of components.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterProfilerResults {
    /// The profiles by name of the pod.
    pub component_results: BTreeMap<String, ProfilerResult>,
    /// Where to go on; absent in the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continue_: Option<String>,
}

/// Profiles of one component.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProfilerResult {
    /// The profiles by name, each in the format of pprof.
    #[schemars(with = "BTreeMap<String, String>")]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pprof_data: BTreeMap<String, ByteString>,
}
