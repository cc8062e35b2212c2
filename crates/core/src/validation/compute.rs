//! Names, machine, clock, I/O threads and how the guest starts and ends.

use super::{Faults, text, vmi::Context};
use crate::config::{Gate, machine_type_matches};

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    names(faults, context);
    life(faults, context);
    machine(faults, context);
    clock(faults, context);
    io_threads(faults, context);
}

fn io_threads(faults: &mut Faults, context: &Context<'_>) {
    let domain = &context.spec.domain;
    let policy = domain.io_threads_policy.as_deref();
    faults.one_of(
        &context.domain().field("ioThreadsPolicy"),
        policy,
        &["", "shared", "auto", "supplementalPool"],
    );
    let count = domain
        .io_threads
        .as_ref()
        .and_then(|threads| threads.supplemental_pool_thread_count);
    if policy == Some("supplementalPool") && count.unwrap_or(0) == 0 {
        faults.required(
            &context
                .domain()
                .field("ioThreads")
                .field("supplementalPoolThreadCount"),
            "a pool of I/O threads needs a size: set it to at least 1, or take another ioThreadsPolicy",
        );
    }
}

/// A pod's subdomain is a single label too: with dots in it, no pod could be made.
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
    faults.one_of(
        &context.path.field("evictionStrategy"),
        context.spec.eviction_strategy.as_deref(),
        &["None", "LiveMigrate", "LiveMigrateIfPossible", "External"],
    );
    if context.spec.start_strategy.as_deref() == Some("Paused")
        && context.spec.liveness_probe.is_some()
    {
        faults.invalid(
            &context.path.field("startStrategy"),
            "a guest that starts paused fails its livenessProbe: take one of the two out",
        );
    }
    let path = context.domain().field("rebootPolicy");
    let policy = context.spec.domain.reboot_policy.as_deref();
    if policy.is_some() {
        context.needs(faults, &path, Gate::RebootPolicy);
    }
    faults.one_of(&path, policy, &["Reboot", "Terminate"]);
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

fn clock(faults: &mut Faults, context: &Context<'_>) {
    let Some(clock) = &context.spec.domain.clock else {
        return;
    };
    let path = context.domain().field("clock");
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
