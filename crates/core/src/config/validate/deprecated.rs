//! Settings that are on their way out.

use kubevirt_api::KubeVirt;

/// A warning for each deprecated setting that is given.
pub(super) fn deprecated(settings: &KubeVirt) -> Vec<String> {
    let self_signed = settings
        .spec
        .certificate_rotate_strategy
        .as_ref()
        .and_then(|strategy| strategy.self_signed.as_ref());
    let own = settings.spec.configuration.clone().unwrap_or_default();
    let architectures = own.architecture_configuration.unwrap_or_default();
    let mediated = own.mediated_devices_configuration.unwrap_or_default();
    let node_types = mediated
        .node_mediated_device_types
        .iter()
        .any(|node| !node.mediated_devices_types.is_empty());
    let migrations = own.migrations.unwrap_or_default();
    let network = own.network.unwrap_or_default();
    let at = "spec.certificateRotateStrategy.selfSigned";
    let nothing = "it has no effect any more, take it out";
    let per_architecture = "use spec.configuration.architectureConfiguration";
    let types = "use mediatedDeviceTypes";
    let configuration = "spec.configuration";
    [
        (
            own.machine_type.is_some(),
            configuration,
            "machineType",
            "use spec.configuration.architectureConfiguration.amd64.machineType",
        ),
        (
            !own.emulated_machines.is_empty(),
            configuration,
            "emulatedMachines",
            per_architecture,
        ),
        (
            own.ovmf_path.is_some(),
            configuration,
            "ovmfPath",
            per_architecture,
        ),
        (
            !own.supported_guest_agent_versions.is_empty(),
            configuration,
            "supportedGuestAgentVersions",
            nothing,
        ),
        (
            own.min_cpu_model.is_some(),
            configuration,
            "minCPUModel",
            nothing,
        ),
        (
            architectures.ppc64le.is_some(),
            configuration,
            "architectureConfiguration.ppc64le",
            nothing,
        ),
        (
            !mediated.mediated_devices_types.is_empty(),
            configuration,
            "mediatedDevicesConfiguration.mediatedDevicesTypes",
            types,
        ),
        (
            node_types,
            configuration,
            "mediatedDevicesConfiguration.nodeMediatedDeviceTypes[].mediatedDevicesTypes",
            types,
        ),
        (
            mediated.enabled.is_some(),
            configuration,
            "mediatedDevicesConfiguration.enabled",
            "use the feature gate DisableMDEVConfiguration",
        ),
        (
            migrations.node_drain_taint_key.is_some(),
            configuration,
            "migrations.nodeDrainTaintKey",
            "drain nodes by evictions",
        ),
        (
            network.permit_slirp_interface.is_some(),
            configuration,
            "network.permitSlirpInterface",
            nothing,
        ),
        (
            self_signed.is_some_and(|own| own.ca_rotate_interval.is_some()),
            at,
            "caRotateInterval",
            "use ca.duration",
        ),
        (
            self_signed.is_some_and(|own| own.cert_rotate_interval.is_some()),
            at,
            "certRotateInterval",
            "use server.duration",
        ),
        (
            self_signed.is_some_and(|own| own.ca_overlap_interval.is_some()),
            at,
            "caOverlapInterval",
            "use ca.renewBefore",
        ),
    ]
    .into_iter()
    .filter(|(is_given, ..)| *is_given)
    .map(|(_, within, name, remedy)| format!("{within}.{name} is deprecated: {remedy}"))
    .collect()
}
