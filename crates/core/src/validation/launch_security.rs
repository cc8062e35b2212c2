//! Protection of the guest's memory from the node.

use kubevirt_api::{FeatureState, LaunchSecurity};

use super::{Faults, Path, vmi::Context};
use crate::config::{Architecture, Gate};

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    let Some(security) = &context.spec.domain.launch_security else {
        return;
    };
    let path = context.domain().field("launchSecurity");
    let kinds = [
        ("sev", security.sev.is_some(), Gate::WorkloadEncryptionSEV),
        ("snp", security.snp.is_some(), Gate::WorkloadEncryptionSEV),
        ("tdx", security.tdx.is_some(), Gate::WorkloadEncryptionTDX),
    ];
    let given: Vec<_> = kinds.iter().filter(|(_, given, _)| *given).collect();
    match context.architecture {
        Architecture::Arm64 => {
            faults.not_supported(&path, "arm64 guests cannot be protected: take it out");
            return;
        }
        Architecture::S390x => {
            for (kind, ..) in given {
                faults.not_supported(
                    &path.field(kind),
                    "is of amd64: an empty launchSecurity protects s390x guests",
                );
            }
            return;
        }
        Architecture::Amd64 => {}
    }
    match given.len() {
        0 => faults.required(
            &path,
            "must say how the guest is protected: give one of sev, snp and tdx",
        ),
        1 => {}
        _ => faults.invalid(&path, "protects one way only: keep one of sev, snp and tdx"),
    }
    for (kind, _, gate) in given {
        context.needs(faults, &path.field(kind), *gate);
    }
    firmware(faults, context, security);
    attestation(faults, context, &path, security);
    let interfaces = &context.spec.domain.devices.interfaces;
    for (index, _) in interfaces
        .iter()
        .enumerate()
        .filter(|(_, interface)| interface.boot_order.is_some())
    {
        faults.invalid(
            &context
                .devices()
                .field("interfaces")
                .index(index)
                .field("bootOrder"),
            "a protected guest does not boot from the network: take it out",
        );
    }
}

fn firmware(faults: &mut Faults, context: &Context<'_>, security: &LaunchSecurity) {
    let domain = &context.spec.domain;
    let path = context.domain();
    let loader = path.field("firmware").field("bootloader");
    let efi = domain
        .firmware
        .as_ref()
        .and_then(|firmware| firmware.bootloader.as_ref())
        .and_then(|loader| loader.efi.as_ref());
    match efi {
        None => faults.required(
            &loader.field("efi"),
            "launchSecurity needs EFI: set firmware.bootloader.efi, with secureBoot: false for sev and snp",
        ),
        Some(efi)
            if efi.secure_boot != Some(false)
                && (security.sev.is_some() || security.snp.is_some()) =>
        {
            faults.invalid(
                &loader.field("efi").field("secureBoot"),
                "sev and snp guests have no secure boot, which is the default: set it to false",
            );
        }
        Some(_) => {}
    }
    let smm = domain
        .features
        .as_ref()
        .and_then(|features| features.smm.as_ref());
    if security.tdx.is_some() && FeatureState::is_on(smm) {
        faults.invalid(
            &path.field("features").field("smm"),
            "tdx guests have no system management mode: set enabled to false",
        );
    }
}

fn attestation(faults: &mut Faults, context: &Context<'_>, path: &Path, security: &LaunchSecurity) {
    let attested = security
        .sev
        .as_ref()
        .is_some_and(|sev| sev.attestation.is_some());
    if attested && context.spec.start_strategy.as_deref() != Some("Paused") {
        faults.invalid(
            &path.field("sev").field("attestation"),
            "a guest is measured before it runs: set startStrategy to Paused",
        );
    }
}
