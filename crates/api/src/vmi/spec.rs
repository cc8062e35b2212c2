//! What a VirtualMachineInstance is to be.

#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind repeat type_ and priority"
)]

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Affinity, PodDNSConfig, Toleration, TopologySpreadConstraint};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AccessCredential, DomainSpec, Network, Probe, UtilityVolume, VirtualMachineInstanceStatus,
    Volume,
};

/// What a VirtualMachineInstance is to be: the virtual hardware, its disks and networks, and where its pod may run.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "kubevirt.io",
    version = "v1",
    kind = "VirtualMachineInstance",
    plural = "virtualmachineinstances",
    singular = "virtualmachineinstance",
    shortname = "vmi",
    shortname = "vmis",
    category = "all",
    namespaced,
    status = "VirtualMachineInstanceStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "One run of a virtual machine: exists from the wish to start it until the guest has ended and the object is deleted.",
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp"
    ),
    printcolumn(
        name = "Phase",
        type_ = "string",
        json_path = ".status.phase",
        description = "Where it is between Pending and its end"
    ),
    printcolumn(
        name = "IP",
        type_ = "string",
        json_path = ".status.interfaces[0].ipAddress",
        description = "First address of the first interface"
    ),
    printcolumn(
        name = "NodeName",
        type_ = "string",
        json_path = ".status.nodeName",
        description = "Node that it runs on"
    ),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Ready')].status",
        description = "Whether the guest runs and is ready"
    ),
    printcolumn(
        name = "Live-Migratable",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='LiveMigratable')].status",
        priority = 1,
        description = "Whether it can move to another node while it runs"
    ),
    printcolumn(
        name = "Paused",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Paused')].status",
        priority = 1,
        description = "Whether its processors are stopped"
    )
)]
pub struct VirtualMachineInstanceSpec {
    /// Name of the PriorityClass of the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_class_name: Option<String>,
    /// Virtual hardware.
    pub domain: DomainSpec,
    /// Labels that a node must have to run the pod.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// Where the pod should or must run relative to nodes and other pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affinity: Option<Affinity>,
    /// Name of the scheduler of the pod. Default: the cluster's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduler_name: Option<String>,
    /// Name of the ServiceAccount that the pod runs as; a volume of the kind serviceAccount must name the same. Default: the
    /// namespace's default one, without a token in the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_name: Option<String>,
    /// Taints of nodes that the pod tolerates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Toleration>,
    /// How pods of the same group spread over zones, nodes and the like.
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["topologyKey", "whenUnsatisfiable"]))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,
    /// What happens when the node is drained: `None` lets the pod be evicted, which shuts the guest down. Default: `None`.
    #[schemars(extend("enum" = ["None", "LiveMigrate", "LiveMigrateIfPossible", "External"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eviction_strategy: Option<String>,
    /// `Paused` starts the guest with its processors stopped. Default: they run.
    #[schemars(extend("enum" = ["Paused"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_strategy: Option<String>,
    /// Seconds that the guest gets to shut down before it is switched off; 0 switches it off at once. Default: 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_grace_period_seconds: Option<i64>,
    /// Where the contents of disks come from.
    #[schemars(extend("maxItems" = 256))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    /// Asks whether the guest lives; when it fails, the guest is ended. Not together with startStrategy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liveness_probe: Option<Probe>,
    /// Asks whether the guest is ready; until it succeeds, services do not lead to the guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness_probe: Option<Probe>,
    /// Host name of the guest, a DNS label. Default: the name of the VirtualMachineInstance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Subdomain of the guest: its full name is hostname.subdomain.namespace.svc and the cluster's domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subdomain: Option<String>,
    /// Networks that interfaces attach to.
    #[schemars(extend("maxItems" = 256))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<Network>,
    /// Where the guest's name servers come from: `ClusterFirst`, `ClusterFirstWithHostNet`, `Default` (the node's) or `None`
    /// (dnsConfig only). Default: `ClusterFirst`.
    #[schemars(extend("enum" = ["", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]))]
    #[serde(
        default,
        deserialize_with = "crate::empty::as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub dns_policy: Option<String>,
    /// Name servers, search domains and resolver options beside those of dnsPolicy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_config: Option<PodDNSConfig>,
    /// Keys and passwords that the guest gets from Secrets.
    #[schemars(extend("maxItems" = 256, "x-kubernetes-list-type" = "atomic"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access_credentials: Vec<AccessCredential>,
    /// Processor architecture in Kubernetes' words, for example `amd64`. Default: the cluster's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// ResourceClaims that gpus, hostDevices and networks take devices from.
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_claims: Vec<VirtualMachineInstanceResourceClaim>,
    /// PersistentVolumeClaims for work beside the guest, such as a dump of its memory. Added while it runs, never at creation.
    /// Needs the feature gate UtilityVolumes.
    #[schemars(extend("maxItems" = 256, "x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub utility_volumes: Vec<UtilityVolume>,
}

/// A ResourceClaim that the pod gets devices from: exactly one of resourceClaimName and resourceClaimTemplateName.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualMachineInstanceResourceClaim {
    /// Name by which devices refer to the claim, a DNS label.
    pub name: String,
    /// Name of a ResourceClaim of the same namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_claim_name: Option<String>,
    /// Name of a ResourceClaimTemplate of the same namespace, from which a claim is made for the pod and deleted with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_claim_template_name: Option<String>,
}
