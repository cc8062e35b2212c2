//! What Windows guests know from Hyper-V.

use kubevirt_api::FeatureHyperv;

use crate::features::{enabled, state};
use crate::xml::Element;

/// Attempts before a waiting processor tells the host, unless the spec says.
const SPINLOCK_RETRIES: u32 = 4096;

pub(crate) fn hyperv(spec: &FeatureHyperv) -> Element {
    let plain = [
        ("relaxed", &spec.relaxed),
        ("vapic", &spec.vapic),
        ("vpindex", &spec.vpindex),
        ("runtime", &spec.runtime),
        ("synic", &spec.synic),
        ("reset", &spec.reset),
        ("frequencies", &spec.frequencies),
        ("reenlightenment", &spec.reenlightenment),
        ("ipi", &spec.ipi),
        ("evmcs", &spec.evmcs),
    ];
    let mut hyperv = Element::new("hyperv");
    for (name, feature) in plain {
        hyperv = hyperv.children(
            feature
                .as_ref()
                .map(|feature| state(name, enabled(feature))),
        );
    }
    if let Some(spinlocks) = &spec.spinlocks {
        let on = spinlocks.enabled != Some(false);
        let retries = on.then(|| spinlocks.spinlocks.unwrap_or(SPINLOCK_RETRIES));
        hyperv = hyperv.child(state("spinlocks", on).optional("retries", retries));
    }
    if let Some(timer) = &spec.synictimer {
        let direct = timer
            .direct
            .as_ref()
            .map(|direct| state("direct", enabled(direct)));
        hyperv = hyperv.child(state("stimer", timer.enabled != Some(false)).children(direct));
    }
    if let Some(flush) = &spec.tlbflush {
        let direct = flush
            .direct
            .as_ref()
            .map(|direct| state("direct", enabled(direct)));
        let extended = flush
            .extended
            .as_ref()
            .map(|extended| state("extended", enabled(extended)));
        hyperv = hyperv.child(
            state("tlbflush", flush.enabled != Some(false))
                .children(direct)
                .children(extended),
        );
    }
    if let Some(vendor) = &spec.vendorid {
        let on = vendor.enabled != Some(false);
        let value = vendor.vendorid.as_ref().filter(|_| on);
        hyperv = hyperv.child(state("vendor_id", on).optional("value", value));
    }
    hyperv
}
