//! VirtualMachineExport: lets volumes and manifests be downloaded.
//!
//! `v1beta1` has the same fields.

#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind repeat type_ and priority"
)]

use k8s_openapi::{
    api::core::v1::TypedLocalObjectReference, apimachinery::pkg::apis::meta::v1::Time,
};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;

string_enum! {
    /// How far an export is.
    pub enum VirtualMachineExportPhase {
        /// Being prepared.
        #[default]
        Pending = "Pending",
        /// The links work.
        Ready = "Ready",
        /// The server has ended, for instance because the source is in use now.
        Terminated = "Terminated",
        /// There is nothing to export.
        Skipped = "Skipped",
    }
    fallback Pending
}

/// What can be downloaded and for how long. Cannot be changed.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{ "rule": "self == oldSelf", "message": "spec cannot be changed: create another VirtualMachineExport" }]))]
#[kube(
    group = "export.kubevirt.io",
    version = "v1",
    kind = "VirtualMachineExport",
    plural = "virtualmachineexports",
    singular = "virtualmachineexport",
    shortname = "vmexport",
    shortname = "vmexports",
    category = "all",
    namespaced,
    status = "VirtualMachineExportStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "Lets the volumes of a virtual machine, of a snapshot or a single volume be downloaded over HTTPS by whoever holds its token, until it expires.",
    printcolumn(
        name = "SourceKind",
        type_ = "string",
        json_path = ".spec.source.kind",
        description = "Kind of what is exported"
    ),
    printcolumn(
        name = "SourceName",
        type_ = "string",
        json_path = ".spec.source.name",
        description = "Name of what is exported"
    ),
    printcolumn(
        name = "Phase",
        type_ = "string",
        json_path = ".status.phase",
        description = "How far the export is"
    )
)]
pub struct VirtualMachineExportSpec {
    /// What is exported, in the same namespace: a `PersistentVolumeClaim` (no apiGroup), a `VirtualMachine` that is off
    /// (`kubevirt.io`), a `VirtualMachineSnapshot` (`snapshot.kubevirt.io`), a `VirtualMachineBackup` (`backup.kubevirt.io`) or a
    /// `VirtualMachineTemplate` (`template.kubevirt.io`).
    pub source: TypedLocalObjectReference,
    /// Name of a Secret whose key `token` is what a download must show. Default: one is made, see status.tokenSecretRef.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_secret_ref: Option<String>,
    /// How long the export lives, for example `30m`; it is deleted then. Default: `2h`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_duration: Option<String>,
}

/// How an export fares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineExportStatus {
    /// How far it is: `Pending`, `Ready`, `Terminated` or `Skipped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<VirtualMachineExportPhase>,
    /// Where to download.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<VirtualMachineExportLinks>,
    /// Name of the Secret whose key `token` is what a download must show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_secret_ref: Option<String>,
    /// When the export is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_expiration_time: Option<Time>,
    /// Name of the Service of the internal links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_name: Option<String>,
    /// Name of the virtual machine that is exported, itself or by a snapshot of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_machine_name: Option<String>,
    /// Observed aspects of the state: `Ready`, `PVCReady`, `VolumesCreated`, `OCIReady`.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

/// Where to download.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineExportLinks {
    /// From within the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal: Option<VirtualMachineExportLink>,
    /// From outside of the cluster, by its Ingress or Route; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<VirtualMachineExportLink>,
}

/// Links of one side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineExportLink {
    /// Certificates by which the server is known, in PEM.
    pub cert: String,
    /// Volumes.
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<VirtualMachineExportVolume>,
    /// Backups.
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backups: Vec<VirtualMachineExportBackup>,
    /// Manifests by which the virtual machine can be made elsewhere.
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub manifests: Vec<VirtualMachineExportManifest>,
}

/// A manifest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineExportManifest {
    /// Which: `all` objects but the token, the token as a header (`auth-header-secret`), or an image of it all (`oci`).
    #[schemars(extend("enum" = ["all", "auth-header-secret", "oci"]))]
    #[serde(rename = "type")]
    pub type_: String,
    /// Where it is.
    pub url: String,
}

/// A volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineExportVolume {
    /// Name of the PersistentVolumeClaim.
    pub name: String,
    /// Formats in which it can be downloaded.
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["format"]))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<VirtualMachineExportVolumeFormat>,
}

/// A volume in one format.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineExportVolumeFormat {
    /// Format: the disk as it is (`raw`) or compressed (`gzip`), or files as a listing (`dir`) or compressed archive (`tar.gz`).
    #[schemars(extend("enum" = ["raw", "gzip", "dir", "tar.gz"]))]
    pub format: String,
    /// Where it is.
    pub url: String,
}

/// A backup.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineExportBackup {
    /// Name of the volume.
    pub name: String,
    /// What can be downloaded of it.
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["endpoint"]))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<VirtualMachineExportBackupEndpoint>,
}

/// A part of a backup.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineExportBackupEndpoint {
    /// Which part: the list of changed extents (`map`) or the contents (`data`).
    #[schemars(extend("enum" = ["map", "data"]))]
    pub endpoint: String,
    /// Where it is.
    pub url: String,
}

/// A condition of a [`VirtualMachineExport`].
pub type Condition = crate::Condition;
