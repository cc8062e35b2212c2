//! A VirtualMachineInstance's specification.

use std::collections::BTreeMap;

use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstanceSpec, names::RESERVED_LABELS};

use super::{
    Fault, Faults, Path, compute, cpu, devices, disks, dns, firmware, host_devices,
    launch_security, memory, metadata, network, placement, probes, scheduling, volumes,
};
use crate::{
    config::{Architecture, ClusterConfig, Gate},
    defaults::default_vmi_spec,
};

/// What is wrong with a VirtualMachineInstance that is being created. Components of KubeVirt may set reserved labels.
pub fn validate_vmi_create(
    vmi: &VirtualMachineInstance,
    config: &ClusterConfig,
    requester_is_component: bool,
) -> Vec<Fault> {
    let mut faults = Faults::default();
    let labels = vmi.metadata.labels.clone().unwrap_or_default();
    if !requester_is_component {
        metadata::reserved_labels(
            &mut faults,
            &Path::new("metadata.labels"),
            &labels,
            &RESERVED_LABELS,
        );
    }
    let annotations = vmi.metadata.annotations.clone().unwrap_or_default();
    metadata::annotations(
        &mut faults,
        &Path::new("metadata.annotations"),
        &annotations,
        &config.features,
    );
    spec(&mut faults, &Path::new("spec"), &vmi.spec, config);
    faults.into_vec()
}

/// What is wrong with a specification at `path` and the annotations that go with it (at `metadata.annotations` beside it).
pub fn validate_vmi(
    path: &str,
    specification: &VirtualMachineInstanceSpec,
    annotations: &BTreeMap<String, String>,
    config: &ClusterConfig,
) -> Vec<Fault> {
    let mut faults = Faults::default();
    let beside = path.strip_suffix("spec").unwrap_or(path);
    metadata::annotations(
        &mut faults,
        &Path::new(&format!("{beside}metadata.annotations")),
        annotations,
        &config.features,
    );
    spec(&mut faults, &Path::new(path), specification, config);
    faults.into_vec()
}

/// Judges a specification as what it becomes once defaults have completed it.
pub(super) fn spec(
    faults: &mut Faults,
    path: &Path,
    given: &VirtualMachineInstanceSpec,
    config: &ClusterConfig,
) {
    let mut spec = given.clone();
    default_vmi_spec(&mut spec, config);
    let name = spec.architecture.clone().unwrap_or_default();
    let Some(architecture) = Architecture::parse(&name) else {
        // The other rules depend on it.
        faults.one_of(
            &path.field("architecture"),
            Some(&name),
            &Architecture::NAMES,
        );
        return;
    };
    let context = Context {
        spec: &spec,
        path,
        architecture,
        config,
    };
    compute::validate(faults, &context);
    firmware::validate(faults, &context);
    launch_security::validate(faults, &context);
    probes::validate(faults, &context);
    memory::validate(faults, &context);
    cpu::validate(faults, &context);
    placement::validate(faults, &context);
    scheduling::validate(faults, &context);
    dns::validate(faults, &context);
    network::validate(faults, &context);
    volumes::validate(faults, &context);
    disks::validate(faults, &context);
    devices::validate(faults, &context);
    host_devices::validate(faults, &context);
}

/// What the rules look at.
pub(super) struct Context<'a> {
    /// The specification, completed by defaults.
    pub(super) spec: &'a VirtualMachineInstanceSpec,
    /// Where it is in the manifest.
    pub(super) path: &'a Path,
    /// Its architecture.
    pub(super) architecture: Architecture,
    /// The cluster's configuration.
    pub(super) config: &'a ClusterConfig,
}

impl Context<'_> {
    /// Path of `domain`.
    pub(super) fn domain(&self) -> Path {
        self.path.field("domain")
    }

    /// Adds a fault at `path` when the feature that the field there belongs to is off.
    pub(super) fn needs(&self, faults: &mut Faults, path: &Path, gate: Gate) {
        let features = &self.config.features;
        if !features.is_on(gate) {
            faults.invalid(
                path,
                format!(
                    "needs the feature gate {}: {}, or take the field out",
                    gate.name(),
                    features.remedy(gate)
                ),
            );
        }
    }

    /// Path of `domain.devices`.
    pub(super) fn devices(&self) -> Path {
        self.domain().field("devices")
    }
}
