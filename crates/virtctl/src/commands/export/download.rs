//! `vmexport download`: the export if need be, the waiting, the data, and the cleaning up.

use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use super::arguments::{Format, ManifestFormat};
use super::fetch::{self, Server};
use super::forward::Forward;
use super::links::{self, Side};
use super::object::{self, Export, Keep};
use super::output::Messages;
use super::ready;
use crate::client::Cluster;
use crate::signals::Signals;

/// A download, as the flags say.
#[derive(Clone, Debug)]
pub(crate) struct Download {
    /// Of the VirtualMachineExport.
    pub(crate) name: String,
    /// To make it, if it is not there.
    pub(crate) export: Option<Export>,
    pub(crate) what: What,
    /// A file; standard output when empty or `-`.
    pub(crate) output: String,
    pub(crate) keep: Keep,
    pub(crate) insecure: bool,
    /// The local port of a port-forward, 0 for any.
    pub(crate) port_forward: Option<u16>,
    pub(crate) service_url: Option<String>,
    pub(crate) retry: u32,
    pub(crate) readiness: Duration,
}

/// What is downloaded.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Volume {
        name: Option<String>,
        format: Format,
    },
    Manifest {
        format: ManifestFormat,
        secret: bool,
    },
}

/// Downloads, and deletes the export afterwards where it should not stay; also when the user breaks it off.
pub(crate) async fn carry_out(
    cluster: &Cluster,
    download: &Download,
    signals: &mut Signals,
) -> anyhow::Result<()> {
    let messages = Messages::beside(&download.output);
    let mut made = false;
    if let Some(export) = &download.export
        && object::get(cluster, &download.name).await?.is_none()
    {
        object::make(cluster, &download.name, export).await?;
        messages.tell(&object::created(cluster, &download.name));
        made = true;
    }
    let result = tokio::select! {
        result = get(cluster, download, &messages) => result,
        error = signals.received() => Err(error),
    };
    let delete = match download.keep {
        Keep::Always => false,
        Keep::Never => true,
        Keep::Found => made,
    };
    if delete {
        match object::delete(cluster, &download.name).await {
            Ok(line) => messages.tell(&line),
            Err(error) if result.is_ok() => {
                return Err(error.context("the export cannot be deleted"));
            }
            Err(error) => eprintln!("the export {} cannot be deleted: {error:#}", download.name),
        }
    }
    result
}

async fn get(cluster: &Cluster, download: &Download, messages: &Messages) -> anyhow::Result<()> {
    let export = ready::wait(cluster, &download.name, download.readiness, messages).await?;
    let outside = download.port_forward.is_none() && download.service_url.is_none();
    let side = if outside {
        Side::External
    } else {
        Side::Internal
    };
    let links = links::of(&export, side)?;
    let token = object::read_token(cluster, &export).await?;
    // Lives as long as the download.
    let forward = match download.port_forward {
        Some(port) => Some(
            Forward::open(cluster, &export, port)
                .await
                .context("cannot forward a port to the export server")?,
        ),
        None => None,
    };
    let instead = forward
        .as_ref()
        .map(Forward::address)
        .or(download.service_url.clone());
    let server = Server {
        roots: certificates(links),
        insecure: download.insecure,
        instead,
        token,
        retry: download.retry,
    };
    match &download.what {
        What::Volume { name, format } => {
            let link = links::volume(links, name.as_deref(), *format)?;
            fetch::file(&server, &link, &download.output).await?;
            messages.tell("Download finished successfully");
        }
        What::Manifest { format, secret } => {
            let mut urls = vec![links::manifest(links, "all")?];
            if *secret {
                urls.push(links::manifest(links, "auth-header-secret")?);
            }
            fetch::manifests(&server, &urls, *format, &download.output).await?;
        }
    }
    Ok(())
}

fn certificates(links: &Value) -> Option<String> {
    let pem = links
        .get("cert")
        .and_then(Value::as_str)
        .unwrap_or_default();
    (!pem.trim().is_empty()).then(|| pem.to_owned())
}
