//! `guestfs`: a shell with libguestfs' tools in a pod that has the volume.

mod image;
mod manifest;
mod running;

use std::io::Write;

use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::cli::Connection;
use crate::client::{self, Cluster};
use crate::objects::{self, text};
use crate::pod;
use crate::signals::Signals;

/// `virtctl guestfs`.
#[derive(Debug, Args)]
pub(crate) struct Guestfs {
    /// Name of the PersistentVolumeClaim; nothing else may use it meanwhile.
    #[arg(value_name = "PVC")]
    claim: String,
    /// Image with libguestfs' tools. Default: that of the installed KubeVirt.
    #[arg(long)]
    image: Option<String>,
    /// When the image is pulled.
    #[arg(long, value_enum, default_value_t = PullPolicy::IfNotPresent, ignore_case = true)]
    pull_policy: PullPolicy,
    /// Use the node's KVM.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = clap::ArgAction::Set)]
    kvm: bool,
    /// Run as user 0.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = clap::ArgAction::Set)]
    root: bool,
    /// Run as this user.
    #[arg(long)]
    uid: Option<u32>,
    /// Run as this group; needs --uid.
    #[arg(long)]
    gid: Option<u32>,
    /// Group that files of the volume belong to.
    #[arg(long = "fsGroup", value_name = "GID")]
    fs_group: Option<u32>,
    /// Run where this VirtualMachine may run: with its node selector, affinity and tolerations.
    #[arg(long, value_name = "NAME")]
    vm: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
enum PullPolicy {
    Always,
    IfNotPresent,
    Never,
}

/// `virtctl guestfs PVC`.
pub(crate) async fn run(flags: &Connection, arguments: &Guestfs) -> anyhow::Result<()> {
    check(arguments)?;
    let cluster = client::connect(flags).await?;
    let mut signals = Signals::catch()?;
    let name = start(&cluster, arguments, &mut std::io::stdout()).await?;
    let ended = tokio::select! {
        ended = session(&cluster, &name) => ended,
        error = signals.received() => Err(error),
    };
    let removed = remove(&cluster, &name).await;
    ended.and(removed)
}

fn check(arguments: &Guestfs) -> anyhow::Result<()> {
    ensure!(
        !(arguments.root && arguments.uid.is_some()),
        "cannot set uid if root is true"
    );
    ensure!(
        arguments.gid.is_none() || arguments.uid.is_some(),
        "gid requires the uid to be set"
    );
    ensure!(
        !(arguments.root && arguments.fs_group.is_some()),
        "cannot set fsGroup id with root"
    );
    Ok(())
}

/// Creates the pod; its name.
async fn start(
    cluster: &Cluster,
    arguments: &Guestfs,
    out: &mut dyn Write,
) -> anyhow::Result<String> {
    let image = match &arguments.image {
        Some(image) => image.clone(),
        None => image::installed(cluster).await?,
    };
    writeln!(out, "Use image: {image} ")?;
    let claim = claim(cluster, &arguments.claim).await?;
    free(cluster, &arguments.claim).await?;
    let machine = match &arguments.vm {
        Some(name) => Some(machine(cluster, name).await?),
        None => None,
    };
    let manifest = manifest::pod(arguments, &image, &claim, machine.as_ref());
    let name = text(&manifest, "/metadata/name").to_owned();
    let path = objects::path("/api/v1", &cluster.namespace, "pods", None)?;
    objects::create(&cluster.client, &path, &manifest)
        .await
        .map_err(anyhow::Error::from)
        .context("the pod with libguestfs' tools cannot be created")?;
    writeln!(
        out,
        "The PVC has been mounted at {} ",
        manifest::place(&claim)
    )?;
    Ok(name)
}

async fn session(cluster: &Cluster, name: &str) -> anyhow::Result<()> {
    running::wait(cluster, name).await?;
    eprintln!("If you don't see a command prompt, try pressing enter.");
    pod::attach(
        &cluster.client,
        &cluster.namespace,
        name,
        manifest::CONTAINER,
    )
    .await
}

async fn remove(cluster: &Cluster, name: &str) -> anyhow::Result<()> {
    let path = objects::path("/api/v1", &cluster.namespace, "pods", Some(name))?;
    // Nothing in it is worth waiting for.
    let removed = objects::delete(&cluster.client, &format!("{path}?gracePeriodSeconds=0")).await;
    removed
        .map(drop)
        .with_context(|| format!("the pod {name} is still there: kubectl delete pod {name}"))
}

async fn claim(cluster: &Cluster, name: &str) -> anyhow::Result<Value> {
    let path = objects::path(
        "/api/v1",
        &cluster.namespace,
        "persistentvolumeclaims",
        Some(name),
    )?;
    let claim = objects::get(&cluster.client, &path).await?;
    claim.with_context(|| {
        format!(
            "the PVC {name} doesn't exist in namespace {}",
            cluster.namespace
        )
    })
}

async fn machine(cluster: &Cluster, name: &str) -> anyhow::Result<Value> {
    let path = objects::path(
        "/apis/kubevirt.io/v1",
        &cluster.namespace,
        "virtualmachines",
        Some(name),
    )?;
    let machine = objects::get(&cluster.client, &path).await?;
    machine.with_context(|| {
        format!(
            "--vm: there is no VirtualMachine {name} in namespace {}",
            cluster.namespace
        )
    })
}

/// Two users of a disk would destroy it.
async fn free(cluster: &Cluster, claim: &str) -> anyhow::Result<()> {
    let path = objects::path("/api/v1", &cluster.namespace, "pods", None)?;
    let pods = objects::get(&cluster.client, &path)
        .await?
        .unwrap_or_default();
    let pods = pods
        .get("items")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    for pod in pods {
        let ended = matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
        let volumes = pod.pointer("/spec/volumes").and_then(Value::as_array);
        let uses = volumes
            .into_iter()
            .flatten()
            .any(|volume| text(volume, "/persistentVolumeClaim/claimName") == claim);
        if uses && !ended {
            let pod = text(pod, "/metadata/name");
            bail!(
                "PVC {claim} is used by another pod {pod}: stop the virtual machine or delete the pod first"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
