//! What virt-handler takes from the KubeVirt object, live.

use std::collections::BTreeMap;

use kubevirt_api::{KubeVirt, KubeVirtConfiguration};
use kubevirt_core::config::ClusterConfig;
use kubevirt_runtime::CancellationToken;
use kubevirt_runtime::watching::{self, Observed};
use tokio::sync::watch;

/// The name of the KubeVirt object in the install namespace.
const NAME: &str = "kubevirt";
/// The settings.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// With defaults filled in.
    pub(crate) cluster: ClusterConfig,
    /// The object's `spec.configuration` as it is.
    pub(crate) configuration: KubeVirtConfiguration,
}

impl Settings {
    /// From the object, or the defaults when there is none.
    fn new(object: Option<&KubeVirt>) -> Self {
        let configuration = object
            .and_then(|object| object.spec.configuration.clone())
            .unwrap_or_default();
        Self {
            cluster: ClusterConfig::new(object),
            configuration,
        }
    }

    /// Whether guests may run without hardware virtualization.
    pub(crate) fn use_emulation(&self) -> bool {
        self.cluster.use_emulation
    }

    /// Verbosity of virt-handler's log, 0 to 9.
    pub(crate) fn verbosity(&self) -> u32 {
        self.cluster.log_verbosity.virt_handler
    }

    /// CPU models that are not offered, when the set is configured.
    pub(crate) fn obsolete_cpu_models(&self) -> &BTreeMap<String, bool> {
        &self.cluster.obsolete_cpu_models
    }
}

/// Follows the KubeVirt object of `namespace`. While there is none, the defaults hold.
pub(crate) fn follow(
    client: kube::Client,
    namespace: &str,
    shutdown: CancellationToken,
) -> watch::Receiver<Settings> {
    let mut objects = watching::object::<KubeVirt>(client, namespace, NAME, shutdown);
    let (sender, receiver) = watch::channel(Settings::new(None));
    tokio::spawn(async move {
        loop {
            let settings = match &*objects.borrow_and_update() {
                Observed::Unknown => None,
                Observed::Absent => Some(Settings::new(None)),
                Observed::Present(object) => Some(Settings::new(Some(object))),
            };
            if let Some(settings) = settings {
                sender.send_if_modified(|current| {
                    let changed = *current != settings;
                    *current = settings;
                    changed
                });
            }
            if objects.changed().await.is_err() {
                return;
            }
        }
    });
    receiver
}
