//! The settings of the installation, followed while they change.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::StreamExt;
use kube::core::{ApiResource, DynamicObject};
use kube::runtime::watcher::Event;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client, Resource, ResourceExt};
use kubevirt_api::KubeVirt;
use kubevirt_core::config::ClusterConfig;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::decode::decode;
use crate::logging::Verbosity;
use crate::watching::{Reconnect, strip};

/// The KubeVirt object of the install namespace and what follows from it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ConfigWatch {
    config: watch::Receiver<Arc<ClusterConfig>>,
    object: watch::Receiver<Observed>,
}

#[derive(Clone, Debug, Default)]
struct Observed {
    synced: bool,
    object: Option<Arc<KubeVirt>>,
}

impl ConfigWatch {
    /// Watches the KubeVirt objects of `namespace` until `shutdown`. Of several the oldest counts. Needs `list` and
    /// `watch` on `kubevirts`.
    #[must_use]
    pub fn start(client: Client, namespace: &str, shutdown: CancellationToken) -> Self {
        let (config_sender, config) = watch::channel(Arc::new(ClusterConfig::default()));
        let (object_sender, object) = watch::channel(Observed::default());
        let resource = ApiResource::erase::<KubeVirt>(&());
        let api: Api<DynamicObject> = Api::namespaced_with(client, namespace, &resource);
        tokio::spawn(async move {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = follow(api, &config_sender, &object_sender) => {}
            }
        });
        Self { config, object }
    }

    /// A configuration that never changes: for tests.
    #[must_use]
    pub fn fixed(object: KubeVirt) -> Self {
        let (_, config) = watch::channel(Arc::new(ClusterConfig::from(Some(&object))));
        let (_, object) = watch::channel(Observed {
            synced: true,
            object: Some(Arc::new(object)),
        });
        Self { config, object }
    }

    /// The configuration: the defaults before the first answer and without a KubeVirt object. Changes only when what it
    /// says changes.
    #[must_use]
    pub fn receiver(&self) -> watch::Receiver<Arc<ClusterConfig>> {
        self.config.clone()
    }

    /// The configuration of the moment.
    #[must_use]
    pub fn current(&self) -> Arc<ClusterConfig> {
        self.config.borrow().clone()
    }

    /// The KubeVirt object of the moment.
    #[must_use]
    pub fn object(&self) -> Option<Arc<KubeVirt>> {
        self.object.borrow().object.clone()
    }

    /// Waits for the first answer; false when the watch ended without one.
    pub async fn synced(&self) -> bool {
        self.object
            .clone()
            .wait_for(|observed| observed.synced)
            .await
            .is_ok()
    }

    /// Keeps the log verbosity as the configuration says. `of` picks the component's number.
    pub fn drive_verbosity(
        &self,
        verbosity: Verbosity,
        of: impl Fn(&ClusterConfig) -> u32 + Send + 'static,
    ) {
        let watch = self.clone();
        tokio::spawn(async move {
            if !watch.synced().await {
                return;
            }
            let mut config = watch.receiver();
            let mut last = None;
            loop {
                let wanted = of(&config.borrow_and_update());
                if last != Some(wanted) {
                    verbosity.set(wanted);
                    last = Some(wanted);
                }
                if config.changed().await.is_err() {
                    return;
                }
            }
        });
    }
}

/// Ends only when whoever wanted to know is gone.
async fn follow(
    api: Api<DynamicObject>,
    config: &watch::Sender<Arc<ClusterConfig>>,
    current: &watch::Sender<Observed>,
) {
    let stream = watcher(api, watcher::Config::default()).backoff(Reconnect::default());
    futures::pin_mut!(stream);
    let mut known: BTreeMap<String, KubeVirt> = BTreeMap::new();
    let mut listed: BTreeMap<String, KubeVirt> = BTreeMap::new();
    while let Some(event) = stream.next().await {
        match event {
            Ok(Event::Init) => {
                listed.clear();
                continue;
            }
            Ok(Event::InitApply(object)) => {
                if let Some((name, object)) = read(object, &known) {
                    listed.insert(name, object);
                }
                continue;
            }
            Ok(Event::InitDone) => known = std::mem::take(&mut listed),
            Ok(Event::Apply(object)) => {
                if let Some((name, object)) = read(object, &known) {
                    known.insert(name, object);
                }
            }
            Ok(Event::Delete(object)) => drop(known.remove(&object.name_any())),
            Err(error) => {
                tracing::warn!(%error, "watch of the KubeVirt object interrupted, trying again");
                continue;
            }
        }
        let oldest = oldest(&known);
        let new = ClusterConfig::from(oldest);
        config.send_if_modified(|old| {
            let changed = **old != new;
            if changed {
                tracing::info!("configuration changed");
                *old = Arc::new(new);
            }
            changed
        });
        current.send_replace(Observed {
            synced: true,
            object: oldest.cloned().map(Arc::new),
        });
    }
}

/// The object and its name. Of one that does not fit the types, which is told, what is known already stays.
fn read(
    mut object: DynamicObject,
    known: &BTreeMap<String, KubeVirt>,
) -> Option<(String, KubeVirt)> {
    strip(object.meta_mut());
    let name = object.name_any();
    let read = serde_json::to_value(object)
        .map_err(|error| error.to_string())
        .and_then(|object| decode(&object).map_err(|error| error.to_string()));
    let object = match read {
        Ok(object) => Some(object),
        Err(error) => {
            tracing::warn!(
                name,
                error,
                "the KubeVirt object does not fit the schema and is not followed"
            );
            known.get(&name).cloned()
        }
    };
    object.map(|object| (name, object))
}

fn oldest(known: &BTreeMap<String, KubeVirt>) -> Option<&KubeVirt> {
    known.values().min_by_key(|object| {
        let created = object
            .metadata
            .creation_timestamp
            .as_ref()
            .map(|time| time.0);
        (created, object.name_any())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubevirt_api::KubeVirtSpec;

    #[test]
    fn settings_that_cannot_be_read_leave_the_last_ones() {
        let object = |tag: serde_json::Value| -> DynamicObject {
            serde_json::from_value(serde_json::json!({
                "apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": { "name": "a" },
                "spec": { "imageTag": tag },
            }))
            .unwrap()
        };
        let none = BTreeMap::new();
        let known = BTreeMap::from_iter(read(object("v1".into()), &none));
        assert_eq!(known["a"].spec.image_tag.as_deref(), Some("v1"));
        assert_eq!(read(object(7.into()), &known), known.clone().pop_first());
        assert_eq!(read(object(7.into()), &none), None);
    }

    #[test]
    fn of_several_the_oldest_counts() {
        let object = |name: &str, second: i64| {
            let mut object = KubeVirt::new(name, KubeVirtSpec::default());
            let time = jiff::Timestamp::from_second(second).unwrap();
            object.metadata.creation_timestamp =
                Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(time));
            (name.to_owned(), object)
        };
        let known = BTreeMap::from([object("a", 20), object("b", 10), object("c", 30)]);
        assert_eq!(oldest(&known).unwrap().name_any(), "b");
        assert!(oldest(&BTreeMap::new()).is_none());
    }
}
