//! Defaults of a VirtualMachineInstance.

use kubevirt_api::{
    CPUTopology, MemoryStatus, VirtualMachineInstance, VirtualMachineInstancePhase as Phase,
    VirtualMachineInstancePhaseTransitionTimestamp, VirtualMachineInstanceSpec,
    VirtualMachineInstanceStatus, k8s_openapi::apimachinery::pkg::apis::meta::v1::Time,
    names::finalizer,
};
use uuid::Uuid;

use super::{
    default_pci_topology, default_platform, devices, domain, fill, hyperv, launch_security,
    live_update, networks, observe_api_version, probes,
};
use crate::{
    config::{Architecture, ClusterConfig},
    launcher_pod::LAUNCHER_USER,
};

/// Completes a VirtualMachineInstance that is being created: specification, finalizer, first phase, and what of the
/// status follows from the specification. `new_uuid` gives random identifiers.
pub fn default_vmi(
    vmi: &mut VirtualMachineInstance,
    config: &ClusterConfig,
    now: jiff::Timestamp,
    new_uuid: &mut dyn FnMut() -> Uuid,
) {
    default_vmi_spec(&mut vmi.spec, config);
    let firmware = vmi.spec.domain.firmware.get_or_insert_default();
    fill(&mut firmware.uuid, || new_uuid().to_string());
    if let Some(architecture) = vmi
        .spec
        .architecture
        .as_deref()
        .and_then(Architecture::parse)
    {
        live_update::room_to_grow(&mut vmi.spec, architecture, config);
    }
    launch_security::quote_service(vmi, config);
    observe_api_version(&mut vmi.metadata);
    default_pci_topology(&mut vmi.metadata, &vmi.spec);
    let finalizers = vmi.metadata.finalizers.get_or_insert_default();
    if !finalizers
        .iter()
        .any(|name| name == finalizer::VMI_FOREGROUND_DELETE)
    {
        finalizers.push(finalizer::VMI_FOREGROUND_DELETE.to_owned());
    }
    vmi.status = Some(first_status(&vmi.spec, now));
}

/// Completes a specification, except for random identifiers.
pub fn default_vmi_spec(spec: &mut VirtualMachineInstanceSpec, config: &ClusterConfig) {
    default_platform(spec, config);
    domain::resources(spec, config);
    domain::memory(spec);
    domain::topology(spec);
    devices::image_pull_policies(spec);
    fill(&mut spec.eviction_strategy, || {
        config.eviction_strategy.clone()
    });
    default_devices(spec, config, true);
    domain::features(spec);
    hyperv::dependencies(&mut spec.domain);
    domain::timers(spec);
    devices::inputs(spec);
    probes::times(spec);
    if let Some(architecture) = spec.architecture.as_deref().and_then(Architecture::parse) {
        devices::disk_targets(spec, architecture);
        devices::pci_addresses(spec);
        devices::watchdog(spec, architecture);
        domain::processor(spec, architecture, config);
    }
}

/// Adds the devices that are there by default. The interface is left unbound when somebody else binds it (`bind` is false).
pub(crate) fn default_devices(
    spec: &mut VirtualMachineInstanceSpec,
    config: &ClusterConfig,
    bind: bool,
) {
    networks::default_network(spec, config, bind);
    devices::disk_for_each_volume(spec);
    devices::attached_input(spec);
}

fn first_status(
    spec: &VirtualMachineInstanceSpec,
    now: jiff::Timestamp,
) -> VirtualMachineInstanceStatus {
    let guest = spec
        .domain
        .memory
        .as_ref()
        .and_then(|memory| memory.guest.clone());
    VirtualMachineInstanceStatus {
        phase: Phase::Pending,
        phase_transition_timestamps: vec![VirtualMachineInstancePhaseTransitionTimestamp {
            phase: Phase::Pending,
            phase_transition_timestamp: Some(Time(now)),
        }],
        current_cpu_topology: spec.domain.cpu.as_ref().map(|cpu| CPUTopology {
            cores: cpu.cores,
            sockets: cpu.sockets,
            threads: cpu.threads,
        }),
        memory: guest.map(|guest| MemoryStatus {
            guest_at_boot: Some(guest.clone()),
            guest_current: Some(guest.clone()),
            guest_requested: Some(guest),
            memory_overhead: None,
        }),
        runtime_user: u64::try_from(LAUNCHER_USER).ok(),
        ..VirtualMachineInstanceStatus::default()
    }
}
