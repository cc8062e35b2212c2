//! The claim for a dump: as large as the memory and what comes with it.

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use super::{MemoryDump, RESOURCE, claim_of, machine};
use crate::client::Cluster;
use crate::objects::{self, text};
use crate::quantity;

const MI: u64 = 1 << 20;
/// What a dump holds besides the memory.
const OVERHEAD: u64 = 100 * MI;
/// The part of a volume that its file system takes, where CDI does not say.
const FILE_SYSTEM: f64 = 0.055;

/// Makes the claim.
pub(super) async fn create(
    cluster: &Cluster,
    arguments: &MemoryDump,
    name: &str,
) -> anyhow::Result<()> {
    let namespace = &cluster.namespace;
    let machine = machine(cluster, &arguments.name).await?;
    ensure!(
        claim_of(&machine).is_empty(),
        "please remove current memory dump association before creating a new claim for a new memory dump: virtctl memory-dump remove {}",
        arguments.name
    );
    let path = objects::path("/api/v1", namespace, "persistentvolumeclaims", Some(name))?;
    if objects::get(&cluster.client, &path).await?.is_some() {
        bail!(
            "PVC {namespace}/{name} already exists, check if it should be created if not remove create flag"
        );
    }
    let path = objects::path(
        "/apis/kubevirt.io/v1",
        namespace,
        "virtualmachineinstances",
        Some(&arguments.name),
    )?;
    let instance = objects::get(&cluster.client, &path).await?;
    let instance = instance.with_context(|| {
        format!(
            "the {RESOURCE} {} does not run, so it has no memory to dump: virtctl start {}",
            arguments.name, arguments.name
        )
    })?;
    // Without CDI, or without the right to read its configuration, the usual value serves.
    let config = objects::get(
        &cluster.client,
        "/apis/cdi.kubevirt.io/v1beta1/cdiconfigs/config",
    )
    .await;
    let share = share(
        config.ok().flatten().as_ref(),
        arguments.storage_class.as_deref(),
    );
    let claim = claim(arguments, name, size(memory(&instance)?, share));
    let path = objects::path("/api/v1", namespace, "persistentvolumeclaims", None)?;
    let made = objects::create(&cluster.client, &path, &claim).await;
    made.map_err(anyhow::Error::from)
        .with_context(|| format!("PVC {namespace}/{name} cannot be created"))?;
    Ok(())
}

fn claim(arguments: &MemoryDump, name: &str, size: u64) -> Value {
    let mut claim = json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": name,
            "labels": { "cdi.kubevirt.io/applyStorageProfile": "true" },
        },
        "spec": {
            "accessModes": [arguments.access_mode.as_deref().unwrap_or("ReadWriteOnce")],
            "resources": { "requests": { "storage": format!("{}Mi", size.div_ceil(MI)) } },
        },
    });
    if let Some(class) = &arguments.storage_class {
        claim["spec"]["storageClassName"] = class.as_str().into();
    }
    claim
}

/// Bytes of the guest's memory.
fn memory(instance: &Value) -> anyhow::Result<u64> {
    let domain = "/spec/domain";
    let mut most = 0;
    for pointer in ["memory/guest", "resources/requests/memory"] {
        let value = text(instance, &format!("{domain}/{pointer}"));
        if !value.is_empty() {
            most = most.max(quantity::bytes(value).with_context(|| format!("{domain}/{pointer}"))?);
        }
    }
    ensure!(
        most > 0,
        "the instance does not say how much memory it has (spec.domain.memory.guest)"
    );
    Ok(most)
}

/// The part that the file system takes, by CDI's configuration.
fn share(config: Option<&Value>, class: Option<&str>) -> f64 {
    let overhead = config.and_then(|config| config.pointer("/status/filesystemOverhead"));
    let of_class = class.and_then(|class| overhead?.get("storageClass")?.get(class));
    let share = of_class
        .or_else(|| overhead?.get("global"))
        .and_then(Value::as_str);
    let share = share.and_then(|text| text.parse().ok());
    share
        .filter(|share| (0.0..1.0).contains(share))
        .unwrap_or(FILE_SYSTEM)
}

/// Bytes of a volume that holds a dump of so much memory.
fn size(memory: u64, share: f64) -> u64 {
    let dump = memory.saturating_add(OVERHEAD);
    (dump as f64 * (1.0 + share)).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_claim_is_large_enough() {
        assert_eq!(size(0, 0.055).div_ceil(MI), 106);
        assert_eq!(size(1 << 30, 0.1).div_ceil(MI), 1237);
        let config = json!({"status": {"filesystemOverhead": {"global": "0.2", "storageClass": {"a": "0.1"}}}});
        assert_eq!(share(Some(&config), Some("a")), 0.1);
        assert_eq!(share(Some(&config), None), 0.2);
        assert_eq!(share(None, None), FILE_SYSTEM);
        let instance = json!({"spec": {"domain": {"memory": {"guest": "1Gi"}, "resources": {"requests": {"memory": "512Mi"}}}}});
        assert_eq!(memory(&instance).unwrap(), 1 << 30);
    }
}
