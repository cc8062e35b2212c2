//! KubeVirt: the settings of the installation.

#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind repeat type_ and priority"
)]

mod architecture;
mod certificates;
mod configuration;
mod developer;
mod devices;
mod installation;
mod migrations;
mod network;
mod security;

use k8s_openapi::api::core::v1::LocalObjectReference;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::KubeVirtCondition;

pub use architecture::*;
pub use certificates::*;
pub use configuration::*;
pub use developer::*;
pub use devices::*;
pub use installation::*;
pub use migrations::*;
pub use network::*;
pub use security::*;

/// Settings of the installation: its images, where its components run, and what holds for all virtual machines.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "kubevirt.io",
    version = "v1",
    kind = "KubeVirt",
    plural = "kubevirts",
    singular = "kubevirt",
    shortname = "kv",
    shortname = "kvs",
    category = "all",
    namespaced,
    status = "KubeVirtStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "Settings of the installation, read live. There is one object, in the namespace that KubeVirt is installed in.",
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp"
    ),
    printcolumn(
        name = "Phase",
        type_ = "string",
        json_path = ".status.phase",
        description = "How far the installation is"
    )
)]
pub struct KubeVirtSpec {
    /// Tag of the images of KubeVirt's components. Default: that of the installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_tag: Option<String>,
    /// Registry and path of the images of KubeVirt's components, without their names. Default: that of the
    /// installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_registry: Option<String>,
    /// When nodes pull these images: `Always`, `IfNotPresent` or `Never`. Default: `IfNotPresent`.
    #[schemars(extend("enum" = ["Always", "IfNotPresent", "Never"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_policy: Option<String>,
    /// Secrets, in the namespace of KubeVirt, with the credentials of the registries of these images.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub image_pull_secrets: Vec<LocalObjectReference>,
    /// Namespace of the Prometheus operator that is to collect KubeVirt's metrics. Default: `openshift-monitoring`, and
    /// `monitoring` when that is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitor_namespace: Option<String>,
    /// Namespace of the ServiceMonitor that tells Prometheus about KubeVirt. Default: that of monitorNamespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_monitor_namespace: Option<String>,
    /// ServiceAccount of Prometheus in monitorNamespace, which is permitted to read the metrics. Default:
    /// `prometheus-k8s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitor_account: Option<String>,
    /// How guests come to run on the newest launcher image after an update of KubeVirt. Default: they keep theirs until
    /// they are started anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload_update_strategy: Option<KubeVirtWorkloadUpdateStrategy>,
    /// What happens to virtual machines when this object is deleted: `RemoveWorkloads` deletes them with KubeVirt,
    /// `BlockUninstallIfWorkloadsExist` refuses the deletion while there are any. Default: `RemoveWorkloads`.
    #[schemars(extend("enum" = ["RemoveWorkloads", "BlockUninstallIfWorkloadsExist"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uninstall_strategy: Option<String>,
    /// How the certificates of KubeVirt's components are renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_rotate_strategy: Option<KubeVirtCertificateRotateStrategy>,
    /// Version of the product that KubeVirt is part of, for the label app.kubernetes.io/version of its objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_version: Option<String>,
    /// Name of the product that KubeVirt is part of, for the label app.kubernetes.io/part-of of its objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_name: Option<String>,
    /// Part of the product that KubeVirt is, for the label app.kubernetes.io/component of its objects. Default:
    /// `kubevirt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_component: Option<String>,
    /// Port on which clusters exchange the state of guests that move from one to the other. Default: 9185.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synchronization_port: Option<String>,
    /// What holds for all virtual machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<KubeVirtConfiguration>,
    /// Where the components of the control plane run, and how many of each: virt-api, virt-controller and the
    /// operator's others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infra: Option<ComponentConfig>,
    /// Where the components of the nodes run: virt-handler, and with it the guests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workloads: Option<ComponentConfig>,
    /// Changes to the objects that the operator makes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customize_components: Option<CustomizeComponents>,
}

/// What is known about the installation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubeVirtStatus {
    /// How far the installation is: `Deploying`, `Deployed`, `Deleting` or `Deleted`.
    #[schemars(extend("enum" = ["Deploying", "Deployed", "Deleting", "Deleted"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// Observed aspects of the state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<KubeVirtCondition>,
    /// Version of the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator_version: Option<String>,
    /// Registry of the images that are to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_kube_virt_registry: Option<String>,
    /// Version that is to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_kube_virt_version: Option<String>,
    /// What the installation is to be made from, JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_deployment_config: Option<String>,
    /// Checksum of targetDeploymentConfig.
    #[serde(rename = "targetDeploymentID", skip_serializing_if = "Option::is_none")]
    pub target_deployment_id: Option<String>,
    /// Registry of the images that run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_kube_virt_registry: Option<String>,
    /// Version that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_kube_virt_version: Option<String>,
    /// What the installation that runs was made from, JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_deployment_config: Option<String>,
    /// Checksum of observedDeploymentConfig.
    #[serde(
        rename = "observedDeploymentID",
        skip_serializing_if = "Option::is_none"
    )]
    pub observed_deployment_id: Option<String>,
    /// Guests that do not run on the newest launcher image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outdated_virtual_machine_instance_workloads: Option<i32>,
    /// Generation of the settings that the conditions are about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Architecture of guests that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_architecture: Option<String>,
    /// The state in which the operator left the objects that it made.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub generations: Vec<GenerationStatus>,
    /// Addresses at which clusters exchange the state of guests that move from one to the other.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synchronization_addresses: Vec<String>,
}
