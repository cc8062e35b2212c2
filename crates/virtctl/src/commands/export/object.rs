//! The VirtualMachineExport and the Secret with its token.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::client::Cluster;
use crate::objects::{self, Failure, text};

/// Older installations serve this version, newer ones too.
const PREFIX: &str = "/apis/export.kubevirt.io/v1beta1";
const API_VERSION: &str = "export.kubevirt.io/v1beta1";
const RESOURCE: &str = "virtualmachineexports";
const TOKEN_LENGTH: usize = 20;

/// What is exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// API group; empty for what is Kubernetes' own.
    pub(crate) group: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
}

/// An export to be made.
#[derive(Clone, Debug)]
pub(crate) struct Export {
    pub(crate) source: Source,
    pub(crate) ttl: Option<String>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
}

impl Export {
    /// Without anything special.
    pub(crate) fn of(source: Source) -> Self {
        Self {
            source,
            ttl: None,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
        }
    }
}

/// Which exports stay after a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// The ones that were there before.
    Found,
    Always,
    Never,
}

/// The export of that name.
pub(super) async fn get(cluster: &Cluster, name: &str) -> anyhow::Result<Option<Value>> {
    let path = objects::path(PREFIX, &cluster.namespace, RESOURCE, Some(name))?;
    objects::get(&cluster.client, &path).await
}

/// The line for a new export.
pub(super) fn created(cluster: &Cluster, name: &str) -> String {
    format!(
        "VirtualMachineExport '{}/{name}' created successfully",
        cluster.namespace
    )
}

/// Makes an export that must not be there yet.
pub(super) async fn create(cluster: &Cluster, name: &str, export: &Export) -> anyhow::Result<()> {
    if get(cluster, name).await?.is_some() {
        bail!(
            "VirtualMachineExport '{}/{name}' already exists",
            cluster.namespace
        );
    }
    make(cluster, name, export).await
}

/// Makes the export, then the Secret with a token that nobody knows yet; the Secret goes with the export.
pub(super) async fn make(cluster: &Cluster, name: &str, export: &Export) -> anyhow::Result<()> {
    let namespace = &cluster.namespace;
    let secret_name = format!("secret-{name}");
    let path = objects::path(PREFIX, namespace, RESOURCE, None)?;
    let made = match objects::create(
        &cluster.client,
        &path,
        &manifest(name, export, &secret_name),
    )
    .await
    {
        Ok(made) => made,
        Err(Failure::Missing(_)) => bail!(
            "the cluster knows no VirtualMachineExport: KubeVirt is not installed there, or a very old one"
        ),
        Err(Failure::Other(error)) => return Err(error),
    };
    let secret = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": secret_name,
            "ownerReferences": [{
                "apiVersion": API_VERSION,
                "kind": "VirtualMachineExport",
                "name": name,
                "uid": text(&made, "/metadata/uid"),
                "controller": true,
                "blockOwnerDeletion": false,
            }],
        },
        "type": "Opaque",
        "data": { "token": STANDARD.encode(token()?) },
    });
    let path = objects::path("/api/v1", namespace, "secrets", None)?;
    if let Err(error) = objects::create(&cluster.client, &path, &secret).await {
        // Without its token the export is of no use.
        let _ = delete(cluster, name).await;
        return Err(anyhow::Error::from(error)
            .context("the Secret with the export's token cannot be created"));
    }
    Ok(())
}

fn manifest(name: &str, export: &Export, secret: &str) -> Value {
    let mut object = json!({
        "apiVersion": API_VERSION,
        "kind": "VirtualMachineExport",
        "metadata": { "name": name },
        "spec": {
            "source": {
                "apiGroup": export.source.group,
                "kind": export.source.kind,
                "name": export.source.name,
            },
            "tokenSecretRef": secret,
        },
    });
    for (key, map) in [
        ("labels", &export.labels),
        ("annotations", &export.annotations),
    ] {
        if !map.is_empty()
            && let Some(metadata) = object
                .pointer_mut("/metadata")
                .and_then(Value::as_object_mut)
        {
            metadata.insert(key.into(), json!(map));
        }
    }
    if let (Some(ttl), Some(spec)) = (
        &export.ttl,
        object.pointer_mut("/spec").and_then(Value::as_object_mut),
    ) {
        spec.insert("ttlDuration".into(), ttl.as_str().into());
    }
    object
}

/// Letters and digits from the system's random numbers.
fn token() -> anyhow::Result<String> {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = [0; TOKEN_LENGTH];
    let filled = File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut bytes));
    filled.context("no random numbers for the token from /dev/urandom")?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(SIGNS[usize::from(byte % 64)]))
        .collect())
}

/// Deletes the export; the line that tells so.
pub(super) async fn delete(cluster: &Cluster, name: &str) -> anyhow::Result<String> {
    let path = objects::path(PREFIX, &cluster.namespace, RESOURCE, Some(name))?;
    let there = objects::delete(&cluster.client, &path).await?;
    let did = if there {
        "deleted successfully"
    } else {
        "does not exist"
    };
    Ok(format!(
        "VirtualMachineExport '{}/{name}' {did}",
        cluster.namespace
    ))
}

/// What a download must show.
pub(super) async fn read_token(cluster: &Cluster, export: &Value) -> anyhow::Result<String> {
    let mut secret = text(export, "/status/tokenSecretRef");
    if secret.is_empty() {
        secret = text(export, "/spec/tokenSecretRef");
    }
    anyhow::ensure!(
        !secret.is_empty(),
        "the export names no Secret with its token (status.tokenSecretRef)"
    );
    let path = objects::path("/api/v1", &cluster.namespace, "secrets", Some(secret))?;
    let found = objects::get(&cluster.client, &path).await?;
    let found = found
        .with_context(|| format!("the Secret {secret} with the export's token is not there"))?;
    let token = STANDARD
        .decode(text(&found, "/data/token"))
        .with_context(|| format!("the key token of the Secret {secret} is not base64"))?;
    String::from_utf8(token)
        .with_context(|| format!("the token in the Secret {secret} is not text"))
}
