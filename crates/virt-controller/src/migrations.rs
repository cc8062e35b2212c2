//! Migrations that are deleted: their finalizer is taken away, so that neither they nor their namespace wait for ever.
//!
//! Admission gives every VirtualMachineInstanceMigration the finalizer. Nothing moves yet, so that there is nothing to
//! clean up before one goes.

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

/// Longest time that one release may take before the next object has its turn.
const RELEASE: Duration = Duration::from_secs(10);

/// Follows the migrations for ever. Only their metadata are looked at.
pub(crate) async fn work(context: Arc<Context>) {
    let api =
        Api::<PartialObjectMeta<VirtualMachineInstanceMigration>>::all(context.client.clone());
    let stream = watcher::watcher(api, watcher::Config::default())
        .backoff(Reconnect::default())
        .applied_objects();
    futures::pin_mut!(stream);
    while let Some(event) = stream.next().await {
        match event {
            Ok(migration) => release(&context, &migration).await,
            Err(error) => {
                tracing::warn!(%error, kind = "virtualmachineinstancemigrations", "watch interrupted, trying again");
            }
        }
    }
}

/// Takes the finalizer of a migration away that is being deleted. A refusal is told; the next change tries again.
async fn release(
    context: &Context,
    migration: &PartialObjectMeta<VirtualMachineInstanceMigration>,
) {
    let Some(patch) = patch(migration) else {
        return;
    };
    let (namespace, name) = (
        migration.namespace().unwrap_or_default(),
        migration.name_any(),
    );
    let api =
        Api::<VirtualMachineInstanceMigration>::namespaced(context.client.clone(), &namespace);
    let (parameters, patch) = (PatchParams::default(), Patch::Merge(patch));
    let write = api.patch_metadata(&name, &parameters, &patch);
    match tokio::time::timeout(RELEASE, write).await {
        Ok(Ok(_)) => tracing::debug!(namespace, name, "a deleted migration is released"),
        // Gone, or changed meanwhile: the watch tells.
        Ok(Err(kube::Error::Api(status))) if matches!(status.code, 404 | 409) => {}
        Ok(Err(error)) => {
            tracing::warn!(namespace, name, %error, "a deleted migration cannot be released");
        }
        Err(_) => tracing::warn!(
            namespace,
            name,
            "releasing a deleted migration took too long"
        ),
    }
}

/// The change that takes the finalizer away, when there is one to take. The version makes sure that nobody else's is taken.
fn patch(migration: &PartialObjectMeta<VirtualMachineInstanceMigration>) -> Option<Value> {
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

    fn migration(metadata: Value) -> PartialObjectMeta<VirtualMachineInstanceMigration> {
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
