//! The DataSource that points to the volume.

use std::io::Write;

use anyhow::Context;
use serde_json::{Value, json};

use super::arguments::Plan;
use super::claim::CDI;
use crate::client::Cluster;
use crate::objects;

/// Makes the DataSource of the volume's name, or lets the one that is there point to the volume.
pub(super) async fn point(
    cluster: &Cluster,
    plan: &Plan,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let (namespace, name) = (&cluster.namespace, &plan.name);
    let mut source = json!({
        "apiVersion": "cdi.kubevirt.io/v1beta1",
        "kind": "DataSource",
        "metadata": { "name": name },
        "spec": { "source": { "pvc": { "namespace": namespace, "name": name } } },
    });
    if !plan.labels.is_empty()
        && let Some(metadata) = source.get_mut("metadata").and_then(Value::as_object_mut)
    {
        metadata.insert("labels".into(), json!(plan.labels));
    }
    let path = objects::path(CDI, namespace, "datasources", Some(name))?;
    if objects::get(&cluster.client, &path).await?.is_some() {
        // A merge patch keeps other sources unless they are taken out.
        if let Some(spec) = source
            .pointer_mut("/spec/source")
            .and_then(Value::as_object_mut)
        {
            spec.insert("snapshot".into(), Value::Null);
            spec.insert("dataSource".into(), Value::Null);
        }
        objects::merge(&cluster.client, &path, &source)
            .await
            .context("the DataSource cannot be updated")?;
        writeln!(out, "Updated an existing DataSource {namespace}/{name}")?;
        return Ok(());
    }
    let collection = objects::path(CDI, namespace, "datasources", None)?;
    let made = objects::create(&cluster.client, &collection, &source).await;
    made.map_err(anyhow::Error::from)
        .context("the DataSource cannot be created")?;
    writeln!(out, "Created a new DataSource {namespace}/{name}")?;
    Ok(())
}
