//! The objects that a virtual machine depends on.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::TypedObjectReference, apimachinery::pkg::apis::meta::v1::LabelSelector,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An object, and those that it depends on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectGraphNode {
    /// Group and version of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Always `ObjectGraphNode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The object.
    pub object_reference: TypedObjectReference,
    /// What the object is for: `kubevirt.io/dependency-type` is `storage`, `compute`, `network` or `config`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Whether the virtual machine does without the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
    /// Objects that this one depends on.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<ObjectGraphNode>,
}

/// Options of asking for the objects that a virtual machine depends on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectGraphOptions {
    /// Whether objects are told that the virtual machine does without. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_optional_nodes: Option<bool>,
    /// Which objects are told, by the labels of their nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_selector: Option<LabelSelector>,
}
