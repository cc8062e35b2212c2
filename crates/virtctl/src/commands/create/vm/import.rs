//! Volumes that the Containerized Data Importer fills: `--volume-import` and its older forms.

use anyhow::{bail, ensure};
use serde_json::{Map, Value, json};

use super::super::parameters::Parameters;
use super::super::{put, random};
use super::volumes::Volume;
use crate::quantity;

/// The keys of a source: the one on the command line and the field of the DataVolume.
type Keys = &'static [(&'static str, &'static str)];

const SECRET: (&str, &str) = ("secretref", "secretRef");
const CERTIFICATES: (&str, &str) = ("certconfigmap", "certConfigMap");
const URL: (&str, &str) = ("url", "url");

/// What a remote source takes, besides name, size and boot order.
fn keys(kind: &str) -> Option<(&'static str, Keys)> {
    Some(match kind {
        "blank" => ("blank", &[]),
        "gcs" => ("gcs", &[URL, SECRET]),
        "http" => ("http", &[URL, SECRET, CERTIFICATES]),
        "imageio" => (
            "imageio",
            &[URL, SECRET, CERTIFICATES, ("diskid", "diskId")],
        ),
        "registry" => (
            "registry",
            &[
                URL,
                SECRET,
                CERTIFICATES,
                ("imagestream", "imageStream"),
                ("pullmethod", "pullMethod"),
            ],
        ),
        "s3" => ("s3", &[URL, SECRET, CERTIFICATES]),
        "vddk" => (
            "vddk",
            &[
                URL,
                SECRET,
                ("backingfile", "backingFile"),
                ("initimageurl", "initImageURL"),
                ("thumbprint", "thumbprint"),
                ("uuid", "uuid"),
            ],
        ),
        _ => return None,
    })
}

/// Reads one volume; `kind` is given where the flag implies it.
pub(super) fn read(text: &str, kind: Option<&str>) -> anyhow::Result<Volume> {
    let mut parameters = Parameters::parse(text)?;
    let kind = match kind {
        Some(kind) => kind.to_owned(),
        None => parameters.need("type")?.to_ascii_lowercase(),
    };
    let name = parameters.take("name");
    let boot_order = parameters.boot_order()?;
    let size = parameters.take("size");
    if let Some(size) = &size {
        quantity::check(size).map_err(|error| error.context("size"))?;
    }
    let mut data_volume = Map::new();
    match kind.as_str() {
        "ds" => {
            data_volume.insert("sourceRef".into(), data_source(&mut parameters)?);
        }
        "pvc" | "snapshot" => {
            data_volume.insert("source".into(), clone(&kind, &mut parameters)?);
        }
        other => {
            let Some((field, keys)) = keys(other) else {
                bail!("invalid volume import type {other:?}, see help for supported values");
            };
            ensure!(size.is_some(), "size must be specified");
            let source = remote(field, keys, &mut parameters)?;
            data_volume.insert("source".into(), json!({ field: source }));
        }
    }
    parameters.end()?;
    let resources = match size {
        Some(size) => json!({ "requests": { "storage": size } }),
        None => json!({}),
    };
    data_volume.insert("storage".into(), json!({ "resources": resources }));
    let name = name.unwrap_or_else(|| random::name("imported-volume-"));
    Ok(Volume {
        source: json!({ "dataVolume": { "name": name } }),
        name,
        boot_order,
        data_volume: Some(data_volume.into()),
        // The importer takes the labels over from these alone.
        inferable: matches!(kind.as_str(), "ds" | "pvc" | "registry" | "snapshot"),
    })
}

fn data_source(parameters: &mut Parameters) -> anyhow::Result<Value> {
    let (namespace, name) = parameters.source()?;
    let mut reference = json!({ "kind": "DataSource", "name": name });
    if let Some(namespace) = namespace {
        reference["namespace"] = namespace.into();
    }
    Ok(reference)
}

fn clone(kind: &str, parameters: &mut Parameters) -> anyhow::Result<Value> {
    let (namespace, name) = parameters.source()?;
    let Some(namespace) = namespace else {
        bail!("namespace of {kind} {name:?} must be specified: src:NAMESPACE/{name}");
    };
    Ok(json!({ kind: { "namespace": namespace, "name": name } }))
}

fn remote(
    kind: &str,
    keys: Keys,
    parameters: &mut Parameters,
) -> anyhow::Result<Map<String, Value>> {
    let mut source = Map::new();
    for (key, field) in keys {
        put(&mut source, field, parameters.take(key));
    }
    if kind == "http" {
        put(&mut source, "extraHeaders", parameters.list("extraheaders"));
        put(
            &mut source,
            "secretExtraHeaders",
            parameters.list("secretextraheaders"),
        );
    }
    match kind {
        "blank" => {}
        "registry" => ensure!(
            source.contains_key("url") != source.contains_key("imageStream"),
            "exactly one of url or imagestream must be defined"
        ),
        _ => ensure!(
            source.contains_key("url"),
            "url is required with {kind} volume source"
        ),
    }
    Ok(source)
}
