//! `image-upload`: a local image or archive into a DataVolume or PersistentVolumeClaim, by way of CDI's upload proxy.
//!
//! CDI (Containerized Data Importer) is a project of its own: it takes the data, converts it and fills the volume.

mod arguments;
mod claim;
mod proxy;
mod source;
mod wait;

use std::io::Write;

use anyhow::Context;
use serde_json::json;

pub(crate) use self::arguments::ImageUpload;
use self::arguments::Plan;
use crate::cli::Connection;
use crate::client::{self, Cluster};
use crate::objects;

/// `virtctl image-upload`.
pub(crate) async fn run(flags: &Connection, arguments: &ImageUpload) -> anyhow::Result<()> {
    let plan = Plan::new(arguments)?;
    let cluster = client::connect(flags).await?;
    upload(&cluster, &plan, &mut std::io::stdout()).await
}

async fn upload(cluster: &Cluster, plan: &Plan, out: &mut dyn Write) -> anyhow::Result<()> {
    // What cannot work must not leave a volume behind.
    std::fs::File::open(&plan.file)
        .with_context(|| format!("cannot read {}", plan.file.display()))?;
    let url = proxy::url(cluster, plan).await?;
    claim::prepare(cluster, plan, out).await?;
    wait::until_ready(cluster, plan, out).await?;
    let token = token(cluster, plan).await?;
    writeln!(out, "Uploading data to {url}")?;
    proxy::send(plan, &url, &token).await?;
    if plan.data_source {
        source::point(cluster, plan, out).await?;
    }
    writeln!(
        out,
        "Uploading data completed successfully, waiting for processing to complete, you can hit ctrl-c without interrupting the progress"
    )?;
    wait::until_processed(cluster, plan).await?;
    writeln!(out, "Processing completed successfully")?;
    writeln!(
        out,
        "Uploading {} completed successfully",
        plan.file.display()
    )?;
    Ok(())
}

/// The right to upload to the claim, for a few minutes.
async fn token(cluster: &Cluster, plan: &Plan) -> anyhow::Result<String> {
    let request = json!({
        "apiVersion": "upload.cdi.kubevirt.io/v1beta1",
        "kind": "UploadTokenRequest",
        "metadata": { "name": "token-for-virtctl", "namespace": cluster.namespace },
        "spec": { "pvcName": plan.name },
    });
    let prefix = "/apis/upload.cdi.kubevirt.io/v1beta1";
    let path = objects::path(prefix, &cluster.namespace, "uploadtokenrequests", None)?;
    let answer = objects::create(&cluster.client, &path, &request).await;
    let answer = answer
        .map_err(anyhow::Error::from)
        .context("CDI gives no token for the upload")?;
    let token = objects::text(&answer, "/status/token");
    anyhow::ensure!(
        !token.is_empty(),
        "CDI gives no token for the upload: status.token is empty"
    );
    Ok(token.to_owned())
}

#[cfg(test)]
mod tests;
