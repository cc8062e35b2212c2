//! `image build DISK -t IMAGE`.
//!
//! The disk is read once: packed, compressed, hashed and sent (or written) at the same time, in bounded memory and without a
//! temporary file.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::format::Disk;
use super::layer::{Compression, Packer};
use super::reference::Reference;
use super::registry::Access;
use super::{archive, format, manifest, push};
use crate::progress::Progress;

/// `virtctl image build`.
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The disk: a qcow2 file without a backing file, or a raw one.
    #[arg(value_name = "DISK")]
    disk: PathBuf,
    /// The image's name: REGISTRY/NAME:TAG.
    #[arg(short = 't', long, value_name = "IMAGE")]
    tag: String,
    /// Save the image as an archive (for docker load, podman load, skopeo, ctr) instead of pushing it.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the result as json or yaml.
    #[arg(short = 'o', value_name = "FORMAT", value_enum)]
    format: Option<Shape>,
    /// How the layer is compressed.
    #[arg(long, value_enum, default_value_t = Compression::Gzip)]
    compression: Compression,
    /// The processor that the disk's system is for, as images name it: amd64, arm64, s390x. Default: this computer's.
    #[arg(long, value_name = "ARCHITECTURE", default_value_t = manifest::host_architecture().to_owned())]
    arch: String,
    /// Accept any certificate of the registry, and plain HTTP where it has no TLS.
    #[arg(long)]
    insecure: bool,
    /// Speak HTTP without TLS to the registry.
    #[arg(long)]
    plain_http: bool,
    /// How often a push whose connection broke is tried again.
    #[arg(long, default_value_t = 3, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(0..=100))]
    retry: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shape {
    Json,
    Yaml,
}

/// `virtctl image build`.
pub(crate) async fn run(arguments: &Build) -> anyhow::Result<()> {
    let reference: Reference = arguments.tag.parse()?;
    let disk = format::examine(&arguments.disk)?;
    let packer = Packer {
        file_name: file_name(&arguments.disk)?,
        size: disk.size,
        modified: modified(&arguments.disk)?,
        compression: arguments.compression,
    };
    let what = if arguments.output.is_some() {
        "Saving"
    } else {
        "Pushing"
    };
    let progress = Progress::bytes(what, Some(disk.size));
    let made = match &arguments.output {
        Some(file) => archive::save(arguments, &packer, &reference, file, &progress).await,
        None => {
            let access = Access {
                insecure: arguments.insecure,
                plain: arguments.plain_http,
            };
            push::push(arguments, &packer, &reference, access, &progress).await
        }
    };
    progress.clear();
    print(arguments, &reference, &disk, &made?)
}

impl Build {
    /// Opens the disk for reading from its beginning.
    pub(super) fn open(&self) -> anyhow::Result<File> {
        File::open(&self.disk).with_context(|| format!("cannot read {}", self.disk.display()))
    }

    pub(super) fn arch(&self) -> &str {
        &self.arch
    }

    pub(super) fn retry(&self) -> u32 {
        self.retry
    }
}

fn print(
    arguments: &Build,
    reference: &Reference,
    disk: &Disk,
    made: &manifest::Made,
) -> anyhow::Result<()> {
    let image = format!("{reference}@{}", made.digest);
    let result: Value = json!({
        "image": image,
        "digest": made.digest,
        "layer": { "digest": made.layer.digest, "diffID": made.layer.diff_id, "size": made.layer.size },
        "architecture": arguments.arch,
        "disk": { "format": disk.format.to_string(), "size": disk.size, "virtualSize": disk.virtual_size },
        "archive": arguments.output,
    });
    match arguments.format {
        Some(Shape::Json) => println!("{}", serde_json::to_string_pretty(&result)?),
        Some(Shape::Yaml) => print!("{}", serde_saphyr::to_string(&result)?),
        None => println!("{image}"),
    }
    Ok(())
}

/// The disk's name in the image: that of the file, of plain characters.
fn file_name(path: &Path) -> anyhow::Result<String> {
    let name = path
        .file_name()
        .with_context(|| format!("{} is not a file", path.display()))?;
    let plain: String = name
        .to_string_lossy()
        .chars()
        .map(|character| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => character,
            _ => '-',
        })
        .collect();
    // A leading dot would hide it from tools that look for the disk.
    let plain: String = plain.trim_start_matches('.').chars().take(99).collect();
    Ok(if plain.is_empty() {
        "disk.img".to_owned()
    } else {
        plain
    })
}

/// Seconds since 1970 at which the image was made: the time of the disk, so that the same disk gives the same image;
/// `$SOURCE_DATE_EPOCH` overrides it.
fn modified(path: &Path) -> anyhow::Result<u64> {
    if let Ok(text) = std::env::var("SOURCE_DATE_EPOCH") {
        return text
            .parse()
            .with_context(|| format!("$SOURCE_DATE_EPOCH: {text:?} is not a number of seconds"));
    }
    let time = std::fs::metadata(path).and_then(|data| data.modified());
    let time = time.with_context(|| format!("cannot read {}", path.display()))?;
    Ok(time
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_image_are_plain() {
        assert_eq!(
            file_name(Path::new("/x/My disk.qcow2")).unwrap(),
            "My-disk.qcow2"
        );
        assert_eq!(file_name(Path::new(".hidden")).unwrap(), "hidden");
        assert_eq!(file_name(Path::new("...")).unwrap(), "disk.img");
        assert!(file_name(Path::new("/")).is_err());
    }
}
