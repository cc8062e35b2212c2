//! Plain words for a pod that no node takes.

use super::Observed;

/// The scheduler's message, with the cause and the remedy before it where they are known.
pub(super) fn message(scheduler: &str, observed: &Observed<'_>) -> String {
    let cause = if observed.cluster.schedulable_nodes == 0 {
        "no node runs a working virt-handler (label kubevirt.io/schedulable=true): look at the virt-handler pods"
    } else if !observed.config.use_emulation && observed.cluster.kvm_nodes == 0 {
        "no node offers devices.kubevirt.io/kvm: enable hardware virtualization or set \
         spec.configuration.developerConfiguration.useEmulation, then start again"
    } else {
        return scheduler.to_owned();
    };
    format!("{cause} (scheduler: {scheduler})")
}
