//! The virtual machine whose credentials are changed.

use anyhow::{Context, bail};
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{DynamicObject, Patch, PatchParams};
use serde_json::{Value, json};

use crate::cli::Connection;
use crate::target::Kind;
use crate::{client, machines, subresource};

/// The virtual machine and the APIs that are needed to change its credentials.
pub(super) struct Machine {
    api: Api<DynamicObject>,
    pub(super) secrets: Api<Secret>,
    pub(super) name: String,
    pub(super) object: Value,
}

impl Machine {
    /// Reads it.
    pub(super) async fn get(flags: &Connection, name: &str) -> anyhow::Result<Self> {
        let cluster = client::connect(flags).await?;
        let object = machines::get(&cluster, Kind::VirtualMachine, name).await?;
        let api = machines::api(&cluster, Kind::VirtualMachine, Some(&cluster.namespace));
        Ok(Self {
            secrets: Api::namespaced(cluster.client, &cluster.namespace),
            api,
            name: name.to_owned(),
            object,
        })
    }

    /// Its UID.
    pub(super) fn uid(&self) -> &str {
        let uid = self.object.pointer("/metadata/uid");
        uid.and_then(Value::as_str).unwrap_or_default()
    }

    /// It is to run, or does: a change of its template waits for the next start.
    pub(super) fn runs(&self) -> bool {
        self.object.pointer("/status/created") == Some(&Value::Bool(true))
    }

    /// Its access credentials.
    pub(super) fn credentials(&self) -> &[Value] {
        let credentials = self.object.pointer("/spec/template/spec/accessCredentials");
        credentials
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The Secrets of SSH keys that reach `user` through the guest agent.
    pub(super) fn key_secrets(&self, user: &str) -> Vec<String> {
        let of_user = |credential: &&Value| {
            let users = credential.pointer("/sshPublicKey/propagationMethod/qemuGuestAgent/users");
            let users = users.and_then(Value::as_array);
            users.is_some_and(|users| users.iter().any(|entry| entry == user))
        };
        let matching = self.credentials().iter().filter(of_user);
        names(matching, "/sshPublicKey/source/secret/secretName")
    }

    /// The Secrets of passwords.
    pub(super) fn password_secrets(&self) -> Vec<String> {
        names(
            self.credentials().iter(),
            "/userPassword/source/secret/secretName",
        )
    }

    /// Appends an access credential. Fails when somebody else changed them in between.
    pub(super) async fn add(&self, credential: Value) -> anyhow::Result<()> {
        let path = "/spec/template/spec/accessCredentials";
        let operations = match self.object.pointer(path) {
            Some(current) => json!([
                { "op": "test", "path": path, "value": current },
                { "op": "add", "path": format!("{path}/-"), "value": credential },
            ]),
            None => json!([
                { "op": "test", "path": path, "value": null },
                { "op": "add", "path": path, "value": [credential] },
            ]),
        };
        let patch = Patch::<()>::Json(serde_json::from_value(operations)?);
        self.api
            .patch(&self.name, &PatchParams::default(), &patch)
            .await
            .map_err(subresource::plain)
            .context("error patching virtual machine")?;
        Ok(())
    }
}

fn names<'a>(credentials: impl Iterator<Item = &'a Value>, pointer: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for credential in credentials {
        let name = credential.pointer(pointer).and_then(Value::as_str);
        if let Some(name) = name.filter(|name| !names.iter().any(|known| known == name)) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The one Secret that is meant: the given one, which must be among `assigned`, or the only one.
pub(super) fn choose(
    assigned: Vec<String>,
    given: Option<&str>,
    none: &str,
) -> anyhow::Result<String> {
    if assigned.is_empty() {
        bail!("{none}");
    }
    match given {
        Some(name) if assigned.iter().any(|known| known == name) => Ok(name.to_owned()),
        Some(name) => bail!(
            "secret {name} was not assigned; the virtual machine uses {}",
            assigned.join(", ")
        ),
        None => match <[String; 1]>::try_from(assigned) {
            Ok([only]) => Ok(only),
            Err(several) => bail!(
                "multiple secrets specified, use option --secret to specify which secret to modify: {}",
                several.join(", ")
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_secret_or_the_named_one() {
        let assigned = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(choose(assigned(&["a"]), None, "none").unwrap(), "a");
        assert_eq!(
            choose(assigned(&["a", "b"]), Some("b"), "none").unwrap(),
            "b"
        );
        for (names, given, words) in [
            (&[][..], Some("a"), "none"),
            (&["a"][..], Some("b"), "secret b was not assigned"),
            (&["a", "b"][..], None, "--secret"),
        ] {
            let error = choose(assigned(names), given, "none").unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
