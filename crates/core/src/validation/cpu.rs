//! Processors and their features.

use std::collections::BTreeSet;

use kubevirt_api::{CPU, FeatureHyperv, FeatureState};

use super::{Faults, text, vmi::Context};
use crate::{config::Architecture, overhead::virtual_processors};

/// Most virtual processors of a guest.
const MOST_PROCESSORS: u32 = 512;
/// Most characters of the vendor that Hyper-V claims to be from.
const MOST_VENDOR_CHARACTERS: usize = 12;
/// Fewest spin lock attempts that Hyper-V's interface has.
const LEAST_SPINLOCKS: u32 = 4095;

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    let path = context.domain().field("cpu");
    let count = virtual_processors(context.spec);
    if count > MOST_PROCESSORS {
        faults.invalid(
            &path,
            format!("{count} processors are more than a guest can have: sockets x cores x threads must be at most {MOST_PROCESSORS}"),
        );
    }
    if let Some(cpu) = &context.spec.domain.cpu {
        model(faults, context, cpu);
        features(faults, context, cpu);
    }
    if let Some(hyperv) = context
        .spec
        .domain
        .features
        .as_ref()
        .and_then(|features| features.hyperv.as_ref())
    {
        hyperv_features(faults, context, hyperv);
        let passthrough = context
            .spec
            .domain
            .features
            .as_ref()
            .and_then(|features| features.hyperv_passthrough.as_ref());
        if passthrough.is_some_and(|passthrough| passthrough.enabled != Some(false)) {
            faults.invalid(
                &context
                    .domain()
                    .field("features")
                    .field("hypervPassthrough"),
                "passes on all that the node has, so that hyperv has nothing to choose: take one of the two out",
            );
        }
    }
}

fn model(faults: &mut Faults, context: &Context<'_>, cpu: &CPU) {
    let path = context.domain().field("cpu").field("model");
    let model = cpu.model.as_deref().unwrap_or_default();
    if context.architecture == Architecture::Arm64 && model != "host-passthrough" {
        faults.not_supported(
            &path,
            format!("{model:?} is not supported on arm64: use host-passthrough"),
        );
    } else if !text::is_label_value(model) {
        faults.invalid(
            &path,
            format!("{model:?} cannot be a processor model: write host-model, host-passthrough or a name of letters, digits, dots, - and _"),
        );
    }
}

fn features(faults: &mut Faults, context: &Context<'_>, cpu: &CPU) {
    let mut seen = BTreeSet::new();
    for (index, feature) in cpu.features.iter().enumerate() {
        let path = context.domain().field("cpu").field("features").index(index);
        let allowed = ["", "force", "require", "optional", "disable", "forbid"];
        faults.one_of(&path.field("policy"), feature.policy.as_deref(), &allowed);
        if !text::is_label_value(&feature.name) {
            faults.invalid(
                &path.field("name"),
                format!(
                    "{:?} cannot be a processor feature: write a name such as vmx",
                    feature.name
                ),
            );
        } else if !seen.insert(&feature.name) {
            faults.duplicate(
                &path.field("name"),
                format!("{:?} is given twice: take one of them out", feature.name),
            );
        }
    }
}

/// Defaults switch on what is needed and not named; what is named and off cannot work.
fn hyperv_features(faults: &mut Faults, context: &Context<'_>, hyperv: &FeatureHyperv) {
    let path = context.domain().field("features").field("hyperv");
    let on = |state: &Option<FeatureState>| FeatureState::is_on(state.as_ref());
    let synictimer = hyperv
        .synictimer
        .as_ref()
        .is_some_and(|timer| timer.enabled != Some(false));
    let tlbflush = hyperv
        .tlbflush
        .as_ref()
        .is_some_and(|flush| flush.enabled != Some(false));
    let needs = [
        ("synictimer", synictimer, "synic", on(&hyperv.synic)),
        ("synic", on(&hyperv.synic), "vpindex", on(&hyperv.vpindex)),
        ("tlbflush", tlbflush, "vpindex", on(&hyperv.vpindex)),
        ("ipi", on(&hyperv.ipi), "vpindex", on(&hyperv.vpindex)),
        ("evmcs", on(&hyperv.evmcs), "vapic", on(&hyperv.vapic)),
    ];
    for (feature, is_on, needed, is_there) in needs {
        if is_on && !is_there {
            faults.invalid(
                &path.field(feature),
                format!("needs {needed}, which is off: take {needed} out or set {needed}.enabled to true"),
            );
        }
    }
    if let Some(vendor) = hyperv
        .vendorid
        .as_ref()
        .filter(|vendor| vendor.enabled != Some(false))
    {
        let name = vendor.vendorid.as_deref().unwrap_or_default();
        if name.is_empty() || name.len() > MOST_VENDOR_CHARACTERS || name.contains(',') {
            faults.invalid(
                &path.field("vendorid").field("vendorid"),
                format!("{name:?} cannot be a vendor: write 1 to {MOST_VENDOR_CHARACTERS} characters without a comma"),
            );
        }
    }
    let attempts = hyperv
        .spinlocks
        .as_ref()
        .filter(|spinlocks| spinlocks.enabled != Some(false));
    if let Some(attempts) = attempts
        .and_then(|s| s.spinlocks)
        .filter(|attempts| *attempts < LEAST_SPINLOCKS)
    {
        faults.invalid(
            &path.field("spinlocks").field("spinlocks"),
            format!(
                "{attempts} attempts are too few: set at least {LEAST_SPINLOCKS}, or leave it out"
            ),
        );
    }
}
