//! The watches that fill the caches.

use std::fmt::Debug;
use std::sync::Arc;

use futures::StreamExt;
use k8s_openapi::api::core::v1::{Node, PersistentVolumeClaim, Pod};
use kube::core::{ApiResource, DynamicObject};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Resource, ResourceExt};
use kubevirt_api::names::label;
use kubevirt_api::{VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet};
use kubevirt_core::launcher_pod::Claim;
use kubevirt_runtime::watching::Reconnect;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

use crate::compact;
use crate::context::Context;
use crate::key::Key;
use crate::{nodes, replica_sets};

/// What a watch says about one kind.
enum News<'a, K> {
    /// All objects follow.
    Begin,
    /// An object is there.
    Here(K),
    /// An object is gone.
    Gone(&'a Key, &'a str),
    /// All objects have been named.
    Complete,
}

/// Starts all watches. Each sends once when its first listing is complete.
pub(crate) fn start(context: &Arc<Context>, listed: &mpsc::Sender<&'static str>) {
    let client = &context.client;
    let dynamic = |resource: ApiResource| Api::<DynamicObject>::all_with(client.clone(), &resource);
    spawn(
        context,
        listed,
        "virtualmachines",
        dynamic(ApiResource::erase::<VirtualMachine>(&())),
        all(),
        machine,
    );
    spawn(
        context,
        listed,
        "virtualmachineinstances",
        dynamic(ApiResource::erase::<VirtualMachineInstance>(&())),
        all(),
        instance,
    );
    spawn(
        context,
        listed,
        "virtualmachineinstancereplicasets",
        dynamic(ApiResource::erase::<VirtualMachineInstanceReplicaSet>(&())),
        all(),
        replica_set,
    );
    let launchers = all().labels(&format!("{}={}", label::APP, label::APP_LAUNCHER));
    spawn(
        context,
        listed,
        "pods",
        Api::<Pod>::all(client.clone()),
        launchers,
        pod,
    );
    spawn(
        context,
        listed,
        "persistentvolumeclaims",
        Api::<PersistentVolumeClaim>::all(client.clone()),
        all(),
        claim,
    );
    spawn(
        context,
        listed,
        "nodes",
        Api::<Node>::all(client.clone()),
        all(),
        node,
    );
}

/// Annotation of a PersistentVolumeClaim that the containerized data importer fills in place: the phase of its pod.
const IMPORT_PHASE: &str = "cdi.kubevirt.io/storage.pod.phase";

/// Number of watches that [`start`] starts.
pub(crate) const WATCHES: usize = 6;

fn all() -> watcher::Config {
    watcher::Config::default()
}

/// Follows one kind for ever.
fn spawn<K>(
    context: &Arc<Context>,
    listed: &mpsc::Sender<&'static str>,
    name: &'static str,
    api: Api<K>,
    config: watcher::Config,
    see: fn(&Context, News<'_, K>),
) where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let context = context.clone();
    let mut listed = Some(listed.clone());
    tokio::spawn(async move {
        let stream = watcher::watcher(api, config).backoff(Reconnect::default());
        futures::pin_mut!(stream);
        while let Some(event) = stream.next().await {
            match event {
                Ok(watcher::Event::Init) => see(&context, News::Begin),
                Ok(watcher::Event::InitApply(object) | watcher::Event::Apply(object)) => {
                    see(&context, News::Here(object));
                }
                Ok(watcher::Event::Delete(object)) => {
                    let key = Key::of(object.meta());
                    see(
                        &context,
                        News::Gone(&key, object.uid().as_deref().unwrap_or_default()),
                    );
                }
                Ok(watcher::Event::InitDone) => {
                    see(&context, News::Complete);
                    if let Some(listed) = listed.take() {
                        // Nobody listens any more when the program ends.
                        let _ = listed.send(name).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, kind = name, "watch interrupted, trying again")
                }
            }
        }
    });
}

