//! Features of the processor and the machine that can be switched.

use kubevirt_api::{FeatureState, Features};

use crate::Error;
use crate::context::{Context, acpi_enabled};
use crate::hyperv::hyperv;
use crate::xml::Element;

pub(crate) fn features(context: &Context<'_>) -> Result<Element, Error> {
    let given = Features::default();
    let spec = context.domain().features.as_ref().unwrap_or(&given);
    let mut features = Element::new("features");
    if acpi_enabled(context.vmi) {
        features = features.child(Element::new("acpi"));
    }
    if let Some(apic) = spec
        .apic
        .as_ref()
        .filter(|apic| apic.enabled != Some(false))
    {
        features =
            features.child(Element::new("apic").optional("eoi", apic.end_of_interrupt.map(on_off)));
    }
    if let Some(hyper) = &spec.hyperv {
        let element = hyperv(hyper);
        if !element.is_empty() {
            if context.environment.emulation {
                return Err(Error::new(
                    "spec.domain.features.hyperv",
                    "needs hardware virtualization, which this node does not have; remove it or choose another node",
                ));
            }
            features = features.child(element);
        }
    }
    if let Some(hidden) = spec.kvm.as_ref().and_then(|kvm| kvm.hidden) {
        features = features.child(Element::new("kvm").child(state("hidden", hidden)));
    }
    if let Some(pvspinlock) = &spec.pvspinlock {
        features = features.child(state("pvspinlock", enabled(pvspinlock)));
    }
    // Secure Boot keeps its variables from the guest by system management mode.
    if spec.smm.as_ref().is_some_and(enabled) || context.secure_boot() {
        features = features.child(state("smm", true));
    }
    features = features.child(state("vmport", false));
    if context.environment.emulation {
        let cache = Element::new("tb-cache")
            .attribute("unit", "MiB")
            .text(context.environment.translation_cache_mib);
        features = features.child(Element::new("tcg").child(cache));
    }
    Ok(features)
}

/// An element with a state.
pub(crate) fn state(name: &'static str, on: bool) -> Element {
    Element::new(name).attribute("state", on_off(on))
}

/// A feature that is given is on unless it says otherwise.
pub(crate) fn enabled(feature: &FeatureState) -> bool {
    feature.enabled != Some(false)
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
