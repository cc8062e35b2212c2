//! Migrations that are deleted: their finalizer is taken away, so that neither they nor their namespace wait for ever.
//!
//! Admission gives every VirtualMachineInstanceMigration the finalizer. Nothing moves yet, so that there is nothing to
//! clean up before one goes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::api::{Patch, PatchParams};
use kube::core::PartialObjectMeta;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, ResourceExt};
use kubevirt_api::VirtualMachineInstanceMigration;
use kubevirt_api::names::finalizer;
use kubevirt_runtime::watching::Reconnect;
use serde_json::{Value, json};

use crate::context::Context;
use crate::key::Key;

/// Longest time that one release may take before the next object has its turn.
const RELEASE: Duration = Duration::from_secs(10);
/// Time until what could not be released is tried again: nothing else may ever change of it.
const AGAIN: Duration = Duration::from_secs(15);

type Migration = PartialObjectMeta<VirtualMachineInstanceMigration>;

/// Follows the migrations for ever. Only their metadata are looked at.
pub(crate) async fn work(context: Arc<Context>) {
    let api = Api::<Migration>::all(context.client.clone());
    let stream = watcher::watcher(api, watcher::Config::default())
        .backoff(Reconnect::default())
        .applied_objects();
    futures::pin_mut!(stream);
    let mut left: BTreeMap<Key, Migration> = BTreeMap::new();
    loop {
        let seen = tokio::select! {
            seen = stream.next() => match seen {
                Some(Ok(migration)) => vec![migration],
                Some(Err(error)) => {
                    tracing::warn!(%error, kind = "virtualmachineinstancemigrations", "watch interrupted, trying again");
                    continue;
                }
                None => return,
            },
            () = tokio::time::sleep(AGAIN), if !left.is_empty() => left.values().cloned().collect(),
        };
        for migration in seen {
            let key = Key::of(&migration.metadata);
            if release(&context, &key, &migration).await {
                left.remove(&key);
            } else {
                left.insert(key, migration);
            }
        }
    }
}

/// Takes the finalizer of a migration away that is being deleted. False when it is to be tried again.
async fn release(context: &Context, key: &Key, migration: &Migration) -> bool {
    let Some(patch) = patch(migration) else {
        return true;
    };
    let api =
        Api::<VirtualMachineInstanceMigration>::namespaced(context.client.clone(), key.namespace());
    let (parameters, patch) = (PatchParams::default(), Patch::Merge(patch));
    context.figures.writes.inc();
    let write = api.patch_metadata(key.name(), &parameters, &patch);
    match tokio::time::timeout(RELEASE, write).await {
        Ok(Ok(_)) => true,
        // Gone, or changed meanwhile, which the watch tells.
        Ok(Err(kube::Error::Api(status))) if matches!(status.code, 404 | 409) => true,
        Ok(Err(error)) => {
            tracing::warn!(%key, %error, "a deleted migration cannot be released, trying again");
            false
        }
        Err(_) => {
            tracing::warn!(%key, "releasing a deleted migration took too long, trying again");
            false
        }
    }
}

/// The change that takes the finalizer away, when there is one to take. The version makes sure that nobody else's is taken.
fn patch(migration: &Migration) -> Option<Value> {
    migration.metadata.deletion_timestamp.as_ref()?;
    let others: Vec<_> = migration
        .finalizers()
        .iter()
        .filter(|name| *name != finalizer::MIGRATION)
        .collect();
    (others.len() < migration.finalizers().len()).then(|| {
        let version = &migration.metadata.resource_version;
        json!({ "metadata": { "resourceVersion": version, "finalizers": others } })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn migration(metadata: Value) -> Migration {
        serde_json::from_value(json!({ "metadata": metadata })).unwrap()
    }

    #[test]
    fn only_a_deleted_one_that_has_the_finalizer_is_released() {
        let ours = "kubevirt.io/migrationJobFinalize";
        assert_eq!(patch(&migration(json!({ "finalizers": [ours] }))), None);
        let mut metadata = json!({
            "resourceVersion": "7",
            "deletionTimestamp": "2020-01-01T00:00:00Z",
            "finalizers": ["other"],
        });
        assert_eq!(patch(&migration(metadata.clone())), None);
        metadata["finalizers"] = json!(["other", ours]);
        assert_eq!(
            patch(&migration(metadata)),
            Some(json!({ "metadata": { "resourceVersion": "7", "finalizers": ["other"] } }))
        );
    }
}
