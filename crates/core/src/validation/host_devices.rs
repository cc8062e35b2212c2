//! Devices of the node that a guest gets, and the claims that they come from.

use std::collections::BTreeSet;

use kubevirt_api::FeatureState;

use super::{Faults, Path, vmi::Context};
use crate::config::Gate;

/// What gpus and hostDevices have in common.
struct Device<'a> {
    path: Path,
    name: &'a str,
    device: Option<&'a str>,
    claim: Option<&'a str>,
    request: Option<&'a str>,
    claims_need: Gate,
}

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    let devices = &context.spec.domain.devices;
    if !devices.host_devices.is_empty() {
        let path = context.devices().field("hostDevices");
        context.needs(faults, &path, Gate::HostDevices);
    }
    let gpus = devices.gpus.iter().enumerate().map(|(index, gpu)| Device {
        path: context.devices().field("gpus").index(index),
        name: &gpu.name,
        device: given(gpu.device_name.as_deref()),
        claim: given(gpu.claim_name.as_deref()),
        request: given(gpu.request_name.as_deref()),
        claims_need: Gate::GPUsWithDRA,
    });
    let others = devices
        .host_devices
        .iter()
        .enumerate()
        .map(|(index, device)| Device {
            path: context.devices().field("hostDevices").index(index),
            name: &device.name,
            device: given(device.device_name.as_deref()),
            claim: given(device.claim_name.as_deref()),
            request: given(device.request_name.as_deref()),
            claims_need: Gate::HostDevicesWithDRA,
        });
    let mut names = BTreeSet::new();
    for device in gpus.chain(others) {
        if device.name.is_empty() {
            faults.required(&device.path.field("name"), "a device needs a name");
        } else if !names.insert(device.name) {
            faults.duplicate(
                &device.path.field("name"),
                format!("{:?} names another device too: rename one", device.name),
            );
        }
        source(faults, context, &device);
    }
    one_early_display(faults, context);
    claims(faults, context);
}

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn source(faults: &mut Faults, context: &Context<'_>, device: &Device<'_>) {
    let path = &device.path;
    let Some(claim) = device.claim else {
        if device.request.is_some() {
            faults.required(
                &path.field("claimName"),
                "requestName is a request of a claim: name one of spec.resourceClaims",
            );
        } else if device.device.is_none() {
            faults.required(
                &path.field("deviceName"),
                "must say which device: give deviceName, or claimName and requestName",
            );
        }
        return;
    };
    context.needs(faults, &path.field("claimName"), device.claims_need);
    if device.device.is_some() {
        faults.invalid(
            path,
            "has both deviceName and claimName: take one of them out",
        );
    }
    if device.request.is_none() {
        faults.required(
            &path.field("requestName"),
            "a claim may have several requests: name the one with the device",
        );
    }
    let known = context
        .spec
        .resource_claims
        .iter()
        .any(|known| known.name == claim);
    if !known {
        faults.invalid(
            &path.field("claimName"),
            format!("spec.resourceClaims has no {claim:?}: add it there"),
        );
    }
}

/// Only one device can draw before the guest's drivers run.
fn one_early_display(faults: &mut Faults, context: &Context<'_>) {
    let early = |gpu: &&kubevirt_api::GPU| {
        let display = gpu
            .virtual_gpu_options
            .as_ref()
            .and_then(|options| options.display.as_ref());
        display.is_some_and(|display| {
            display.enabled != Some(false)
                && (display.ram_fb.is_none() || FeatureState::is_on(display.ram_fb.as_ref()))
        })
    };
    if context
        .spec
        .domain
        .devices
        .gpus
        .iter()
        .filter(early)
        .count()
        > 1
    {
        faults.invalid(
            &context.devices().field("gpus"),
            "several devices have a display that shows something early: set virtualGPUOptions.display.ramFB.enabled to false for all but one",
        );
    }
}

/// The rules are those of pods.
fn claims(faults: &mut Faults, context: &Context<'_>) {
    let mut names = BTreeSet::new();
    for (index, claim) in context.spec.resource_claims.iter().enumerate() {
        let path = context.path.field("resourceClaims").index(index);
        if !super::text::is_dns_label(&claim.name) {
            faults.invalid(
                &path.field("name"),
                format!(
                    "{:?} is not a DNS label: use {}",
                    claim.name,
                    super::text::DNS_LABEL
                ),
            );
        } else if !names.insert(&claim.name) {
            faults.duplicate(
                &path.field("name"),
                format!("{:?} names another claim too: rename one", claim.name),
            );
        }
        match (
            given(claim.resource_claim_name.as_deref()),
            given(claim.resource_claim_template_name.as_deref()),
        ) {
            (None, None) => faults.required(
                &path,
                "must say which claim: give resourceClaimName or resourceClaimTemplateName",
            ),
            (Some(_), Some(_)) => faults.invalid(
                &path,
                "has both resourceClaimName and resourceClaimTemplateName: take one of them out",
            ),
            _ => {}
        }
    }
}
