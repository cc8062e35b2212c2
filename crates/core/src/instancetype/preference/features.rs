//! Preferred features.

use kubevirt_api::{DomainSpec, FeatureHyperv, FeaturePreferences};

use super::prefer;

pub(super) fn apply(domain: &mut DomainSpec, preferred: &FeaturePreferences) {
    let features = domain.features.get_or_insert_default();
    if preferred.preferred_acpi.is_some() {
        // Alone among the preferences it counts more than what the template says.
        features.acpi.clone_from(&preferred.preferred_acpi);
    }
    prefer(&mut features.apic, &preferred.preferred_apic);
    prefer(&mut features.kvm, &preferred.preferred_kvm);
    prefer(&mut features.pvspinlock, &preferred.preferred_pvspinlock);
    prefer(&mut features.smm, &preferred.preferred_smm);
    if let Some(preferred) = &preferred.preferred_hyperv {
        hyperv(features.hyperv.get_or_insert_default(), preferred);
    }
}

fn hyperv(said: &mut FeatureHyperv, preferred: &FeatureHyperv) {
    prefer(&mut said.relaxed, &preferred.relaxed);
    prefer(&mut said.vapic, &preferred.vapic);
    prefer(&mut said.spinlocks, &preferred.spinlocks);
    prefer(&mut said.vpindex, &preferred.vpindex);
    prefer(&mut said.runtime, &preferred.runtime);
    prefer(&mut said.synic, &preferred.synic);
    prefer(&mut said.synictimer, &preferred.synictimer);
    prefer(&mut said.reset, &preferred.reset);
    prefer(&mut said.vendorid, &preferred.vendorid);
    prefer(&mut said.frequencies, &preferred.frequencies);
    prefer(&mut said.reenlightenment, &preferred.reenlightenment);
    prefer(&mut said.tlbflush, &preferred.tlbflush);
    prefer(&mut said.ipi, &preferred.ipi);
    prefer(&mut said.evmcs, &preferred.evmcs);
}
