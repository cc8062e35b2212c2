//! The VirtualMachineInstancePresets of all namespaces, followed while they change: making an instance must not wait for a
//! listing.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use futures::StreamExt;
use kube::core::{ApiResource, DynamicObject};
use kube::runtime::watcher::Event;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client, ResourceExt};
use kubevirt_api::VirtualMachineInstancePreset;
use kubevirt_runtime::CancellationToken;
use kubevirt_runtime::decode::decode;
use kubevirt_runtime::watching::{Reconnect, strip};
use tokio::sync::watch;

/// Presets by namespace and name.
type Known = BTreeMap<String, BTreeMap<String, VirtualMachineInstancePreset>>;

/// What is known of the presets. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Presets {
    known: Arc<RwLock<Known>>,
}

impl Presets {
    /// Watches the presets until `shutdown`. The receiver turns true with the first complete listing. Needs `list` and
    /// `watch` on `virtualmachineinstancepresets`.
    pub(crate) fn start(
        client: Client,
        shutdown: CancellationToken,
    ) -> (Self, watch::Receiver<bool>) {
        let presets = Self::default();
        let (sender, listed) = watch::channel(false);
        let follower = presets.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = follower.follow(client, &sender) => {}
            }
        });
        (presets, listed)
    }

    /// The presets of a namespace.
    pub(crate) fn of(&self, namespace: &str) -> Vec<VirtualMachineInstancePreset> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .get(namespace)
            .map(|presets| presets.values().cloned().collect())
            .unwrap_or_default()
    }

    async fn follow(&self, client: Client, listed: &watch::Sender<bool>) {
        let resource = ApiResource::erase::<VirtualMachineInstancePreset>(&());
        let api: Api<DynamicObject> = Api::all_with(client, &resource);
        let stream = watcher(api, watcher::Config::default()).backoff(Reconnect::default());
        futures::pin_mut!(stream);
        let mut listing = Known::new();
        while let Some(event) = stream.next().await {
            match event {
                Ok(Event::Init) => listing.clear(),
                Ok(Event::InitApply(object)) => put(&mut listing, object),
                Ok(Event::InitDone) => {
                    self.change(|known| *known = std::mem::take(&mut listing));
                    listed.send_replace(true);
                }
                Ok(Event::Apply(object)) => self.change(|known| put(known, object)),
                Ok(Event::Delete(object)) => self.change(|known| take(known, &object)),
                Err(error) => {
                    tracing::warn!(%error, "watch of presets interrupted, trying again");
                }
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Presets that never change: for tests.
    #[cfg(test)]
    pub(crate) fn fixed(objects: Vec<DynamicObject>) -> Self {
        let presets = Self::default();
        presets.change(|known| objects.into_iter().for_each(|object| put(known, object)));
        presets
    }
}

/// Each is read by itself: one that does not fit the schema does not hide the others.
fn put(known: &mut Known, mut object: DynamicObject) {
    strip(&mut object.metadata);
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let typed = serde_json::to_value(&object)
        .map_err(|error| error.to_string())
        .and_then(|object| decode(&object).map_err(|error| error.to_string()));
    match typed {
        Ok(preset) => {
            known.entry(namespace).or_default().insert(name, preset);
        }
        Err(error) => {
            tracing::warn!(namespace, name, %error, "a preset does not fit the schema and is left out");
        }
    }
}

fn take(known: &mut Known, object: &DynamicObject) {
    let namespace = object.namespace().unwrap_or_default();
    if let Some(presets) = known.get_mut(&namespace) {
        presets.remove(&object.name_any());
        if presets.is_empty() {
            known.remove(&namespace);
        }
    }
}
