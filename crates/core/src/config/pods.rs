//! What launcher pods are like.

use std::collections::BTreeMap;

use kubevirt_api::{DeveloperConfiguration, KubeVirtConfiguration};

use super::{Features, Gate, given};

/// What launcher pods that are made from now on are like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pods {
    /// Their RuntimeClass; none: the node's default runtime.
    pub runtime_class: Option<String>,
    /// SELinux type of their containers; none: the one that the container runtime gives.
    pub selinux_type: Option<String>,
    /// System calls that they may make: a file below the directory of kubelet's profiles; none: the profile of the
    /// container runtime.
    pub seccomp_profile: Option<String>,
    /// Labels of nodes that they may run on, beside what the guest asks for.
    pub node_selectors: BTreeMap<String, String>,
}

impl Pods {
    pub(super) fn new(
        configuration: &KubeVirtConfiguration,
        developer: &DeveloperConfiguration,
        features: &Features,
    ) -> Self {
        let text = |text: Option<&str>| given(text).map(str::to_owned);
        let profile = configuration
            .seccomp_configuration
            .as_ref()
            .and_then(|settings| settings.virtual_machine_instance_profile.as_ref())
            .and_then(|profile| profile.custom_profile.as_ref())
            .filter(|profile| profile.runtime_default_profile != Some(true))
            .filter(|_| features.is_on(Gate::KubevirtSeccompProfile));
        Self {
            runtime_class: text(configuration.default_runtime_class.as_deref()),
            selinux_type: text(configuration.selinux_launcher_type.as_deref()),
            seccomp_profile: text(profile.and_then(|profile| profile.localhost_profile.as_deref())),
            node_selectors: developer.node_selectors.clone(),
        }
    }
}
