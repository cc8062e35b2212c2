//! The pod that runs one VirtualMachineInstance.
//!
//! docs/architecture.md describes it. It asks for nothing that Pod Security `restricted` refuses.

mod arguments;
mod container_disk_copy;
mod metadata;
mod name;
mod obstacles;
mod resources;
mod scheduling;
mod security;
#[cfg(test)]
mod tests;
mod volumes;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, EnvVar, LocalObjectReference, Pod, PodSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstanceSpec, names::reason, quantity};

use crate::config::{ClusterConfig, DEFAULT_VERBOSITY, Gate};
pub use name::{generate_name, host_name, id_label, pod_name};
pub use security::LAUNCHER_USER;

/// Seconds that a guest gets to shut down when its specification does not say.
pub const DEFAULT_GRACE_PERIOD_SECONDS: i64 = 30;
/// Directory in the pod that is home to libvirt's configuration, cache and private files.
const PRIVATE: &str = "/var/run/kubevirt-private";
/// Environment variable that tells virt-launcher how much libvirt logs.
const LOG_VERBOSITY: &str = "VIRT_LAUNCHER_LOG_VERBOSITY";

/// What launcher pods are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launcher {
    /// The virt-launcher image.
    pub image: String,
    /// How containerDisks come into the pod.
    pub image_volumes: ImageVolumes,
}

/// Whether the cluster mounts images as volumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageVolumes {
    /// It does (Kubernetes 1.35 and later by default).
    Yes,
    /// It does not: an init container copies each containerDisk.
    No,
}

/// A PersistentVolumeClaim that exists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claim {
    /// Its mode is Block; otherwise it is Filesystem.
    pub block: bool,
    /// It is bound to a volume.
    pub bound: bool,
    /// An import has not put all of its contents there yet.
    pub filling: bool,
    /// How it may be mounted.
    pub access_modes: Vec<String>,
    /// Size that the volume has got.
    pub capacity: Option<Quantity>,
    /// Size that was asked for.
    pub requested: Option<Quantity>,
}

/// What a launcher pod is made from.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The object that is to run.
    pub instance: &'a VirtualMachineInstance,
    /// Settings of the cluster.
    pub config: &'a ClusterConfig,
    /// What launcher pods are made of.
    pub launcher: &'a Launcher,
    /// The claims that the object names, by name.
    pub claims: &'a BTreeMap<String, Claim>,
    /// How many unrelated pods were found under the pod's name.
    pub attempt: u32,
}

/// Why no pod can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RenderError {
    /// Reason for the condition.
    pub reason: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl RenderError {
    fn new(message: String) -> Self {
        Self {
            reason: reason::FAILED_CREATE,
            message,
        }
    }
}

/// Makes the pod.
///
/// # Errors
/// When the object asks for something that no pod can give, which admission refuses as far as it can, or for something that
/// nothing acts on yet and that the guest cannot do without.
pub fn render(input: &Input<'_>) -> Result<Pod, RenderError> {
    obstacles::none(input.instance)?;
    let launcher = effective(input);
    let input = &Input {
        launcher: &launcher,
        ..*input
    };
    let spec = &input.instance.spec;
    let guest = guest_bytes(spec)?;
    let overhead = crate::overhead::bytes(spec, guest, input.config);
    let disks = volumes::volumes(input)?;
    let pull_policy =
        Some(input.config.image_pull_policy.clone()).filter(|policy| !policy.is_empty());
    let compute = Container {
        name: crate::vmi::COMPUTE_CONTAINER.into(),
        image: Some(input.launcher.image.clone()),
        image_pull_policy: pull_policy.clone(),
        command: Some(vec!["/usr/bin/virt-launcher".into()]),
        args: Some(arguments::arguments(input)?),
        env: Some(environment(input.config)),
        resources: Some(resources::resources(input, guest, overhead)?),
        security_context: Some(security::container()),
        termination_message_policy: Some("FallbackToLogsOnError".into()),
        volume_mounts: Some(disks.mounts),
        volume_devices: (!disks.devices.is_empty()).then_some(disks.devices),
        ..Container::default()
    };
    let init_containers = container_disk_copy::init_containers(input, pull_policy.as_deref());
    Ok(Pod {
        metadata: metadata::metadata(input, overhead),
        spec: Some(PodSpec {
            affinity: scheduling::affinity(input),
            automount_service_account_token: Some(false),
            containers: vec![compute],
            dns_config: spec.dns_config.clone(),
            dns_policy: spec.dns_policy.clone(),
            enable_service_links: Some(false),
            hostname: Some(host_name(spec.hostname.as_deref(), name_of(input.instance))),
            image_pull_secrets: pull_secrets(spec),
            init_containers: (!init_containers.is_empty()).then_some(init_containers),
            node_selector: Some(scheduling::node_selector(input)),
            priority_class_name: spec.priority_class_name.clone(),
            restart_policy: Some("Never".into()),
            runtime_class_name: input.config.pods.runtime_class.clone(),
            scheduler_name: spec.scheduler_name.clone(),
            security_context: Some(security::pod(&input.config.pods)),
            subdomain: spec
                .subdomain
                .clone()
                .filter(|subdomain| !subdomain.is_empty()),
            termination_grace_period_seconds: Some(grace_period(spec).saturating_add(30)),
            tolerations: (!spec.tolerations.is_empty()).then(|| spec.tolerations.clone()),
            topology_spread_constraints: (!spec.topology_spread_constraints.is_empty())
                .then(|| spec.topology_spread_constraints.clone()),
            volumes: Some(disks.volumes),
            ..PodSpec::default()
        }),
        status: None,
    })
}

