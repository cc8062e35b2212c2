//! The flags of `vmexport`, and which of them go together.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{bail, ensure};
use clap::{Args, ValueEnum};

use super::download::{Download, What};
use super::object::{Export, Keep, Source};
use crate::{duration, key_value};

/// `virtctl vmexport`.
#[derive(Debug, Args)]
pub(crate) struct Vmexport {
    /// What to do.
    #[arg(value_enum)]
    action: Action,
    /// Name of the VirtualMachineExport.
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    #[command(flatten)]
    source: SourceFlags,
    /// How long the export lives, for example 30m. Default: 2h, by the server.
    #[arg(long, value_name = "DURATION", value_parser = duration_text)]
    ttl: Option<String>,
    /// Labels of the export and its pod.
    #[arg(long, value_name = "KEY=VALUE", value_delimiter = ',', value_parser = key_value::parse)]
    labels: Vec<(String, String)>,
    /// Annotations of the export and its pod.
    #[arg(long, value_name = "KEY=VALUE", value_delimiter = ',', value_parser = key_value::parse)]
    annotations: Vec<(String, String)>,
    /// download: the file to write; - is standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<String>,
    /// download: the volume, where there is more than one.
    #[arg(long, value_name = "NAME")]
    volume: Option<String>,
    /// download: the form of the volume.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// download: leave the export there afterwards.
    #[arg(long, conflicts_with = "delete_vme")]
    keep_vme: bool,
    /// download: delete the export afterwards, though it was there before.
    #[arg(long)]
    delete_vme: bool,
    /// download: accept any certificate of the export server.
    #[arg(long)]
    insecure: bool,
    /// download: reach the export server by a port of this computer, for clusters without a way in for exports.
    #[arg(long)]
    port_forward: bool,
    /// download: that port; 0 is a free one.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    local_port: u16,
    /// download: HOST[:PORT] by which the export's Service is reached from here.
    #[arg(long, value_name = "HOST", conflicts_with = "port_forward")]
    service_url: Option<String>,
    /// download: how often a download that failed is tried again.
    #[arg(long, default_value_t = 0, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(0..=1000))]
    retry: u32,
    /// download: how long to wait for the export to be ready.
    #[arg(long, default_value = "2m", value_name = "DURATION", value_parser = duration::parse)]
    readiness_timeout: Duration,
    /// download: the manifest of the virtual machine instead of a volume.
    #[arg(long)]
    manifest: bool,
    /// download: with --manifest, also the Secret by which CDI may read the volumes.
    #[arg(long)]
    include_secret: bool,
    /// download: the form of the manifest.
    #[arg(long, value_enum)]
    manifest_output_format: Option<ManifestFormat>,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
struct SourceFlags {
    /// Export this VirtualMachine, which must be off.
    #[arg(long, value_name = "NAME")]
    vm: Option<String>,
    /// Export this VirtualMachineSnapshot.
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,
    /// Export this PersistentVolumeClaim.
    #[arg(long, value_name = "NAME")]
    pvc: Option<String>,
    /// Export this VirtualMachineTemplate.
    #[arg(long, value_name = "NAME")]
    vmtemplate: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Action {
    Create,
    Delete,
    Download,
}

/// In what form a volume comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Compressed.
    Gzip,
    /// As it is.
    Raw,
    /// All of the virtual machine as an OCI image.
    Oci,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ManifestFormat {
    Yaml,
    Json,
}

/// What is to be done, after the checks.
#[derive(Clone, Debug)]
pub(super) enum Work {
    Create(Export),
    Delete,
    Download(Download),
}

impl Vmexport {
    /// Checks the flags.
    pub(super) fn work(&self) -> anyhow::Result<Work> {
        let source = self.source.source();
        match self.action {
            Action::Create => {
                self.only_for_download()?;
                let Some(source) = source else {
                    bail!(
                        "need to specify export kind when attempting to create a VirtualMachineExport [--pvc|--vm|--snapshot|--vmtemplate]"
                    );
                };
                Ok(Work::Create(self.export(source)))
            }
            Action::Delete => {
                self.only_for_download()?;
                ensure!(source.is_none(), "should not specify export kind");
                self.only_for_create("delete")?;
                Ok(Work::Delete)
            }
            Action::Download => Ok(Work::Download(self.download(source)?)),
        }
    }

