//! What a DataVolume is filled with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    DataVolumeSourceGCS, DataVolumeSourceHTTP, DataVolumeSourceImageIO, DataVolumeSourceRegistry,
    DataVolumeSourceS3, DataVolumeSourceVDDK,
};

/// What a DataVolume is filled with: exactly one of these.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeSource {
    /// Nothing: an empty disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blank: Option<DataVolumeBlankImage>,
    /// A file in Google Cloud Storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gcs: Option<DataVolumeSourceGCS>,
    /// A file from an HTTP server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<DataVolumeSourceHTTP>,
    /// A disk of oVirt, from its ImageIO service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imageio: Option<DataVolumeSourceImageIO>,
    /// A copy of another PersistentVolumeClaim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pvc: Option<DataVolumeSourcePVC>,
    /// A disk out of a container image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<DataVolumeSourceRegistry>,
    /// A file in S3 storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3: Option<DataVolumeSourceS3>,
    /// A copy of a VolumeSnapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<DataVolumeSourceSnapshot>,
    /// What a client uploads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload: Option<DataVolumeSourceUpload>,
    /// A disk of VMware, through its disk development kit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vddk: Option<DataVolumeSourceVDDK>,
}

/// Nothing: an empty disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataVolumeBlankImage {}

/// What a client uploads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataVolumeSourceUpload {}

/// A copy of another PersistentVolumeClaim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeSourcePVC {
    /// Name of the PersistentVolumeClaim.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
}

/// A copy of a VolumeSnapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeSourceSnapshot {
    /// Name of the VolumeSnapshot.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
}

/// An object that says what a DataVolume is filled with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataVolumeSourceRef {
    /// Kind of the object: `DataSource`.
    pub kind: String,
    /// Name of the object.
    pub name: String,
    /// Namespace of the object. Default: that of the DataVolume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}
