//! Protection of the guest's memory from the node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Protects the guest's memory from the node: at most one of the three on amd64, an empty object on s390x (secure execution).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "[has(self.sev), has(self.snp), has(self.tdx)].filter(given, given).size() <= 1",
    "message": "sev, snp and tdx exclude each other: keep one of them"
}]))]
#[serde(rename_all = "camelCase")]
pub struct LaunchSecurity {
    /// AMD's Secure Encrypted Virtualization. Needs the feature gate WorkloadEncryptionSEV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sev: Option<SEV>,
    /// AMD's SEV with Secure Nested Paging. Needs the feature gate WorkloadEncryptionSEV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snp: Option<SEVSNP>,
    /// Intel's Trust Domain Extensions. Needs the feature gate WorkloadEncryptionTDX.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tdx: Option<TDX>,
}

/// AMD's Secure Encrypted Virtualization.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SEV {
    /// What the processor's firmware forbids the node. Default: no debugging of the guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<SEVPolicy>,
    /// Lets the guest's owner measure the guest before it runs. Needs startStrategy Paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attestation: Option<SEVAttestation>,
    /// Session blob of the guest's owner, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Diffie-Hellman key of the guest's owner, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dh_cert: Option<String>,
}

/// What the processor's firmware forbids the node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SEVPolicy {
    /// Encrypts the registers of the guest's processors too (SEV-ES). Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted_state: Option<bool>,
}

/// Lets the guest's owner measure the guest before it runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SEVAttestation {}

/// AMD's SEV with Secure Nested Paging.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SEVSNP {}

/// Intel's Trust Domain Extensions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TDX {}
