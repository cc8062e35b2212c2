//! Watches of single objects, and what keeps caches small.

use std::fmt::Debug;
use std::sync::Arc;

use futures::StreamExt;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

mod reconnect;

pub use reconnect::Reconnect;

/// What is known about a watched object.
#[derive(Debug)]
pub enum Observed<K> {
    /// The first answer is not there yet.
    Unknown,
    /// It does not exist.
    Absent,
    /// It exists.
    Present(Arc<K>),
}

impl<K> Clone for Observed<K> {
    fn clone(&self) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::Absent => Self::Absent,
            Self::Present(object) => Self::Present(object.clone()),
        }
    }
}

impl<K> Observed<K> {
    /// The object, if it exists as far as is known.
    #[must_use]
    pub fn object(&self) -> Option<&Arc<K>> {
        match self {
            Self::Present(object) => Some(object),
            Self::Unknown | Self::Absent => None,
        }
    }
}

/// Drops what no part of ours reads but every object carries: managedFields and the applied manifest that kubectl
/// leaves, which together are often most of an object. Call it on each object before it goes into a cache. Objects so
/// stripped must never be written back as a whole; patch them.
pub fn strip(metadata: &mut ObjectMeta) {
    metadata.managed_fields = None;
    if let Some(annotations) = &mut metadata.annotations {
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    }
}

/// Watches one namespaced object by name (field selector `metadata.name`: RBAC may name the object) until `shutdown`.
/// Errors are logged and retried with back-off for ever; the last known state stays meanwhile.
pub fn object<K>(
    client: Client,
    namespace: &str,
    name: &str,
    shutdown: CancellationToken,
) -> watch::Receiver<Observed<K>>
where
    K: Resource<Scope = NamespaceResourceScope>
        + Clone
        + DeserializeOwned
        + Debug
        + Send
        + Sync
        + 'static,
    K::DynamicType: Default,
{
    follow(Api::namespaced(client, namespace), name, shutdown)
}

/// As [`object`] with the `Api` given, for objects outside namespaces.
pub fn follow<K>(
    api: Api<K>,
    name: &str,
    shutdown: CancellationToken,
) -> watch::Receiver<Observed<K>>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
{
    let (sender, receiver) = watch::channel(Observed::<K>::Unknown);
    let name = name.to_owned();
    tokio::spawn(async move {
        let stream = watcher::watch_object(api, &name).backoff(Reconnect::default());
        futures::pin_mut!(stream);
        loop {
            let event = tokio::select! {
                () = shutdown.cancelled() => return,
                () = sender.closed() => return,
                event = stream.next() => event,
            };
            match event {
                Some(Ok(Some(mut object))) => {
                    strip(object.meta_mut());
                    sender.send_if_modified(|observed| {
                        let same = observed
                            .object()
                            .is_some_and(|old| same_version(old.as_ref(), &object));
                        if !same {
                            *observed = Observed::Present(Arc::new(object));
                        }
                        !same
                    });
                }
                Some(Ok(None)) => {
                    sender.send_if_modified(|observed| {
                        let changed = !matches!(observed, Observed::Absent);
                        *observed = Observed::Absent;
                        changed
                    });
                }
                Some(Err(error)) => {
                    tracing::warn!(%error, object = %name, "watch interrupted, trying again")
                }
                None => return,
            }
        }
    });
    receiver
}

/// A watch that starts again repeats what is known already.
fn same_version<K: ResourceExt>(left: &K, right: &K) -> bool {
    left.resource_version().is_some()
        && left.resource_version() == right.resource_version()
        && left.uid() == right.uid()
}
