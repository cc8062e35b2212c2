//! Tells the API server which CA to trust when it calls virt-api: `caBundle` of webhook configurations and APIServices.

use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration,
};
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client, Resource};
use kubevirt_runtime::CancellationToken;
use kubevirt_runtime::watching::{self, Observed};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::keeper::{Supply, explain};

/// The MutatingWebhookConfiguration of virt-api.
pub(crate) const MUTATOR: &str = "virt-api-mutator";
/// The ValidatingWebhookConfiguration of virt-api.
pub(crate) const VALIDATOR: &str = "virt-api-validator";
/// The APIServices of virt-api.
pub(crate) const API_SERVICES: [&str; 2] = [
    "v1.subresources.kubevirt.io",
    "v1alpha3.subresources.kubevirt.io",
];

/// Keeps the bundle in all four objects until `shutdown`: one watch each, and a write only when it differs.
pub(crate) fn start(client: &Client, supply: &Supply, shutdown: &CancellationToken) {
    keep::<MutatingWebhookConfiguration>(client, MUTATOR, supply, shutdown, |object| {
        let hooks = object.webhooks.iter().flatten();
        webhook_operations(hooks.map(|hook| (&hook.name, hook.client_config.ca_bundle.as_ref())))
    });
    keep::<ValidatingWebhookConfiguration>(client, VALIDATOR, supply, shutdown, |object| {
        let hooks = object.webhooks.iter().flatten();
        webhook_operations(hooks.map(|hook| (&hook.name, hook.client_config.ca_bundle.as_ref())))
    });
    for name in API_SERVICES {
        keep::<APIService>(client, name, supply, shutdown, |object| {
            let spec = object.spec.as_ref();
            vec![Target {
                path: "/spec/caBundle".to_owned(),
                test: spec
                    .and_then(|spec| spec.version.as_ref())
                    .map(|version| ("/spec/version".to_owned(), version.clone())),
                present: spec
                    .and_then(|spec| spec.ca_bundle.as_ref())
                    .map(|bundle| bundle.0.clone()),
            }]
        });
    }
}

/// One place for the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    path: String,
    /// Path and value that prove that it is still the place that was meant.
    test: Option<(String, String)>,
    present: Option<Vec<u8>>,
}

fn webhook_operations<'a>(
    hooks: impl Iterator<Item = (&'a String, Option<&'a k8s_openapi::ByteString>)>,
) -> Vec<Target> {
    hooks
        .enumerate()
        .map(|(index, (name, bundle))| Target {
            path: format!("/webhooks/{index}/clientConfig/caBundle"),
            test: Some((format!("/webhooks/{index}/name"), name.clone())),
            present: bundle.map(|bundle| bundle.0.clone()),
        })
        .collect()
}

/// The JSON patch that puts `bundle` wherever it is not; `None` when it is everywhere.
fn patch(targets: &[Target], bundle: &[u8]) -> Option<Value> {
    let mut operations = Vec::new();
    for target in targets
        .iter()
        .filter(|target| target.present.as_deref() != Some(bundle))
    {
        if let Some((path, value)) = &target.test {
            operations.push(json!({ "op": "test", "path": path, "value": value }));
        }
        operations
            .push(json!({ "op": "add", "path": target.path, "value": STANDARD.encode(bundle) }));
    }
    (!operations.is_empty()).then_some(Value::Array(operations))
}

fn keep<K>(
    client: &Client,
    name: &'static str,
    supply: &Supply,
    shutdown: &CancellationToken,
    targets: impl Fn(&K) -> Vec<Target> + Send + Sync + 'static,
) where
    K: Resource<Scope = k8s_openapi::ClusterResourceScope>
        + Clone
        + DeserializeOwned
        + std::fmt::Debug,
    K: Send + Sync + 'static,
    K::DynamicType: Default,
{
    let api: Api<K> = Api::all(client.clone());
    let mut objects = watching::follow(api.clone(), name, shutdown.clone());
    let mut supply = supply.clone();
    let shutdown = shutdown.clone();
    tokio::spawn(async move {
        loop {
            let pause = tokio::select! {
                () = shutdown.cancelled() => return,
                pause = settle(&api, name, &targets, &mut objects, &mut supply) => pause,
            };
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = wait(pause) => {}
                changed = supply.material.changed(), if pause.is_none() => if changed.is_err() { return },
                changed = objects.changed(), if pause.is_none() => if changed.is_err() { return },
            }
        }
    });
}

/// Writes the bundle if it is not there. Returns how long to wait before looking again; `None`: until something changes.
async fn settle<K>(
    api: &Api<K>,
    name: &str,
    targets: &(impl Fn(&K) -> Vec<Target> + Send + Sync),
    objects: &mut tokio::sync::watch::Receiver<Observed<K>>,
    supply: &mut Supply,
) -> Option<Duration>
where
    K: Clone + DeserializeOwned + std::fmt::Debug + Send + Sync,
{
    let known = supply.material.borrow_and_update().clone();
    let object = objects.borrow_and_update().clone();
    let (Some(known), Observed::Present(object)) = (known, object) else {
        return None;
    };
    let targets = targets(&object);
    patch(&targets, known.bundle.as_bytes())?;
    // Maybe another replica knows better.
    let Some(fresh) = supply.fresh().await else {
        return Some(RETRY);
    };
    match inject(api, name, &targets, fresh.bundle.as_bytes()).await {
        // Whoever keeps undoing it does not make this a busy loop.
        Ok(()) => Some(Duration::from_secs(1)),
        Err(error) => {
            tracing::warn!(
                error = explain(&error),
                object = name,
                "CA bundle not written, trying again"
            );
            Some(RETRY)
        }
    }
}

/// Wait after a failure.
const RETRY: Duration = Duration::from_secs(5);

async fn wait(duration: Option<Duration>) {
    match duration {
        Some(duration) => tokio::time::sleep(duration).await,
        None => std::future::pending().await,
    }
}

async fn inject<K>(api: &Api<K>, name: &str, targets: &[Target], bundle: &[u8]) -> Result<()>
where
    K: Clone + DeserializeOwned + std::fmt::Debug,
{
    let Some(operations) = patch(targets, bundle) else {
        return Ok(());
    };
    let patch: json_patch::Patch =
        serde_json::from_value(operations).context("the patch is malformed")?;
    api.patch(name, &PatchParams::default(), &Patch::<()>::Json(patch))
        .await?;
    tracing::info!(object = name, "CA bundle written");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_written() {
        let target = |index: usize, present: Option<&[u8]>| Target {
            path: format!("/webhooks/{index}/clientConfig/caBundle"),
            test: Some((format!("/webhooks/{index}/name"), format!("hook-{index}"))),
            present: present.map(<[u8]>::to_vec),
        };
        assert_eq!(patch(&[target(0, Some(b"new"))], b"new"), None);
        let operations = patch(
            &[
                target(0, Some(b"new")),
                target(1, Some(b"old")),
                target(2, None),
            ],
            b"new",
        )
        .unwrap();
        assert_eq!(
            operations,
            json!([
                { "op": "test", "path": "/webhooks/1/name", "value": "hook-1" },
                { "op": "add", "path": "/webhooks/1/clientConfig/caBundle", "value": "bmV3" },
                { "op": "test", "path": "/webhooks/2/name", "value": "hook-2" },
                { "op": "add", "path": "/webhooks/2/clientConfig/caBundle", "value": "bmV3" },
            ])
        );
    }
}
