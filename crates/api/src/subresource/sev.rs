//! Attestation of guests with encrypted memory (AMD SEV).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the owner of a guest needs to know about a node before it makes a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SEVPlatformInfo {
    /// Group and version of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Always `SEVPlatformInfo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Diffie-Hellman key of the platform, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pdh: Option<String>,
    /// Chain of certificates of that key, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_chain: Option<String>,
}

/// What a guest was started with, as the processor measured it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SEVMeasurementInfo {
    /// Group and version of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Always `SEVMeasurementInfo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The measurement with its nonce, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measurement: Option<String>,
    /// Major version of the firmware's interface.
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_major: Option<u32>,
    /// Minor version of the firmware's interface.
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_minor: Option<u32>,
    /// Build of the firmware.
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    #[serde(rename = "buildID", skip_serializing_if = "Option::is_none")]
    pub build_id: Option<u32>,
    /// Policy that the guest was started with.
    #[schemars(extend("format" = "int32", "maximum" = i32::MAX))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<u32>,
    /// SHA-256 of the guest's firmware.
    #[serde(rename = "loaderSHA", skip_serializing_if = "Option::is_none")]
    pub loader_sha: Option<String>,
}

/// The session that a guest is started with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SEVSessionOptions {
    /// The session, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Diffie-Hellman key of the guest's owner, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dh_cert: Option<String>,
}

/// A secret for a guest that was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SEVSecretOptions {
    /// Header of the secret, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The secret, encrypted, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}
