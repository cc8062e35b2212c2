//! Features of Hyper-V that need others, which are then switched on.

use kubevirt_api::{CPUFeature, DomainSpec, FeatureHyperv, FeatureState};

/// Switches on what the features that are on need and that is not named. What is named and off stays off; validation
/// refuses that.
pub(super) fn dependencies(domain: &mut DomainSpec) {
    let Some(hyperv) = domain
        .features
        .as_mut()
        .and_then(|features| features.hyperv.as_mut())
    else {
        return;
    };
    let needs = Needs::of(hyperv);
    let on = || FeatureState {
        enabled: Some(true),
    };
    if needs.synic {
        hyperv.synic.get_or_insert_with(on);
    }
    if needs.vpindex {
        hyperv.vpindex.get_or_insert_with(on);
    }
    if needs.vapic {
        hyperv.vapic.get_or_insert_with(on);
    }
    if needs.vmx {
        let features = &mut domain.cpu.get_or_insert_default().features;
        if !features.iter().any(|feature| feature.name == "vmx") {
            features.push(CPUFeature {
                name: "vmx".to_owned(),
                policy: Some("require".to_owned()),
            });
        }
    }
}

/// What the features that are on need.
struct Needs {
    synic: bool,
    vpindex: bool,
    vapic: bool,
    vmx: bool,
}

impl Needs {
    fn of(hyperv: &FeatureHyperv) -> Self {
        let on = |state: &Option<FeatureState>| FeatureState::is_on(state.as_ref());
        let synic = hyperv
            .synictimer
            .as_ref()
            .is_some_and(|timer| timer.enabled != Some(false));
        let flush = hyperv
            .tlbflush
            .as_ref()
            .is_some_and(|flush| flush.enabled != Some(false));
        let evmcs = on(&hyperv.evmcs);
        Self {
            synic,
            vpindex: synic || flush || on(&hyperv.synic) || on(&hyperv.ipi),
            vapic: evmcs,
            vmx: evmcs,
        }
    }
}
