//! The flags of `image-upload`, and what they mean together.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{bail, ensure};
use clap::{Args, ValueEnum};

use crate::quantity;

/// `virtctl image-upload`.
#[derive(Debug, Args)]
pub(crate) struct ImageUpload {
    /// What to upload to, and its name: dv NAME or pvc NAME.
    #[arg(value_name = "dv|pvc NAME", num_args = 0..=2)]
    target: Vec<String>,
    /// The image: qcow2, raw and what else CDI reads, maybe compressed.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "archive_path",
        required_unless_present = "archive_path"
    )]
    image_path: Option<PathBuf>,
    /// A tar whose files the volume is to hold.
    #[arg(long, value_name = "FILE")]
    archive_path: Option<PathBuf>,
    /// Size of the volume to be made, for example 10Gi.
    #[arg(long, value_name = "SIZE")]
    size: Option<String>,
    /// Storage class of the volume to be made.
    #[arg(long, value_name = "NAME")]
    storage_class: Option<String>,
    /// Access mode of the volume to be made: ReadWriteOnce or ReadWriteMany.
    #[arg(long, value_name = "MODE")]
    access_mode: Option<String>,
    /// Volume mode of the volume to be made. Default: what suits the storage class; filesystem for an archive.
    #[arg(long, value_name = "MODE", ignore_case = true)]
    volume_mode: Option<VolumeMode>,
    /// Accept any certificate of the upload proxy.
    #[arg(long)]
    insecure: bool,
    /// URL of CDI's upload proxy. Default: what CDI's configuration says.
    #[arg(long, value_name = "URL")]
    uploadproxy_url: Option<String>,
    /// Use a volume that is there; make none.
    #[arg(long)]
    no_create: bool,
    /// Seconds to wait until the volume takes the upload.
    #[arg(long, default_value_t = 300, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=604_800))]
    wait_secs: u64,
    /// How often the upload is tried again when the proxy cannot take it now.
    #[arg(long, default_value_t = 5, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(0..=1000))]
    retry: u32,
    /// Bind the volume now, though its storage class waits for the first pod.
    #[arg(long)]
    force_bind: bool,
    /// Make a DataSource that points to the volume.
    #[arg(long)]
    datasource: bool,
    /// Instancetype for virtual machines from this image.
    #[arg(long, value_name = "NAME")]
    default_instancetype: Option<String>,
    /// Kind of that instancetype.
    #[arg(long, value_name = "KIND")]
    default_instancetype_kind: Option<String>,
    /// Preference for virtual machines from this image.
    #[arg(long, value_name = "NAME")]
    default_preference: Option<String>,
    /// Kind of that preference.
    #[arg(long, value_name = "KIND")]
    default_preference_kind: Option<String>,
    /// Deprecated: name of the PersistentVolumeClaim.
    #[arg(long, hide = true, value_name = "NAME")]
    pvc_name: Option<String>,
    /// Deprecated: --size.
    #[arg(long, hide = true, value_name = "SIZE")]
    pvc_size: Option<String>,
    /// Deprecated: --volume-mode block.
    #[arg(long, hide = true)]
    block_volume: bool,
}

/// How a volume is seen by its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum VolumeMode {
    /// A block device.
    Block,
    /// Files.
    Filesystem,
}

/// What is uploaded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    DataVolume,
    Claim,
}

/// The flags after the checks.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) target: Target,
    pub(super) name: String,
    pub(super) file: PathBuf,
    pub(super) archive: bool,
    pub(super) size: Option<String>,
    pub(super) storage_class: Option<String>,
    pub(super) access_mode: Option<String>,
    pub(super) volume_mode: Option<VolumeMode>,
    pub(super) insecure: bool,
    pub(super) proxy: Option<String>,
    pub(super) create: bool,
    pub(super) wait: Duration,
    pub(super) retry: u32,
    pub(super) force_bind: bool,
    pub(super) data_source: bool,
    pub(super) labels: BTreeMap<String, String>,
}

