//! Servers that a DataVolume is filled from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file in Google Cloud Storage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeSourceGCS {
    /// Secret with the credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<String>,
    /// Address of the file.
    pub url: String,
}

/// A file from an HTTP server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeSourceHTTP {
    /// ConfigMap with the certificates of authorities that the server is trusted by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_config_map: Option<String>,
    /// Headers that are sent beside the usual ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_headers: Vec<String>,
    /// Secrets with headers that are sent beside the usual ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secret_extra_headers: Vec<String>,
    /// Secret with user and password, under the keys `accessKeyId` and `secretKey`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<String>,
    /// Address of the file, which is raw or qcow2 and may be compressed.
    pub url: String,
}

/// A disk of oVirt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeSourceImageIO {
    /// ConfigMap with the certificates of authorities that the server is trusted by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_config_map: Option<String>,
    /// Id of the disk.
    pub disk_id: String,
    /// Whether the server's certificate is left unchecked. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure_skip_verify: Option<bool>,
    /// Secret with user and password, under the keys `accessKeyId` and `secretKey`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<String>,
    /// Address of the oVirt engine.
    pub url: String,
}

/// A disk out of a container image: exactly one of url and imageStream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeSourceRegistry {
    /// ConfigMap with the certificates of authorities that the registry is trusted by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_config_map: Option<String>,
    /// Name of an OpenShift ImageStream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_stream: Option<String>,
    /// Which image of one for several platforms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<PlatformOptions>,
    /// Who pulls the image: `pod`, the importing pod, or `node`, the node that it runs on. Default: `pod`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_method: Option<String>,
    /// Secret with user and password, under the keys `accessKeyId` and `secretKey`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<String>,
    /// Address of the image, with the scheme `docker` or `oci-archive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Which image of one for several platforms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformOptions {
    /// Processor architecture in Kubernetes' words, for example `amd64`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
}

/// A file in S3 storage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeSourceS3 {
    /// ConfigMap with the certificates of authorities that the server is trusted by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_config_map: Option<String>,
    /// Secret with the keys, under `accessKeyId` and `secretKey`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<String>,
    /// Address of the file.
    pub url: String,
}

/// A disk of VMware.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeSourceVDDK {
    /// Path of the disk in its data store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backing_file: Option<String>,
    /// ConfigMap with more arguments for the disk development kit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_args: Option<String>,
    /// Container image with the disk development kit.
    #[serde(rename = "initImageURL", skip_serializing_if = "Option::is_none")]
    pub init_image_url: Option<String>,
    /// Secret with user and password, under the keys `accessKeyId` and `secretKey`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<String>,
    /// Fingerprint of the certificate of the vCenter or ESXi host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbprint: Option<String>,
    /// Address of the vCenter or ESXi host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// UUID of the virtual machine that has the disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
}
