//! Changes of guests while they run.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kubevirt_api::KubeVirtConfiguration;

/// How many times its size a guest can grow to.
const DEFAULT_RATIO: u32 = 4;

/// How far guests can grow while they run.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveUpdate {
    /// Changes of a VirtualMachine act on the running guest where they can (`vmRolloutStrategy`).
    pub enabled: bool,
    /// How many times its size a guest can grow to, at least 1.
    pub max_hotplug_ratio: u32,
    /// Most sockets of guests that say none; none: it follows from the ratio.
    pub max_cpu_sockets: Option<u32>,
    /// Most memory of guests that say none; none: it follows from the ratio.
    pub max_guest: Option<Quantity>,
}

impl LiveUpdate {
    pub(super) fn new(configuration: &KubeVirtConfiguration) -> Self {
        let given = configuration
            .live_update_configuration
            .clone()
            .unwrap_or_default();
        Self {
            enabled: configuration.vm_rollout_strategy.as_deref() != Some("Stage"),
            max_hotplug_ratio: given
                .max_hotplug_ratio
                .filter(|ratio| *ratio > 0)
                .unwrap_or(DEFAULT_RATIO),
            max_cpu_sockets: given.max_cpu_sockets.filter(|sockets| *sockets > 0),
            max_guest: given.max_guest,
        }
    }
}