/// What the settings make of the installation's launcher.
fn effective(input: &Input<'_>) -> Launcher {
    let mounts = input.launcher.image_volumes == ImageVolumes::Yes
        && input.config.features.is_on(Gate::ImageVolume);
    Launcher {
        image: input.config.launcher_image(&input.launcher.image),
        image_volumes: if mounts {
            ImageVolumes::Yes
        } else {
            ImageVolumes::No
        },
    }
}

/// Volumes and the claims that they name.
pub fn claim_names(spec: &VirtualMachineInstanceSpec) -> impl Iterator<Item = (&str, &str)> {
    spec.volumes
        .iter()
        .filter_map(|volume| Some((volume.name.as_str(), volume.claim()?.name)))
}

/// The guest's memory: `domain.memory.guest`, else the memory that is requested, else the limit.
pub fn guest_memory(spec: &VirtualMachineInstanceSpec) -> Option<&Quantity> {
    let resources = spec.domain.resources.as_ref();
    spec.domain
        .memory
        .as_ref()
        .and_then(|memory| memory.guest.as_ref())
        .or_else(|| resources?.request("memory"))
        .or_else(|| resources?.limit("memory"))
}

fn guest_bytes(spec: &VirtualMachineInstanceSpec) -> Result<u64, RenderError> {
    let quantity = guest_memory(spec).ok_or_else(|| {
        RenderError::new("the guest has no memory: set spec.domain.memory.guest or spec.domain.resources.requests.memory".into())
    })?;
    parsed(quantity, "the guest's memory")
}

/// A quantity as a number of bytes.
fn parsed(value: &Quantity, what: &str) -> Result<u64, RenderError> {
    quantity::bytes(value)
        .map_err(|error| RenderError::new(format!("{what} is not usable: {error}")))
}

fn grace_period(spec: &VirtualMachineInstanceSpec) -> i64 {
    spec.termination_grace_period_seconds
        .unwrap_or(DEFAULT_GRACE_PERIOD_SECONDS)
        .max(0)
}

fn name_of(instance: &VirtualMachineInstance) -> &str {
    instance.metadata.name.as_deref().unwrap_or_default()
}

fn uid_of(instance: &VirtualMachineInstance) -> &str {
    instance.metadata.uid.as_deref().unwrap_or_default()
}

/// Environment of `compute`. The verbosity goes this way, not as an argument, because images that do not know it ignore it.
fn environment(config: &ClusterConfig) -> Vec<EnvVar> {
    let verbosity = config.log_verbosity.virt_launcher;
    let verbosity = (verbosity != DEFAULT_VERBOSITY).then(|| verbosity.to_string());
    [
        ("HOME", PRIVATE),
        ("XDG_CACHE_HOME", PRIVATE),
        ("XDG_CONFIG_HOME", PRIVATE),
        ("XDG_RUNTIME_DIR", "/var/run"),
        // libvirtd's threads would otherwise keep an arena of their own each.
        ("MALLOC_ARENA_MAX", "1"),
    ]
    .into_iter()
    .chain(
        verbosity
            .as_deref()
            .map(|verbosity| (LOG_VERBOSITY, verbosity)),
    )
    .map(|(name, value)| EnvVar {
        name: name.into(),
        value: Some(value.into()),
        value_from: None,
    })
    .collect()
}

fn pull_secrets(spec: &VirtualMachineInstanceSpec) -> Option<Vec<LocalObjectReference>> {
    let mut names: Vec<&str> = spec
        .volumes
        .iter()
        .filter_map(|volume| volume.container_disk.as_ref()?.image_pull_secret.as_deref())
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| {
        names
            .into_iter()
            .map(|name| LocalObjectReference {
                name: name.to_owned(),
            })
            .collect()
    })
}
