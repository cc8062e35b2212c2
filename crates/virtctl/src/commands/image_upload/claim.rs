//! The DataVolume or PersistentVolumeClaim: made, or checked when it is there.

use std::io::Write;

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value, json};

use super::arguments::{Plan, Target, VolumeMode};
use crate::client::Cluster;
use crate::objects::{self, Failure, annotation, text};

/// CDI's API.
pub(super) const CDI: &str = "/apis/cdi.kubevirt.io/v1beta1";
/// Says that a claim waits for an upload.
const UPLOAD: &str = "cdi.kubevirt.io/storage.upload.target";
const CONTENT: &str = "cdi.kubevirt.io/storage.contentType";
const FORCE_BIND: &str = "cdi.kubevirt.io/storage.bind.immediate.requested";
/// How CDI's pod for the claim fares.
pub(super) const POD_PHASE: &str = "cdi.kubevirt.io/storage.pod.phase";

/// The claim of the plan. A DataVolume's claim has its name.
pub(super) async fn get(cluster: &Cluster, plan: &Plan) -> anyhow::Result<Option<Value>> {
    let path = objects::path(
        "/api/v1",
        &cluster.namespace,
        "persistentvolumeclaims",
        Some(&plan.name),
    )?;
    objects::get(&cluster.client, &path).await
}

/// The DataVolume of the plan.
pub(super) async fn get_data_volume(
    cluster: &Cluster,
    plan: &Plan,
) -> anyhow::Result<Option<Value>> {
    let path = objects::path(CDI, &cluster.namespace, "datavolumes", Some(&plan.name))?;
    objects::get(&cluster.client, &path).await
}

/// Makes the volume, or makes sure that the one that is there takes an upload.
pub(super) async fn prepare(
    cluster: &Cluster,
    plan: &Plan,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let (namespace, name) = (&cluster.namespace, &plan.name);
    match get(cluster, plan).await? {
        Some(claim) => {
            let volume = match plan.target {
                Target::DataVolume => get_data_volume(cluster, plan).await?,
                Target::Claim => None,
            };
            check(&claim, volume.as_ref(), plan)?;
            writeln!(out, "Using existing PVC {namespace}/{name}")?;
        }
        None if plan.target == Target::DataVolume
            && get_data_volume(cluster, plan).await?.is_some() =>
        {
            // Its claim is made when the first pod is there, or at once by force.
            writeln!(out, "Using existing PVC {namespace}/{name}")?;
        }
        None if !plan.create => {
            bail!(
                "persistentvolumeclaims \"{name}\" not found in namespace {namespace}: leave out --no-create to make it"
            )
        }
        None => create(cluster, plan, out).await?,
    }
    Ok(())
}

async fn create(cluster: &Cluster, plan: &Plan, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(size) = &plan.size else {
        bail!("when creating a resource, the size must be specified: give --size");
    };
    let (kind, prefix, resource, object) = match plan.target {
        Target::DataVolume => ("DataVolume", CDI, "datavolumes", data_volume(plan, size)),
        Target::Claim => (
            "PersistentVolumeClaim",
            "/api/v1",
            "persistentvolumeclaims",
            claim(plan, size),
        ),
    };
    let path = objects::path(prefix, &cluster.namespace, resource, None)?;
    match objects::create(&cluster.client, &path, &object).await {
        Ok(_) => {}
        Err(Failure::Missing(_)) => bail!(NO_CDI),
        Err(Failure::Other(error)) => {
            return Err(error.context(format!("the {kind} cannot be made")));
        }
    }
    writeln!(out, "{kind} {}/{} created", cluster.namespace, plan.name)?;
    Ok(())
}

/// What to do without CDI.
pub(super) const NO_CDI: &str = "the cluster has no CDI (Containerized Data Importer), which takes uploads: install it \
    (github.com/kubevirt/containerized-data-importer), or bring the disk as a containerDisk: virtctl image build DISK -t IMAGE";

