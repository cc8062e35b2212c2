//! The Secret that holds keys or passwords.

use anyhow::{Context, bail};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Patch, PatchParams};
use serde_json::{Map, Value, json};

use super::machine::Machine;
use crate::subresource;

/// Reads a Secret that may be changed: the virtual machine owns it, or `force` says that somebody else's is meant.
pub(super) async fn get(machine: &Machine, name: &str, force: bool) -> anyhow::Result<Secret> {
    let secret = machine
        .secrets
        .get(name)
        .await
        .map_err(subresource::plain)
        .with_context(|| format!("error getting secret {name:?}"))?;
    let owners = secret
        .metadata
        .owner_references
        .as_deref()
        .unwrap_or_default();
    if !force && !owners.iter().any(|owner| owner.uid == machine.uid()) {
        bail!(
            "secret {name} does not have an owner reference pointing to VM {}; --force changes it all the same",
            machine.name
        );
    }
    Ok(secret)
}

/// Sets and removes (`None`) entries, provided that the Secret is still as it was read.
pub(super) async fn change(
    machine: &Machine,
    secret: &Secret,
    entries: Vec<(String, Option<String>)>,
) -> anyhow::Result<()> {
    let mut data = Map::new();
    for (key, value) in entries {
        let value = match value {
            Some(text) => serde_json::to_value(ByteString(text.into_bytes()))?,
            None => Value::Null,
        };
        data.insert(key, value);
    }
    let name = secret.metadata.name.clone().unwrap_or_default();
    let patch = json!({ "metadata": { "resourceVersion": secret.metadata.resource_version }, "data": data });
    machine
        .secrets
        .patch(&name, &PatchParams::default(), &Patch::Merge(&patch))
        .await
        .map_err(subresource::plain)
        .with_context(|| format!("error patching secret {name:?}"))?;
    Ok(())
}

/// The entries whose text is `key`, whatever white space stands around it.
pub(super) fn holding(secret: &Secret, key: &str) -> Vec<String> {
    let Some(data) = &secret.data else {
        return Vec::new();
    };
    data.iter()
        .filter(|(_, value)| String::from_utf8_lossy(&value.0).trim() == key)
        .map(|(name, _)| name.clone())
        .collect()
}