fn machine(context: &Context, news: News<'_, DynamicObject>) {
    match news {
        News::Begin => context.machines.begin(),
        News::Here(object) => context.see_machine(object),
        News::Gone(key, uid) => context.lose_machine(key, uid),
        News::Complete => context
            .machines
            .complete()
            .iter()
            .for_each(|(key, _)| context.machine_changed(key)),
    }
}

fn instance(context: &Context, news: News<'_, DynamicObject>) {
    match news {
        News::Begin => context.instances.begin(),
        News::Here(object) => context.see_instance(object),
        News::Gone(key, uid) => context.lose_instance(key, uid),
        News::Complete => context
            .instances
            .complete()
            .iter()
            .for_each(|(key, _)| context.instance_changed(key)),
    }
}

fn replica_set(context: &Context, news: News<'_, DynamicObject>) {
    match news {
        News::Begin => context.sets.begin(),
        News::Here(object) => replica_sets::see(context, object),
        News::Gone(key, uid) => {
            context.sets.remove(key, uid);
            context.set_queue.add(key.clone());
        }
        News::Complete => context
            .sets
            .complete()
            .into_iter()
            .for_each(|(key, _)| context.set_queue.add(key)),
    }
}

fn pod(context: &Context, news: News<'_, Pod>) {
    match news {
        News::Begin => context.pods.begin(),
        News::Here(pod) => context.see_pod(&pod),
        News::Gone(key, uid) => context.lose_pod(key, uid),
        News::Complete => {
            for (key, pod) in context.pods.complete() {
                context.instance_queue.add(key.sibling(&pod.owner_name));
            }
        }
    }
}

fn claim(context: &Context, news: News<'_, PersistentVolumeClaim>) {
    match news {
        News::Begin => context.claims.begin(),
        News::Here(claim) => {
            let key = Key::of(&claim.metadata);
            let facts = claim_facts(&claim);
            let same = context
                .claims
                .get(&key)
                .is_some_and(|before| *before == facts);
            if context
                .claims
                .put(key.clone(), compact::version(&claim.metadata), facts)
                .is_some()
                && !same
            {
                context.claim_changed(&key);
            }
        }
        News::Gone(key, uid) => {
            context.claims.remove(key, uid);
            context.claim_changed(key);
        }
        News::Complete => context
            .claims
            .complete()
            .iter()
            .for_each(|(key, _)| context.claim_changed(key)),
    }
}

fn claim_facts(claim: &PersistentVolumeClaim) -> Claim {
    let spec = claim.spec.as_ref();
    let status = claim.status.as_ref();
    Claim {
        block: spec.and_then(|spec| spec.volume_mode.as_deref()) == Some("Block"),
        bound: status.and_then(|status| status.phase.as_deref()) == Some("Bound"),
        filling: claim
            .metadata
            .annotations
            .as_ref()
            .and_then(|all| all.get(IMPORT_PHASE))
            .is_some_and(|phase| phase != "Succeeded"),
        access_modes: spec
            .and_then(|spec| spec.access_modes.clone())
            .unwrap_or_default(),
        capacity: status.and_then(|status| status.capacity.as_ref()?.get("storage").cloned()),
        requested: spec
            .and_then(|spec| spec.resources.as_ref())
            .and_then(|resources| resources.requests.as_ref()?.get("storage").cloned()),
    }
}

fn node(context: &Context, news: News<'_, Node>) {
    match news {
        News::Begin => context.nodes.begin(),
        News::Here(node) => {
            let key = nodes::key(&node.name_any());
            context.nodes.put(
                key,
                compact::version(&node.metadata),
                nodes::Node::new(&node),
            );
        }
        News::Gone(key, uid) => {
            context.nodes.remove(&nodes::key(key.name()), uid);
            nodes::look_again(context, key.name());
        }
        News::Complete => {
            context
                .nodes
                .complete()
                .iter()
                .for_each(|(key, _)| nodes::look_again(context, key.name()));
        }
    }
}
