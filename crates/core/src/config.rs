//! The cluster-wide configuration, as the `KubeVirt` object gives it and defaults complete it.
//!
//! A value that makes no sense counts as not given, so that a mistake in the settings never stops virtual machines that
//! run. [`validate_kubevirt`] tells about it when the settings are written.

mod architecture;
mod clients;
mod features;
mod gate;
mod live_update;
mod migrations;
mod nodes;
mod pods;
mod validate;

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kubevirt_api::{
    KubeVirt, KubeVirtConfiguration, LogVerbosity, NetworkConfiguration, PermittedHostDevices,
    SMBiosConfiguration,
};

pub use architecture::{Architecture, Machines, machine_type_matches};
pub use clients::{Clients, Rate};
pub use features::Features;
pub use gate::{Gate, State};
pub use live_update::LiveUpdate;
pub use migrations::Migrations;
pub use nodes::Nodes;
pub use pods::Pods;
pub use validate::{validate_kubevirt, warnings_kubevirt};

/// CPU request that counts as not given: upstream fills it in.
const DEFAULT_CPU_REQUEST: &str = "100m";
/// Guest memory in percent of requested memory.
const DEFAULT_MEMORY_OVERCOMMIT: u32 = 100;
/// Virtual processors for each requested CPU.
const DEFAULT_CPU_ALLOCATION_RATIO: u32 = 10;
/// Log verbosity of every component.
pub(crate) const DEFAULT_VERBOSITY: u32 = 2;
/// Seconds between two reports of the memory balloon.
const DEFAULT_BALLOON_PERIOD: u32 = 10;

/// Where nodes' quote generation services listen.
const DEFAULT_QGS_SOCKET: &str = "/var/run/tdx-qgs/qgs.socket";

/// What holds for all virtual machines of the cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterConfig {
    /// Guests may run without hardware virtualization.
    pub use_emulation: bool,
    /// Guest memory in percent of the memory that its pod requests, at least 10.
    pub memory_overcommit: u32,
    /// Virtual processors for each requested CPU of the node, at least 1.
    pub cpu_allocation_ratio: u32,
    /// Processor model of guests that name none.
    pub cpu_model: String,
    /// CPU request of guests that give none; none: it follows from the number of virtual processors.
    pub cpu_request: Option<Quantity>,
    /// When nodes pull the launcher image: `Always`, `IfNotPresent` or `Never`.
    pub image_pull_policy: String,
    /// Registry and path of the launcher image, when not that of the installation.
    pub image_registry: Option<String>,
    /// Tag of the launcher image, when not that of the installation.
    pub image_tag: Option<String>,
    /// How much each component logs.
    pub log_verbosity: Verbosity,
    /// Network defaults and permissions.
    pub network: Network,
    /// Names of the plugins that connect guests to networks.
    pub network_bindings: BTreeSet<String>,
    /// Guests may reserve SCSI disks that they share.
    pub persistent_reservation: bool,
    /// What the firmware tells guests about their system.
    pub smbios: Smbios,
    /// Architecture of guests that name none.
    pub default_architecture: String,
    /// Machine type of amd64 guests that name none, where the setting for amd64 says none.
    pub machine_type: Option<String>,
    /// Machine types of amd64 guests.
    pub amd64: Machines,
    /// Machine types of arm64 guests.
    pub arm64: Machines,
    /// Machine types of s390x guests.
    pub s390x: Machines,
    /// Seconds between two reports of a guest's memory balloon; 0: none.
    pub mem_balloon_stats_period: u32,
    /// Factor on the memory for the processes around a guest, at least 1.
    pub additional_guest_memory_overhead_ratio: f64,
    /// Processor models that nodes do not offer, when true; empty: the built-in ones.
    pub obsolete_cpu_models: BTreeMap<String, bool>,
    /// Eviction strategy of guests that name none.
    pub eviction_strategy: String,
    /// Changes of guests while they run.
    pub live_update: LiveUpdate,
    /// Whether VirtualMachines keep naming their instancetype and preference: `reference`, `expand` or `expandAll`.
    pub instancetype_reference_policy: String,
    /// Where nodes' quote generation services listen, for guests with TDX.
    pub qgs_socket_path: String,
    /// Limits and switches of live migrations.
    pub migrations: Migrations,
    /// What virt-handler does on its node.
    pub nodes: Nodes,
    /// What launcher pods are like.
    pub pods: Pods,
    /// How fast components may ask the API server.
    pub clients: Clients,
    /// Devices of nodes that guests may be given.
    pub permitted_host_devices: PermittedHostDevices,
    /// Which features are switched on.
    pub features: Features,
}