pub(super) fn data_volume(plan: &Plan, size: &str) -> Value {
    json!({
        "apiVersion": "cdi.kubevirt.io/v1beta1",
        "kind": "DataVolume",
        "metadata": metadata(plan, &[]),
        "spec": {
            "source": { "upload": {} },
            "storage": storage(plan, size, None),
            "contentType": plan.content(),
        },
    })
}

pub(super) fn claim(plan: &Plan, size: &str) -> Value {
    let mut metadata = metadata(plan, &[(CONTENT, plan.content()), (UPLOAD, "")]);
    // Lets CDI fill in what suits the storage class.
    if let Some(object) = metadata.as_object_mut() {
        let labels = object.entry("labels").or_insert_with(|| json!({}));
        if let Some(labels) = labels.as_object_mut() {
            labels.insert("cdi.kubevirt.io/applyStorageProfile".into(), "true".into());
        }
    }
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata,
        "spec": storage(plan, size, Some("ReadWriteOnce")),
    })
}

fn metadata(plan: &Plan, annotations: &[(&str, &str)]) -> Value {
    let mut all: Map<String, Value> = annotations
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).into()))
        .collect();
    if plan.force_bind {
        all.insert(FORCE_BIND.into(), "".into());
    }
    let mut metadata = json!({ "name": plan.name });
    if let Some(object) = metadata.as_object_mut() {
        if !all.is_empty() {
            object.insert("annotations".into(), all.into());
        }
        if !plan.labels.is_empty() {
            object.insert("labels".into(), json!(plan.labels));
        }
    }
    metadata
}

fn storage(plan: &Plan, size: &str, default_mode: Option<&str>) -> Value {
    let mut storage = Map::new();
    if let Some(mode) = plan.access_mode.as_deref().or(default_mode) {
        storage.insert("accessModes".into(), json!([mode]));
    }
    storage.insert(
        "resources".into(),
        json!({ "requests": { "storage": size } }),
    );
    if let Some(class) = &plan.storage_class {
        storage.insert("storageClassName".into(), class.as_str().into());
    }
    if let Some(mode) = plan.volume_mode {
        let mode = match mode {
            VolumeMode::Block => "Block",
            VolumeMode::Filesystem => "Filesystem",
        };
        storage.insert("volumeMode".into(), mode.into());
    }
    storage.into()
}

/// Whether a claim that is there takes this upload.
fn check(claim: &Value, volume: Option<&Value>, plan: &Plan) -> anyhow::Result<()> {
    let name = &plan.name;
    ensure!(
        annotation(claim, POD_PHASE) != Some("Succeeded"),
        "PVC {name} already successfully imported/cloned/updated: take another name, or delete it first"
    );
    match (plan.target, volume) {
        (Target::DataVolume, None) => {
            bail!(
                "no DataVolume is associated with the existing PVC {name}: upload with pvc {name}"
            )
        }
        (Target::DataVolume, Some(volume)) => {
            ensure!(
                volume.pointer("/spec/source/upload").is_some(),
                "DataVolume {name} is not for uploads: spec.source has no upload"
            );
            let content = text(volume, "/spec/contentType");
            ensure!(
                (content == "archive") == plan.archive,
                "DataVolume {name} has the content type {content:?}, the upload is {:?}",
                plan.content()
            );
            return Ok(());
        }
        (Target::Claim, _) => {}
    }
    ensure!(
        annotation(claim, UPLOAD).is_some(),
        "PVC {name} not available for upload: it has no annotation {UPLOAD}"
    );
    let archive = annotation(claim, CONTENT) == Some("archive");
    ensure!(
        archive == plan.archive,
        "PVC {name} is for {}, the upload is {:?}",
        if archive { "archives" } else { "disks" },
        plan.content()
    );
    Ok(())
}

/// The configuration of CDI; an error with the remedy without one.
pub(super) async fn configuration(cluster: &Cluster) -> anyhow::Result<Value> {
    let config = objects::get(&cluster.client, &format!("{CDI}/cdiconfigs/config")).await;
    config
        .context("cannot read CDI's configuration")?
        .context(NO_CDI)
}
