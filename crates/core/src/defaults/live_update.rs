//! How far a guest can grow while it runs: its most sockets and its most memory.

use kubevirt_api::{
    CPU, DomainSpec, VirtualMachineInstanceSpec,
    k8s_openapi::apimachinery::pkg::api::resource::Quantity, quantity,
};

use crate::config::{Architecture, ClusterConfig};

/// Most virtual processors that a guest gets room for by default.
const MOST_PROCESSORS: u32 = 512;
const MEBIBYTE: u64 = 1 << 20;
const GIBIBYTE: u64 = 1 << 30;

/// Gives a guest room to grow where settings and guest allow it. Arm guests do not grow.
pub(super) fn room_to_grow(
    spec: &mut VirtualMachineInstanceSpec,
    architecture: Architecture,
    config: &ClusterConfig,
) {
    if !config.live_update.enabled || architecture == Architecture::Arm64 {
        return;
    }
    if let Some(cpu) = &mut spec.domain.cpu {
        sockets(cpu, config);
    }
    if architecture == Architecture::Amd64 {
        memory(&mut spec.domain, config);
    }
}

fn sockets(cpu: &mut CPU, config: &ClusterConfig) {
    if cpu.max_sockets.is_some_and(|most| most > 0) {
        return;
    }
    let settings = &config.live_update;
    let sockets = cpu.sockets.unwrap_or(0);
    let wanted = settings
        .max_cpu_sockets
        .unwrap_or_else(|| sockets.saturating_mul(settings.max_hotplug_ratio));
    let given = |part: Option<u32>| part.filter(|part| *part > 0).unwrap_or(1);
    let of_socket = given(cpu.cores).saturating_mul(given(cpu.threads));
    let most = wanted.min(MOST_PROCESSORS / of_socket).max(sockets);
    // A guest whose sockets are not given has a fixed number of processors.
    if most > 0 {
        cpu.max_sockets = Some(most);
    }
}

fn memory(domain: &mut DomainSpec, config: &ClusterConfig) {
    let protected = domain.launch_security.is_some();
    let fixed = domain.cpu.as_ref().is_some_and(|cpu| {
        let passthrough = cpu
            .numa
            .as_ref()
            .is_some_and(|numa| numa.guest_mapping_passthrough.is_some());
        passthrough || cpu.realtime.is_some()
    });
    let Some(memory) = domain
        .memory
        .as_mut()
        .filter(|memory| memory.max_guest.is_none() && !protected && !fixed)
    else {
        return;
    };
    let Some(guest) = memory.guest.as_ref().and_then(bytes) else {
        return;
    };
    let settings = &config.live_update;
    let most = match &settings.max_guest {
        Some(most) => bytes(most),
        None => guest.checked_mul(u64::from(settings.max_hotplug_ratio)),
    };
    let large_pages = memory
        .hugepages
        .as_ref()
        .and_then(|pages| pages.page_size.clone())
        .and_then(|size| bytes(&Quantity(size)))
        == Some(GIBIBYTE);
    let step = if large_pages { GIBIBYTE } else { 2 * MEBIBYTE };
    if let Some(most) = most
        && guest >= GIBIBYTE
        && most >= guest
        && guest.is_multiple_of(step)
        && most.is_multiple_of(step)
    {
        memory.max_guest = Some(
            settings
                .max_guest
                .clone()
                .unwrap_or_else(|| quantity::from_bytes(most)),
        );
    }
}

/// Bytes of an amount that can be read.
fn bytes(amount: &Quantity) -> Option<u64> {
    quantity::bytes(amount).ok()
}
