//! Names, machine, firmware, clock and how the guest starts and ends.

use kubevirt_api::FeatureState;

use super::{Faults, text, vmi::Context};
use crate::config::{Architecture, machine_type_matches};

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    names(faults, context);
    life(faults, context);
    machine(faults, context);
    firmware(faults, context);
    clock(faults, context);
    let path = context.domain().field("ioThreadsPolicy");
    faults.one_of(
        &path,
        context.spec.domain.io_threads_policy.as_deref(),
        &["", "shared", "auto"],
    );
}

fn names(faults: &mut Faults, context: &Context<'_>) {
    if let Some(name) = context
        .spec
        .hostname
        .as_deref()
        .filter(|name| !name.is_empty() && !text::is_dns_label(name))
    {
        faults.invalid(
            &context.path.field("hostname"),
            format!("{name:?} is not a DNS label: use {}", text::DNS_LABEL),
        );
    }
    if let Some(name) = context
        .spec
        .subdomain
        .as_deref()
        .filter(|name| !name.is_empty() && !text::is_dns_label(name))
    {
        faults.invalid(
            &context.path.field("subdomain"),
            format!("{name:?} is not a DNS label: use {}", text::DNS_LABEL),
        );
    }
}

fn life(faults: &mut Faults, context: &Context<'_>) {
    faults.one_of(
        &context.path.field("startStrategy"),
        context.spec.start_strategy.as_deref(),
        &["", "Paused"],
    );
    let path = context.path.field("evictionStrategy");
    match context.spec.eviction_strategy.as_deref() {
        Some(strategy @ ("LiveMigrate" | "External")) => faults.not_supported(
            &path,
            format!("{strategy:?} needs live migration, which this version does not have: use None or LiveMigrateIfPossible"),
        ),
        strategy => faults.one_of(&path, strategy, &["None", "LiveMigrateIfPossible"]),
    }
    if context
        .spec
        .termination_grace_period_seconds
        .is_some_and(|seconds| seconds < 0)
    {
        faults.invalid(
            &context.path.field("terminationGracePeriodSeconds"),
            "must not be negative: use 0 to switch the guest off at once",
        );
    }
}

fn machine(faults: &mut Faults, context: &Context<'_>) {
    let machine = context
        .spec
        .domain
        .machine
        .as_ref()
        .map(|machine| machine.type_.as_str())
        .unwrap_or_default();
    let allowed = context.config.emulated_machines(context.architecture);
    if !allowed
        .iter()
        .any(|pattern| machine_type_matches(pattern, machine))
        || !text::is_label_value(machine)
    {
        faults.not_supported(
            &context.domain().field("machine").field("type"),
            format!(
                "{machine:?} is not permitted: use a machine type that matches one of {}",
                allowed.join(", ")
            ),
        );
    }
}

fn firmware(faults: &mut Faults, context: &Context<'_>) {
    let Some(firmware) = &context.spec.domain.firmware else {
        return;
    };
    let path = context.domain().field("firmware");
    if let Some(uuid) = firmware
        .uuid
        .as_deref()
        .filter(|uuid| uuid::Uuid::parse_str(uuid).is_err())
    {
        faults.invalid(
            &path.field("uuid"),
            format!("{uuid:?} is not a UUID: write 32 hexadecimal digits in groups of 8-4-4-4-12, or leave it out"),
        );
    }
    let Some(loader) = &firmware.bootloader else {
        return;
    };
    let path = path.field("bootloader");
    if loader.bios.is_some() && loader.efi.is_some() {
        faults.invalid(&path, "has both bios and efi: take one of them out");
    }
    if loader.bios.is_some() && context.architecture == Architecture::Arm64 {
        faults.not_supported(&path.field("bios"), "arm64 guests have no BIOS: use efi");
    }
    let secure = loader
        .efi
        .as_ref()
        .is_some_and(|efi| efi.secure_boot != Some(false));
    let smm = context
        .spec
        .domain
        .features
        .as_ref()
        .and_then(|features| features.smm.as_ref());
    if secure && !FeatureState::is_on(smm) {
        faults.invalid(
            &path.field("efi").field("secureBoot"),
            "secure boot, the default, needs system management mode: set domain.features.smm.enabled to true, or secureBoot to false",
        );
    }
    if secure && context.architecture == Architecture::Arm64 {
        faults.not_supported(
            &path.field("efi").field("secureBoot"),
            "arm64 guests have no secure boot: set it to false",
        );
    }
}

fn clock(faults: &mut Faults, context: &Context<'_>) {
    let Some(clock) = &context.spec.domain.clock else {
        return;
    };
    let path = context.domain().field("clock");
    if clock.utc.is_some() && clock.timezone.is_some() {
        faults.invalid(&path, "has both utc and timezone: take one of them out");
    }
    let is_zone = |zone: &str| {
        !zone.is_empty()
            && zone.len() <= 64
            && zone
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"/_+-".contains(&c))
    };
    if let Some(zone) = clock.timezone.as_deref().filter(|zone| !is_zone(zone)) {
        faults.invalid(
            &path.field("timezone"),
            format!("{zone:?} is not a time zone: write one such as Europe/Berlin"),
        );
    }
    let Some(timer) = &clock.timer else { return };
    let path = path.field("timer");
    if let Some(rtc) = &timer.rtc {
        let path = path.field("rtc");
        faults.one_of(
            &path.field("tickPolicy"),
            rtc.tick_policy.as_deref(),
            &["", "delay", "catchup"],
        );
        faults.one_of(
            &path.field("track"),
            rtc.track.as_deref(),
            &["", "guest", "wall"],
        );
    }
    if let Some(pit) = &timer.pit {
        let allowed = ["", "delay", "catchup", "discard"];
        faults.one_of(
            &path.field("pit").field("tickPolicy"),
            pit.tick_policy.as_deref(),
            &allowed,
        );
    }
    if let Some(hpet) = &timer.hpet {
        let allowed = ["", "delay", "catchup", "merge", "discard"];
        faults.one_of(
            &path.field("hpet").field("tickPolicy"),
            hpet.tick_policy.as_deref(),
            &allowed,
        );
    }
}
