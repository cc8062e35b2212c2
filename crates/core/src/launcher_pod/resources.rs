//! What the container asks of its node (contract 8.2).

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kubevirt_api::names::resource;
use kubevirt_api::quantity;

use super::{Input, RenderError, parsed};
use crate::overhead;

const CPU: &str = "cpu";
const MEMORY: &str = "memory";
/// Room for logs and for what ephemeral disks need to begin with.
const EPHEMERAL_STORAGE: &str = "50M";

type Amounts = BTreeMap<String, Quantity>;

pub(super) fn resources(
    input: &Input<'_>,
    guest: u64,
    overhead: u64,
) -> Result<ResourceRequirements, RenderError> {
    let spec = &input.instance.spec;
    let asked = spec.domain.resources.clone().unwrap_or_default();
    let mut requests: Amounts = asked.requests.clone();
    let mut limits: Amounts = asked.limits.clone();

    if !requests.contains_key(CPU) {
        // With a limit alone, Kubernetes would request as much as the limit.
        let own = input
            .config
            .cpu_request
            .clone()
            .unwrap_or_else(|| cpu(input));
        requests.insert(CPU.into(), smaller(own, limits.get(CPU)));
    }
    memory(input, guest, overhead, &mut requests, &mut limits)?;
    requests
        .entry("ephemeral-storage".into())
        .or_insert_with(|| Quantity(EPHEMERAL_STORAGE.into()));

    for device in devices(input) {
        requests.insert(device.into(), Quantity("1".into()));
        limits.insert(device.into(), Quantity("1".into()));
    }
    Ok(ResourceRequirements {
        requests: Some(requests),
        limits: (!limits.is_empty()).then_some(limits),
        claims: None,
    })
}

fn cpu(input: &Input<'_>) -> Quantity {
    let ratio = u64::from(input.config.cpu_allocation_ratio.max(1));
    let millis =
        u64::from(overhead::virtual_processors(&input.instance.spec)).saturating_mul(1000) / ratio;
    quantity::from_millis(millis.max(1))
}

/// A request may not be more than the limit.
fn smaller(own: Quantity, limit: Option<&Quantity>) -> Quantity {
    let Some(limit) = limit else { return own };
    match (quantity::millis(&own), quantity::millis(limit)) {
        (Ok(own), Ok(most)) if own > most => limit.clone(),
        _ => own,
    }
}

fn memory(
    input: &Input<'_>,
    guest: u64,
    overhead: u64,
    requests: &mut Amounts,
    limits: &mut Amounts,
) -> Result<(), RenderError> {
    let domain = &input.instance.spec.domain;
    let pages = domain
        .memory
        .as_ref()
        .and_then(|memory| memory.hugepages.as_ref());
    if let Some(size) = pages.and_then(|pages| pages.page_size.as_deref()) {
        // The guest lives in huge pages, which are requested and limited alike; everything else in ordinary memory.
        let name = format!("{}{size}", resource::HUGEPAGES);
        for amounts in [&mut *requests, &mut *limits] {
            amounts.insert(name.clone(), quantity::from_bytes(guest));
            amounts.insert(MEMORY.into(), quantity::from_bytes(overhead));
        }
        return Ok(());
    }
    let base = match requests.get(MEMORY) {
        Some(asked) => parsed(asked, "spec.domain.resources.requests.memory")?,
        None => overcommitted(guest, input.config.memory_overcommit),
    };
    let resources = domain.resources.as_ref();
    let overcommits =
        resources.is_some_and(|resources| resources.overcommit_guest_overhead == Some(true));
    requests.insert(
        MEMORY.into(),
        quantity::from_bytes(base.saturating_add(if overcommits { 0 } else { overhead })),
    );
    if let Some(limit) = limits.get(MEMORY) {
        let limit = parsed(limit, "spec.domain.resources.limits.memory")?;
        limits.insert(
            MEMORY.into(),
            quantity::from_bytes(limit.saturating_add(overhead)),
        );
    }
    Ok(())
}

/// Guest memory is `percent` percent of what is requested for it.
fn overcommitted(guest: u64, percent: u32) -> u64 {
    let requested = u128::from(guest) * 100 / u128::from(percent.max(1));
    u64::try_from(requested).unwrap_or(u64::MAX)
}

/// Devices of the node that the guest needs.
fn devices(input: &Input<'_>) -> Vec<&'static str> {
    let spec = &input.instance.spec;
    let emulated = input.config.use_emulation;
    let mut devices = Vec::new();
    if !emulated {
        devices.push(resource::KVM);
    }
    // Without a list of interfaces, defaults attach one unless that is switched off.
    let interfaces = &spec.domain.devices.interfaces;
    let attached =
        !interfaces.is_empty() || spec.domain.devices.autoattach_pod_interface != Some(false);
    if attached {
        devices.push(resource::TUN);
        let virtio = |model: Option<&str>| matches!(model, None | Some("" | "virtio"));
        if !emulated
            && (interfaces.is_empty()
                || interfaces
                    .iter()
                    .any(|interface| virtio(interface.model.as_deref())))
        {
            devices.push(resource::VHOST_NET);
        }
    }
    devices
}