impl Plan {
    /// Checks what can be checked without the cluster.
    pub(super) fn new(arguments: &ImageUpload) -> anyhow::Result<Self> {
        let (target, name) = target(arguments)?;
        let size =
            deprecated("--pvc-size", &arguments.pvc_size, "--size").or(arguments.size.clone());
        if let Some(size) = &size {
            let bytes = quantity::bytes(size).map_err(|error| error.context("--size"))?;
            ensure!(bytes > 0, "--size: the size must be greater than zero");
        }
        if arguments.access_mode.as_deref() == Some("ReadOnlyMany") {
            bail!(
                "cannot upload to a readonly volume, use either ReadWriteOnce or ReadWriteMany if supported"
            );
        }
        let mut volume_mode = arguments.volume_mode;
        if arguments.block_volume {
            eprintln!("--block-volume is deprecated: use --volume-mode block");
            ensure!(
                volume_mode != Some(VolumeMode::Filesystem),
                "incompatible --volume-mode 'filesystem' and --block-volume"
            );
            volume_mode = Some(VolumeMode::Block);
        }
        let archive = arguments.archive_path.is_some();
        if archive {
            ensure!(
                volume_mode != Some(VolumeMode::Block),
                "in archive upload the volume mode should always be filesystem"
            );
            volume_mode = Some(VolumeMode::Filesystem);
        }
        let labels = labels(arguments)?;
        ensure!(
            labels.is_empty() || !arguments.no_create,
            "--default-instancetype and --default-preference cannot be used with --no-create"
        );
        Ok(Self {
            target,
            name,
            file: arguments
                .image_path
                .clone()
                .or(arguments.archive_path.clone())
                .unwrap_or_default(),
            archive,
            size,
            storage_class: arguments.storage_class.clone(),
            access_mode: arguments.access_mode.clone(),
            volume_mode,
            insecure: arguments.insecure,
            proxy: arguments.uploadproxy_url.clone(),
            create: !arguments.no_create,
            wait: Duration::from_secs(arguments.wait_secs),
            retry: arguments.retry,
            force_bind: arguments.force_bind,
            data_source: arguments.datasource,
            labels,
        })
    }

    /// `kubevirt` for a disk, `archive` for files.
    pub(super) fn content(&self) -> &'static str {
        if self.archive { "archive" } else { "kubevirt" }
    }
}

fn target(arguments: &ImageUpload) -> anyhow::Result<(Target, String)> {
    if let Some(name) = deprecated("--pvc-name", &arguments.pvc_name, "the arguments pvc NAME") {
        ensure!(
            arguments.target.is_empty(),
            "cannot use --pvc-name and the arguments dv|pvc NAME"
        );
        return Ok((Target::Claim, name));
    }
    let [kind, name] = arguments.target.as_slice() else {
        bail!("expecting two args: dv NAME or pvc NAME");
    };
    let target = match kind.to_ascii_lowercase().as_str() {
        "dv" | "datavolume" | "datavolumes" => Target::DataVolume,
        "pvc" | "persistentvolumeclaim" | "persistentvolumeclaims" => Target::Claim,
        _ => bail!("invalid resource type {kind}: use dv or pvc"),
    };
    Ok((target, name.clone()))
}

fn deprecated(flag: &str, value: &Option<String>, instead: &str) -> Option<String> {
    let value = value.clone()?;
    eprintln!("{flag} is deprecated: use {instead}");
    Some(value)
}

/// The labels by which a virtual machine finds the instancetype and preference of its volume.
fn labels(arguments: &ImageUpload) -> anyhow::Result<BTreeMap<String, String>> {
    let mut labels = BTreeMap::new();
    for (what, name, kind) in [
        (
            "instancetype",
            &arguments.default_instancetype,
            &arguments.default_instancetype_kind,
        ),
        (
            "preference",
            &arguments.default_preference,
            &arguments.default_preference_kind,
        ),
    ] {
        ensure!(
            name.is_some() || kind.is_none(),
            "--default-{what} must be provided with --default-{what}-kind"
        );
        for (suffix, value) in [("", name), ("-kind", kind)] {
            if let Some(value) = value {
                labels.insert(
                    format!("instancetype.kubevirt.io/default-{what}{suffix}"),
                    value.clone(),
                );
            }
        }
    }
    Ok(labels)
}