/// How much each component logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verbosity {
    /// Of virt-api.
    pub virt_api: u32,
    /// Of virt-controller.
    pub virt_controller: u32,
    /// Of virt-handler.
    pub virt_handler: u32,
    /// Of virt-launcher.
    pub virt_launcher: u32,
}

/// How an interface is connected to the pod's network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// The guest takes over the pod's address.
    Bridge,
    /// The guest is behind address translation.
    Masquerade,
}

/// Network defaults and permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// How guests without interfaces are connected.
    pub default_interface: Binding,
    /// Whether bridge is allowed on the pod's network.
    pub permit_bridge_on_pod_network: bool,
}

/// What the firmware tells guests about their system (SMBIOS type 1). Empty texts are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smbios {
    /// Manufacturer.
    pub manufacturer: String,
    /// Product.
    pub product: String,
    /// Version.
    pub version: String,
    /// Stock keeping unit.
    pub sku: String,
    /// Family.
    pub family: String,
}

impl Default for ClusterConfig {
    fn default() -> Self {
        Self::new(None)
    }
}

impl From<Option<&KubeVirt>> for ClusterConfig {
    fn from(settings: Option<&KubeVirt>) -> Self {
        Self::new(settings)
    }
}

impl ClusterConfig {
    /// The configuration that `settings` give; without them, the defaults.
    pub fn new(settings: Option<&KubeVirt>) -> Self {
        let spec = settings
            .map(|settings| settings.spec.clone())
            .unwrap_or_default();
        let configuration = spec.configuration.unwrap_or_default();
        let developer = configuration
            .developer_configuration
            .clone()
            .unwrap_or_default();
        let architectures = configuration
            .architecture_configuration
            .clone()
            .unwrap_or_default();
        let features = Features::new(&developer.feature_gates, &developer.disabled_feature_gates);
        Self {
            use_emulation: developer.use_emulation == Some(true),
            memory_overcommit: at_least(developer.memory_overcommit, 10, DEFAULT_MEMORY_OVERCOMMIT),
            cpu_allocation_ratio: at_least(
                developer.cpu_allocation_ratio,
                1,
                DEFAULT_CPU_ALLOCATION_RATIO,
            ),
            cpu_model: given(configuration.cpu_model.as_deref())
                .unwrap_or("host-model")
                .to_owned(),
            cpu_request: cpu_request(&configuration),
            image_pull_policy: given(spec.image_pull_policy.as_deref())
                .or(given(configuration.image_pull_policy.as_deref()))
                .unwrap_or("IfNotPresent")
                .to_owned(),
            image_registry: given(spec.image_registry.as_deref()).map(str::to_owned),
            image_tag: given(spec.image_tag.as_deref()).map(str::to_owned),
            log_verbosity: verbosity(developer.log_verbosity.clone().unwrap_or_default()),
            network: network(configuration.network.clone().unwrap_or_default()),
            network_bindings: configuration
                .network
                .as_ref()
                .map(|settings| settings.binding.keys().cloned().collect())
                .unwrap_or_default(),
            persistent_reservation: configuration
                .persistent_reservation_configuration
                .as_ref()
                .is_some_and(|settings| settings.enabled == Some(true)),
            smbios: smbios(configuration.smbios.clone().unwrap_or_default()),
            default_architecture: given(architectures.default_architecture.as_deref())
                .filter(|name| Architecture::parse(name).is_some())
                .unwrap_or(Architecture::of_this_program())
                .to_owned(),
            machine_type: given(configuration.machine_type.as_deref()).map(str::to_owned),
            amd64: Machines::new(architectures.amd64.as_ref()),
            arm64: Machines::new(architectures.arm64.as_ref()),
            s390x: Machines::new(architectures.s390x.as_ref()),
            mem_balloon_stats_period: configuration
                .mem_balloon_stats_period
                .unwrap_or(DEFAULT_BALLOON_PERIOD),
            additional_guest_memory_overhead_ratio: configuration
                .additional_guest_memory_overhead_ratio
                .as_deref()
                .and_then(validate::overhead_ratio)
                .unwrap_or(1.0),
            obsolete_cpu_models: configuration.obsolete_cpu_models.clone(),
            eviction_strategy: given(configuration.eviction_strategy.as_deref())
                .unwrap_or("None")
                .to_owned(),
            live_update: LiveUpdate::new(&configuration),
            instancetype_reference_policy: configuration
                .instancetype
                .as_ref()
                .and_then(|settings| given(settings.reference_policy.as_deref()))
                .unwrap_or("reference")
                .to_owned(),
            qgs_socket_path: configuration
                .confidential_compute
                .as_ref()
                .and_then(|settings| settings.tdx.as_ref()?.attestation.as_ref())
                .and_then(|attestation| given(attestation.qgs_socket_path.as_deref()))
                .unwrap_or(DEFAULT_QGS_SOCKET)
                .to_owned(),
            migrations: Migrations::new(configuration.migrations.clone().unwrap_or_default()),
            nodes: Nodes::new(&configuration),
            pods: Pods::new(&configuration, &developer, &features),
            clients: Clients::new(&configuration),
            permitted_host_devices: configuration
                .permitted_host_devices
                .clone()
                .unwrap_or_default(),
            features,
        }
    }

