//! TLS of the components' servers and system calls of launcher pods.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Oldest version and permitted ciphers of the TLS servers of KubeVirt's components.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TLSConfiguration {
    /// Oldest version that clients may use. Versions before 1.2 are never spoken. Default: `VersionTLS12`.
    #[schemars(extend("enum" = ["VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13"]))]
    #[serde(rename = "minTLSVersion", skip_serializing_if = "Option::is_none")]
    pub min_tls_version: Option<String>,
    /// Names of the permitted ciphers, such as `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`. Only with a minTLSVersion
    /// before `VersionTLS13`, whose ciphers cannot be chosen. Default: all that are safe.
    #[schemars(extend("x-kubernetes-list-type" = "set"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ciphers: Vec<String>,
}

/// System calls that pods may make.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeccompConfiguration {
    /// Those of launcher pods. Needs the feature gate KubevirtSeccompProfile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_machine_instance_profile: Option<VirtualMachineInstanceProfile>,
}

/// System calls that launcher pods may make.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceProfile {
    /// A profile that is there already. Default: no profile, every system call is permitted that the container
    /// runtime permits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_profile: Option<CustomProfile>,
}

/// A profile that is there already. One of the two is to be given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomProfile {
    /// A file on the nodes, below the directory of kubelet's seccomp profiles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub localhost_profile: Option<String>,
    /// True: the profile of the container runtime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_default_profile: Option<bool>,
}
