//! How long certificates of the installation last.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the certificates of KubeVirt's components are renewed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubeVirtCertificateRotateStrategy {
    /// KubeVirt signs them itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_signed: Option<KubeVirtSelfSignConfiguration>,
}

/// How long certificates that KubeVirt signs itself last. Durations are texts such as `168h` or `1h30m`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubeVirtSelfSignConfiguration {
    /// Deprecated, use ca.duration. Not together with ca and server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_rotate_interval: Option<String>,
    /// Deprecated, use server.duration. Not together with ca and server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_rotate_interval: Option<String>,
    /// Deprecated, use ca.renewBefore. Not together with ca and server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_overlap_interval: Option<String>,
    /// The authority that signs the others. Default: 168 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<CertConfig>,
    /// The certificates of servers and clients. Default: 24 hours, and never longer than those of the authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<CertConfig>,
}

/// How long certificates last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CertConfig {
    /// How long a certificate is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// How long before its end a certificate is renewed, at most the whole duration. Default: a fifth of the
    /// duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_before: Option<String>,
}