    /// Processor models that nodes do not offer, when true; empty: the built-in ones.
    pub const fn obsolete_cpu_models(&self) -> &BTreeMap<String, bool> {
        &self.obsolete_cpu_models
    }

    /// The launcher image: that of the installation, unless the settings name another registry or tag.
    pub fn launcher_image(&self, installed: &str) -> String {
        let without_digest = installed.split('@').next().unwrap_or(installed);
        let (path, tag) = match without_digest.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (without_digest, None),
        };
        let name = path.rsplit('/').next().unwrap_or(path);
        match (&self.image_registry, &self.image_tag) {
            (None, None) => installed.to_owned(),
            (registry, new_tag) => {
                let path = registry.as_ref().map_or_else(
                    || path.to_owned(),
                    |at| format!("{}/{name}", at.trim_end_matches('/')),
                );
                match new_tag.as_deref().or(tag) {
                    Some(tag) => format!("{path}:{tag}"),
                    None => path,
                }
            }
        }
    }
}

/// A text that says something.
fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn at_least(value: Option<i32>, minimum: u32, default: u32) -> u32 {
    value
        .and_then(|value| u32::try_from(value).ok())
        .filter(|value| *value >= minimum)
        .unwrap_or(default)
}

fn cpu_request(configuration: &KubeVirtConfiguration) -> Option<Quantity> {
    let default = kubevirt_api::quantity::millis(&Quantity(DEFAULT_CPU_REQUEST.to_owned()));
    configuration.cpu_request.clone().filter(|request| {
        kubevirt_api::quantity::millis(request)
            .is_ok_and(|millis| millis > 0 && Ok(millis) != default)
    })
}

fn verbosity(given: LogVerbosity) -> Verbosity {
    Verbosity {
        virt_api: given.virt_api.unwrap_or(DEFAULT_VERBOSITY),
        virt_controller: given.virt_controller.unwrap_or(DEFAULT_VERBOSITY),
        virt_handler: given.virt_handler.unwrap_or(DEFAULT_VERBOSITY),
        virt_launcher: given.virt_launcher.unwrap_or(DEFAULT_VERBOSITY),
    }
}

fn network(given: NetworkConfiguration) -> Network {
    Network {
        default_interface: match given.default_network_interface.as_deref() {
            Some("masquerade") => Binding::Masquerade,
            _ => Binding::Bridge,
        },
        permit_bridge_on_pod_network: given.permit_bridge_interface_on_pod_network != Some(false),
    }
}

fn smbios(given: SMBiosConfiguration) -> Smbios {
    let or = |text: Option<String>, default: &str| text.unwrap_or_else(|| default.to_owned());
    Smbios {
        manufacturer: or(given.manufacturer, "KubeVirt"),
        product: or(given.product, "None"),
        version: or(given.version, ""),
        sku: or(given.sku, ""),
        family: or(given.family, "KubeVirt"),
    }
}

#[cfg(test)]
mod tests;
