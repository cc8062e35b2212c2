//! Plugin: hooks of third parties into the life of virtual machines.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a plugin does and where it does it.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "plugin.kubevirt.io",
    version = "v1alpha1",
    kind = "Plugin",
    plural = "plugins",
    singular = "plugin",
    status = "PluginStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "Hooks of a third party into the life of virtual machines: changes of the libvirt domain, calls on the node, and the admission objects that belong to them. Needs the feature gate Plugins."
)]
pub struct PluginSpec {
    /// CEL expression over the VirtualMachineInstance that says whether the plugin applies to it. Default: it applies to all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// What happens when a hook that does not say so itself fails: `Fail` fails the operation, `Ignore` goes on. Default: `Fail`.
    #[schemars(extend("enum" = ["Fail", "Ignore"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_strategy: Option<String>,
    /// Hooks that change the libvirt domain before it is defined.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domain_hooks: Vec<DomainHook>,
    /// Hooks that are called on the node at certain moments.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub node_hooks: Vec<NodeHook>,
    /// MutatingAdmissionPolicies that belong to the plugin.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mutating_admission_policies: Vec<AdmissionReference>,
    /// ValidatingAdmissionPolicies that belong to the plugin.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validating_admission_policies: Vec<AdmissionReference>,
    /// MutatingWebhookConfigurations that belong to the plugin.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mutating_admission_webhooks: Vec<AdmissionReference>,
    /// ValidatingWebhookConfigurations that belong to the plugin.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validating_admission_webhooks: Vec<AdmissionReference>,
}

/// A hook that changes the libvirt domain: exactly one of cel and sidecar.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DomainHook {
    /// Changes the domain by an expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cel: Option<CELDomainHook>,
    /// Changes the domain by a program in a container of the launcher pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sidecar: Option<SidecarDomainHook>,
    /// CEL expression over the VirtualMachineInstance that says whether the hook applies to it. Default: it applies to all that
    /// the plugin applies to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// What happens when the hook fails: `Fail` fails the operation, `Ignore` goes on. Default: that of the plugin.
    #[schemars(extend("enum" = ["Fail", "Ignore"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_strategy: Option<String>,
    /// How long the hook may take, for example `10s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

/// Changes the domain by an expression.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CELDomainHook {
    /// CEL expression over the VirtualMachineInstance and the domain whose value is the changed domain.
    #[schemars(extend("minLength" = 1))]
    pub expression: String,
}

/// Changes the domain by a program in a container of the launcher pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SidecarDomainHook {
    /// Path of the Unix socket on which the program is asked.
    #[schemars(extend("minLength" = 1))]
    pub socket_path: String,
}

/// A hook that is called on the node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeHook {
    /// Path of the Unix socket on the node on which the hook is called.
    #[schemars(extend("minLength" = 1))]
    pub socket: String,
    /// Moments at which the hook is called, at least one: `PreVMStart`, `PostVMStart`, `PreVMStop`, `PostVMStop`,
    /// `PreMigrationSource`, `PreMigrationTarget`, `PostMigrationTarget`.
    #[schemars(extend(
        "minItems" = 1,
        "x-kubernetes-list-type" = "atomic",
        "items" = { "type": "string", "enum": ["PreVMStart", "PostVMStart", "PreVMStop", "PostVMStop", "PreMigrationSource", "PreMigrationTarget", "PostMigrationTarget"] }
    ))]
    pub permitted_hooks: Vec<String>,
    /// CEL expression over the VirtualMachineInstance that says whether the hook applies to it. Default: it applies to all that
    /// the plugin applies to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// What happens when the hook fails: `Fail` fails the operation, `Ignore` goes on. Default: that of the plugin.
    #[schemars(extend("enum" = ["Fail", "Ignore"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_strategy: Option<String>,
    /// How long the hook may take, for example `10s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

/// An object of the cluster by its name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdmissionReference {
    /// Name of the object.
    #[schemars(extend("minLength" = 1))]
    pub name: String,
}

/// What is known about a plugin: nothing yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PluginStatus {}
