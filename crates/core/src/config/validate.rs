//! What the settings may say.

mod certificates;
mod deprecated;
mod installation;
mod security;

use kubevirt_api::{
    ArchConfiguration, DeveloperConfiguration, KubeVirt, KubeVirtConfiguration, quantity::Amount,
};

use super::{Architecture, ClusterConfig, features, machine_type_matches};
use crate::validation::{Fault, Faults, Path, text};

const PULL_POLICIES: [&str; 3] = ["Always", "IfNotPresent", "Never"];

/// The factor that a text means: a decimal number from 1.
pub(super) fn overhead_ratio(text: &str) -> Option<f64> {
    text.parse::<f64>()
        .ok()
        .filter(|ratio| ratio.is_finite() && *ratio >= 1.0 && *ratio <= 100.0)
}

/// What is wrong with the settings.
pub fn validate_kubevirt(settings: &KubeVirt) -> Vec<Fault> {
    let mut faults = Faults::default();
    let spec = Path::new("spec");
    faults.one_of(
        &spec.field("imagePullPolicy"),
        settings.spec.image_pull_policy.as_deref(),
        &PULL_POLICIES,
    );
    installation::components(&mut faults, &spec, &settings.spec);
    if let Some(strategy) = &settings.spec.certificate_rotate_strategy
        && let Some(own) = &strategy.self_signed
    {
        let path = spec.field("certificateRotateStrategy").field("selfSigned");
        certificates::certificates(&mut faults, &path, own);
    }
    let Some(configuration) = &settings.spec.configuration else {
        return faults.into_vec();
    };
    let path = spec.field("configuration");
    let features = ClusterConfig::new(Some(settings)).features;
    installation::gated(&mut faults, &path, configuration, &features);
    if let Some(tls) = &configuration.tls_configuration {
        security::tls(&mut faults, &path.field("tlsConfiguration"), tls);
    }
    if let Some(seccomp) = &configuration.seccomp_configuration {
        security::seccomp(&mut faults, &path.field("seccompConfiguration"), seccomp);
    }
    faults.one_of(
        &path.field("imagePullPolicy"),
        configuration.image_pull_policy.as_deref(),
        &PULL_POLICIES,
    );
    processors(&mut faults, &path, configuration);
    machines(&mut faults, &path, settings);
    if let Some(text) = &configuration.additional_guest_memory_overhead_ratio
        && overhead_ratio(text).is_none()
    {
        faults.invalid(
            &path.field("additionalGuestMemoryOverheadRatio"),
            format!(
                "{text:?} is not a factor: write a decimal number from 1.0 to 100, such as \"1.5\""
            ),
        );
    }
    if let Some(network) = &configuration.network {
        let path = path.field("network").field("defaultNetworkInterface");
        faults.one_of(
            &path,
            network.default_network_interface.as_deref(),
            &["bridge", "masquerade"],
        );
        let bridge = network.default_network_interface.as_deref() == Some("bridge");
        if bridge && network.permit_bridge_interface_on_pod_network == Some(false) {
            faults.invalid(
                &path,
                "bridge is not permitted on the pod network: set masquerade, or set permitBridgeInterfaceOnPodNetwork to true",
            );
        }
    }
    if let Some(developer) = &configuration.developer_configuration {
        developer_settings(
            &mut faults,
            &path.field("developerConfiguration"),
            developer,
        );
    }
    faults.into_vec()
}

/// What in the settings deserves a word.
pub fn warnings_kubevirt(settings: &KubeVirt) -> Vec<String> {
    let mut warnings = deprecated::deprecated(settings);
    let Some(configuration) = &settings.spec.configuration else {
        return warnings;
    };
    let developer = "spec.configuration.developerConfiguration";
    if let Some(settings) = &configuration.developer_configuration {
        for (list, names) in [
            ("featureGates", &settings.feature_gates),
            ("disabledFeatureGates", &settings.disabled_feature_gates),
        ] {
            warnings.extend(names.iter().enumerate().filter_map(|(index, name)| {
                features::warning(&format!("{developer}.{list}[{index}]"), name)
            }));
        }
    }
    warnings
}

fn processors(faults: &mut Faults, path: &Path, configuration: &KubeVirtConfiguration) {
    if let Some(model) = configuration
        .cpu_model
        .as_deref()
        .filter(|model| !model.is_empty() && !text::is_label_value(model))
    {
        faults.invalid(
            &path.field("cpuModel"),
            format!("{model:?} cannot be a processor model: write host-model, host-passthrough or a name of letters, digits, dots, - and _"),
        );
    }
    if let Some(request) = &configuration.cpu_request {
        let path = path.field("cpuRequest");
        match Amount::parse(request) {
            Err(error) => faults.invalid(&path, error.to_string()),
            Ok(amount) if amount <= Amount::default() => {
                faults.invalid(&path, "must be more than 0, such as 100m")
            }
            Ok(_) => {}
        }
    }
}

fn machines(faults: &mut Faults, path: &Path, settings: &KubeVirt) {
    let config = ClusterConfig::new(Some(settings));
    let architectures = path.field("architectureConfiguration");
    let amd64 = (
        &config.machine_type,
        path.field("machineType"),
        Architecture::Amd64,
    );
    let own = Architecture::ALL.map(|architecture| {
        let machine = &config.machines(architecture).machine_type;
        let path = architectures
            .field(architecture.name())
            .field("machineType");
        (machine, path, architecture)
    });
    for (machine, path, architecture) in std::iter::once(amd64).chain(own) {
        let Some(machine) = machine else { continue };
        let allowed = config.emulated_machines(architecture);
        if !allowed
            .iter()
            .any(|pattern| machine_type_matches(pattern, machine))
        {
            faults.not_supported(
                &path,
                format!("{machine:?} is not among the permitted machine types {}: name one of them, or add it to emulatedMachines", allowed.join(", ")),
            );
        }
    }
    let default = configuration_of(settings).and_then(|own| own.default_architecture.as_deref());
    faults.one_of(
        &architectures.field("defaultArchitecture"),
        default.filter(|name| !name.is_empty()),
        &Architecture::NAMES,
    );
}

fn configuration_of(settings: &KubeVirt) -> Option<&ArchConfiguration> {
    let configuration = settings.spec.configuration.as_ref()?;
    configuration.architecture_configuration.as_ref()
}

fn developer_settings(faults: &mut Faults, path: &Path, developer: &DeveloperConfiguration) {
    let bounds = [
        (
            "memoryOvercommit",
            developer.memory_overcommit,
            10,
            "percent",
        ),
        (
            "cpuAllocationRatio",
            developer.cpu_allocation_ratio,
            1,
            "virtual processors for each CPU",
        ),
    ];
    for (name, value, minimum, unit) in bounds {
        if let Some(value) = value.filter(|value| *value < minimum) {
            faults.invalid(
                &path.field(name),
                format!("{value} is too small: set at least {minimum} ({unit})"),
            );
        }
    }
    for (index, name) in developer.disabled_feature_gates.iter().enumerate() {
        if developer.feature_gates.contains(name) {
            faults.invalid(
                &path.field("disabledFeatureGates").index(index),
                format!("{name:?} is in featureGates too: take it out of one of the two lists"),
            );
        }
    }
}
