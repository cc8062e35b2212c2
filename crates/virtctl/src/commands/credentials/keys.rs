//! Adding and removing SSH keys.

use anyhow::{Context, bail, ensure};
use k8s_openapi::api::core::v1::Secret;
use kube::api::PostParams;
use serde_json::json;

use super::arguments::{AddKey, RemoveKey};
use super::machine::{Machine, choose};
use super::secret;
use crate::cli::Connection;
use crate::subresource;

/// `virtctl credentials add-ssh-key`.
pub(super) async fn add(flags: &Connection, arguments: &AddKey) -> anyhow::Result<()> {
    let key = arguments.key.text()?;
    let machine = Machine::get(flags, &arguments.machine).await?;
    let assigned = machine.key_secrets(&arguments.user);
    let create = arguments.create_secret || (!arguments.update_secret && assigned.is_empty());
    if create {
        return create_secret(&machine, arguments, &key).await;
    }
    let none = format!("no secrets specified for user: {}", arguments.user);
    let name = choose(assigned, arguments.secret.as_deref(), &none)?;
    let current = secret::get(&machine, &name, arguments.force).await?;
    if !secret::holding(&current, &key).is_empty() {
        print!("Secret {name:?} already contains this SSH key.");
        return Ok(());
    }
    secret::change(&machine, &current, vec![(entry(), Some(key))]).await?;
    print!("Successfully added the key to secret {name:?}");
    Ok(())
}

async fn create_secret(machine: &Machine, arguments: &AddKey, key: &str) -> anyhow::Result<()> {
    ensure!(
        arguments.force || !machine.runs(),
        "virtual machine {} is running. Use --force flag to update a running VM, it will take effect after restart",
        machine.name
    );
    let mut metadata = json!({
        "ownerReferences": [{
            "apiVersion": "kubevirt.io/v1",
            "kind": "VirtualMachine",
            "name": machine.name,
            "uid": machine.uid(),
            "controller": true,
        }],
    });
    match &arguments.secret {
        Some(name) => metadata["name"] = name.clone().into(),
        None => metadata["generateName"] = format!("{}-ssh-key-", machine.name).into(),
    }
    let manifest = json!({ "metadata": metadata, "stringData": { entry(): key } });
    let manifest: Secret = serde_json::from_value(manifest)?;
    let created = machine
        .secrets
        .create(&PostParams::default(), &manifest)
        .await
        .map_err(subresource::plain)
        .context("error creating secret")?;
    let name = created.metadata.name.unwrap_or_default();
    let credential = json!({ "sshPublicKey": {
        "source": { "secret": { "secretName": name } },
        "propagationMethod": { "qemuGuestAgent": { "users": [arguments.user] } },
    } });
    if let Err(error) = machine.add(credential).await {
        // A Secret that nothing names would be left behind.
        let _ = machine.secrets.delete(&name, &Default::default()).await;
        return Err(error);
    }
    eprintln!("Secret {name:?} was created for user {}", arguments.user);
    Ok(())
}

/// `virtctl credentials remove-ssh-key`.
pub(super) async fn remove(flags: &Connection, arguments: &RemoveKey) -> anyhow::Result<()> {
    let key = arguments.key.text()?;
    let machine = Machine::get(flags, &arguments.machine).await?;
    let mut assigned = machine.key_secrets(&arguments.user);
    if assigned.is_empty() {
        println!("No secrets associated with user {}", arguments.user);
        return Ok(());
    }
    if let Some(name) = &arguments.secret {
        if !assigned.contains(name) {
            bail!(
                "secret {name} is not associated with user {}; that one's are {}",
                arguments.user,
                assigned.join(", ")
            );
        }
        assigned = vec![name.clone()];
    }
    let mut refused = None;
    let mut found = false;
    for name in assigned {
        let current = match secret::get(&machine, &name, arguments.force).await {
            Ok(current) => current,
            // The other Secrets are looked at all the same: the key may be there.
            Err(error) => {
                refused.get_or_insert(error);
                continue;
            }
        };
        let entries = secret::holding(&current, &key);
        if entries.is_empty() {
            continue;
        }
        found = true;
        let entries = entries.into_iter().map(|entry| (entry, None)).collect();
        secret::change(&machine, &current, entries).await?;
        eprintln!("Removed the key from secret {name:?}");
    }
    match refused {
        Some(error) if !found => Err(error),
        _ => Ok(()),
    }
}

/// A new name for a key's entry.
fn entry() -> String {
    let random: String = std::iter::repeat_with(fastrand::lowercase)
        .take(6)
        .collect();
    format!("ssh-key-{random}")
}