    fn export(&self, source: Source) -> Export {
        Export {
            source,
            ttl: self.ttl.clone(),
            labels: self.labels.iter().cloned().collect::<BTreeMap<_, _>>(),
            annotations: self.annotations.iter().cloned().collect::<BTreeMap<_, _>>(),
        }
    }

    fn download(&self, source: Option<Source>) -> anyhow::Result<Download> {
        if source.is_none() {
            self.only_for_create("download of an export that is there")?;
        }
        let what = if self.manifest {
            for (flag, given) in [
                ("volume", self.volume.is_some()),
                ("format", self.format.is_some()),
            ] {
                ensure!(
                    !given,
                    "the '--{flag}' flag is incompatible with '--manifest'"
                );
            }
            What::Manifest {
                format: self.manifest_output_format.unwrap_or(ManifestFormat::Yaml),
                secret: self.include_secret,
            }
        } else {
            for (flag, given) in [
                ("include-secret", self.include_secret),
                (
                    "manifest-output-format",
                    self.manifest_output_format.is_some(),
                ),
            ] {
                ensure!(!given, "the '--{flag}' flag needs '--manifest'");
            }
            ensure!(
                self.output
                    .as_deref()
                    .is_some_and(|output| !output.is_empty()),
                "Binary output can mess up your terminal. Use '--output -' to output into stdout anyway or consider '--output <FILE>' to save to a file"
            );
            What::Volume {
                name: self.volume.clone(),
                format: self.format.unwrap_or(Format::Gzip),
            }
        };
        ensure!(
            self.local_port == 0 || self.port_forward,
            "the '--local-port' flag needs '--port-forward'"
        );
        Ok(Download {
            name: self.name.clone(),
            export: source.map(|source| self.export(source)),
            what,
            output: self.output.clone().unwrap_or_default(),
            keep: match (self.keep_vme, self.delete_vme) {
                (true, _) => Keep::Always,
                (_, true) => Keep::Never,
                _ => Keep::Found,
            },
            insecure: self.insecure,
            port_forward: self.port_forward.then_some(self.local_port),
            service_url: self.service_url.clone(),
            retry: self.retry,
            readiness: self.readiness_timeout,
        })
    }

    fn only_for_download(&self) -> anyhow::Result<()> {
        let action = if self.action == Action::Create {
            "create"
        } else {
            "delete"
        };
        for (flag, given) in [
            ("output", self.output.is_some()),
            ("volume", self.volume.is_some()),
            ("format", self.format.is_some()),
            ("keep-vme", self.keep_vme),
            ("delete-vme", self.delete_vme),
            ("insecure", self.insecure),
            ("port-forward", self.port_forward),
            ("local-port", self.local_port != 0),
            ("service-url", self.service_url.is_some()),
            ("retry", self.retry != 0),
            ("manifest", self.manifest),
            ("include-secret", self.include_secret),
            (
                "manifest-output-format",
                self.manifest_output_format.is_some(),
            ),
        ] {
            ensure!(
                !given,
                "the '--{flag}' flag is incompatible with '{action}'"
            );
        }
        Ok(())
    }

    fn only_for_create(&self, what: &str) -> anyhow::Result<()> {
        for (flag, given) in [
            ("ttl", self.ttl.is_some()),
            ("labels", !self.labels.is_empty()),
            ("annotations", !self.annotations.is_empty()),
        ] {
            ensure!(!given, "the '--{flag}' flag is incompatible with {what}");
        }
        Ok(())
    }
}

impl SourceFlags {
    fn source(&self) -> Option<Source> {
        let of = |name: &Option<String>, group, kind| {
            name.clone().map(|name| Source { group, kind, name })
        };
        of(&self.vm, "kubevirt.io", "VirtualMachine")
            .or_else(|| {
                of(
                    &self.snapshot,
                    "snapshot.kubevirt.io",
                    "VirtualMachineSnapshot",
                )
            })
            .or_else(|| of(&self.pvc, "", "PersistentVolumeClaim"))
            .or_else(|| {
                of(
                    &self.vmtemplate,
                    "template.kubevirt.io",
                    "VirtualMachineTemplate",
                )
            })
    }
}

/// The server reads durations in the same form, except for a bare number.
fn duration_text(text: &str) -> Result<String, String> {
    let duration = duration::parse(text)?;
    Ok(if text.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("{}s", duration.as_secs())
    } else {
        text.to_owned()
    })
}
