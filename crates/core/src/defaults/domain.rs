//! Defaults of processor, memory, features and clock.

use kubevirt_api::{
    Bootloader, DomainSpec, EFI, FeatureState, VirtualMachineInstanceSpec,
    k8s_openapi::apimachinery::pkg::api::resource::Quantity,
};

use super::fill;
use crate::{
    config::{Architecture, ClusterConfig},
    overhead::virtual_processors,
};

const CPU: &str = "cpu";
const MEMORY: &str = "memory";
/// Spin lock attempts before the host is told.
const SPINLOCK_RETRIES: u32 = 4096;

/// A CPU limit alone is also the request; otherwise the cluster may have a request for all whose processors are not their
/// own.
pub(super) fn resources(spec: &mut VirtualMachineInstanceSpec, config: &ClusterConfig) {
    let dedicated = spec
        .domain
        .cpu
        .as_ref()
        .is_some_and(|cpu| cpu.dedicated_cpu_placement == Some(true));
    let of_cluster = config.cpu_request.clone().filter(|_| !dedicated);
    let limit = spec
        .domain
        .resources
        .as_ref()
        .and_then(|resources| resources.limit(CPU))
        .cloned();
    let Some(request) = limit.or(of_cluster) else {
        return;
    };
    spec.domain
        .resources
        .get_or_insert_default()
        .requests
        .entry(CPU.to_owned())
        .or_insert(request);
}

/// The guest sees what is requested, or what is the limit, or one huge page.
pub(super) fn memory(spec: &mut VirtualMachineInstanceSpec) {
    let DomainSpec {
        resources, memory, ..
    } = &mut spec.domain;
    if memory.as_ref().is_some_and(|memory| memory.guest.is_some()) {
        return;
    }
    let requested = resources
        .as_ref()
        .and_then(|r| r.request(MEMORY).or_else(|| r.limit(MEMORY)))
        .cloned();
    let page = memory
        .as_ref()
        .and_then(|m| m.hugepages.as_ref())
        .and_then(|pages| pages.page_size.clone());
    if let Some(guest) = requested.or(page.map(Quantity)) {
        memory.get_or_insert_default().guest = Some(guest);
    }
}

/// Without a topology, as many sockets as CPUs are asked for.
pub(super) fn topology(spec: &mut VirtualMachineInstanceSpec) {
    let given = spec.domain.cpu.as_ref().is_some_and(|cpu| {
        [cpu.sockets, cpu.cores, cpu.threads]
            .iter()
            .any(|part| part.is_some_and(|part| part > 0))
    });
    if !given {
        let sockets = virtual_processors(spec);
        let cpu = spec.domain.cpu.get_or_insert_default();
        (cpu.sockets, cpu.cores, cpu.threads) = (Some(sockets), Some(1), Some(1));
    }
}

/// ACPI is on where the architecture has it, and a feature that is named is on unless it says otherwise.
pub(super) fn features(spec: &mut VirtualMachineInstanceSpec) {
    let without_acpi = spec.architecture.as_deref() == Some("s390x");
    let features = spec.domain.features.get_or_insert_default();
    features.acpi.get_or_insert(FeatureState {
        enabled: Some(!without_acpi),
    });
    let states = [
        &mut features.acpi,
        &mut features.smm,
        &mut features.pvspinlock,
    ];
    for state in states.into_iter().flatten() {
        state.enabled.get_or_insert(true);
    }
    if let Some(apic) = &mut features.apic {
        apic.enabled.get_or_insert(true);
    }
    if let Some(passthrough) = &mut features.hyperv_passthrough {
        passthrough.enabled.get_or_insert(true);
    }
    let Some(hyperv) = &mut features.hyperv else {
        return;
    };
    let states = [
        &mut hyperv.relaxed,
        &mut hyperv.vapic,
        &mut hyperv.vpindex,
        &mut hyperv.runtime,
        &mut hyperv.synic,
        &mut hyperv.reset,
        &mut hyperv.frequencies,
        &mut hyperv.reenlightenment,
        &mut hyperv.ipi,
        &mut hyperv.evmcs,
    ];
    for state in states.into_iter().flatten() {
        state.enabled.get_or_insert(true);
    }
    if let Some(spinlocks) = &mut hyperv.spinlocks {
        spinlocks.enabled.get_or_insert(true);
        spinlocks.spinlocks.get_or_insert(SPINLOCK_RETRIES);
    }
    if let Some(vendor) = &mut hyperv.vendorid {
        vendor.enabled.get_or_insert(true);
    }
    if let Some(timer) = &mut hyperv.synictimer {
        timer.enabled.get_or_insert(true);
        if let Some(direct) = &mut timer.direct {
            direct.enabled.get_or_insert(true);
        }
    }
    if let Some(flush) = &mut hyperv.tlbflush {
        flush.enabled.get_or_insert(true);
        for state in [&mut flush.direct, &mut flush.extended]
            .into_iter()
            .flatten()
        {
            state.enabled.get_or_insert(true);
        }
    }
}

/// A timer that is named is present unless it says otherwise.
pub(super) fn timers(spec: &mut VirtualMachineInstanceSpec) {
    let Some(timer) = spec
        .domain
        .clock
        .as_mut()
        .and_then(|clock| clock.timer.as_mut())
    else {
        return;
    };
    let present = [
        timer.rtc.as_mut().map(|timer| &mut timer.present),
        timer.pit.as_mut().map(|timer| &mut timer.present),
        timer.hpet.as_mut().map(|timer| &mut timer.present),
        timer.kvm.as_mut().map(|timer| &mut timer.present),
        timer.hyperv.as_mut().map(|timer| &mut timer.present),
    ];
    for present in present.into_iter().flatten() {
        present.get_or_insert(true);
    }
}

/// Processor model, and on Arm, which has no BIOS, the firmware.
pub(super) fn processor(
    spec: &mut VirtualMachineInstanceSpec,
    architecture: Architecture,
    config: &ClusterConfig,
) {
    let model = match architecture {
        Architecture::Amd64 | Architecture::S390x => config.cpu_model.as_str(),
        Architecture::Arm64 => "host-passthrough",
    };
    fill(&mut spec.domain.cpu.get_or_insert_default().model, || {
        model.to_owned()
    });
    if architecture == Architecture::Arm64 {
        let firmware = spec.domain.firmware.get_or_insert_default();
        firmware.bootloader.get_or_insert(Bootloader {
            efi: Some(EFI {
                secure_boot: Some(false),
                ..EFI::default()
            }),
            bios: None,
        });
    }
}
