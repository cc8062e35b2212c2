//! An image in one file: an OCI layout in a tar, with the `manifest.json` that makes it a Docker archive, too.
//!
//! A blob stands in the tar under its digest, behind its size, which both are known at its end only: the file is written with
//! an empty header that is filled in afterwards.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;

use super::build::Build;
use super::layer::Packer;
use super::manifest::{self, Made};
use super::reference::Reference;
use crate::progress::{Measured, Progress};

const BLOCK: u64 = 512;

/// Makes the image and saves it. A file of that name is replaced at the end, if all went well.
pub(super) async fn save(
    arguments: &Build,
    packer: &Packer,
    reference: &Reference,
    file: &Path,
    progress: &Progress,
) -> anyhow::Result<Made> {
    let disk = Measured::new(arguments.open()?, progress.clone());
    let (packer, reference, architecture) = (
        packer.clone(),
        reference.clone(),
        arguments.arch().to_owned(),
    );
    let mut part = file.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let part = Part(PathBuf::from(part));
    let whole = file.to_owned();
    let work = tokio::task::spawn_blocking(move || -> anyhow::Result<Made> {
        let output = File::create_new(&part.0)?;
        let made = write(disk, output, &packer, &reference, &architecture)?;
        std::fs::rename(&part.0, &whole)?;
        Ok(made)
    });
    work.await
        .context("the work on the archive broke off")?
        .with_context(|| format!("cannot save the image as {}", file.display()))
}

/// A file that is removed unless it was renamed.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // Gone already when all went well.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn write(
    disk: impl io::Read,
    mut output: File,
    packer: &Packer,
    reference: &Reference,
    architecture: &str,
) -> anyhow::Result<Made> {
    let empty = [0; BLOCK as usize];
    output.write_all(&empty)?;
    let buffered = io::BufWriter::with_capacity(256 << 10, output);
    let (buffered, layer) = packer.pack(disk, buffered)?;
    let mut output = buffered
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    let padding = (BLOCK - layer.size % BLOCK) % BLOCK;
    output.write_all(empty.get(..padding as usize).unwrap_or_default())?;
    let end = output.stream_position()?;
    let made = manifest::make(layer, architecture, packer.modified)?;

    output.seek(SeekFrom::Start(0))?;
    let layer_path = blob(&made.layer.digest);
    output.write_all(header(&layer_path, made.layer.size, packer.modified)?.as_bytes())?;
    output.seek(SeekFrom::Start(end))?;

    let index = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [{
            "mediaType": manifest::MANIFEST,
            "digest": made.digest,
            "size": made.manifest.len(),
            "annotations": {
                "io.containerd.image.name": reference.to_string(),
                "org.opencontainers.image.ref.name": reference.tag,
            },
        }],
    });
    let docker = json!([{
        "Config": blob(&made.config_digest),
        "RepoTags": [reference.to_string()],
        "Layers": [layer_path],
    }]);
    let mut tar = tar::Builder::new(output);
    for (path, bytes) in [
        (blob(&made.config_digest), made.config.clone()),
        (blob(&made.digest), made.manifest.clone()),
        ("index.json".to_owned(), serde_json::to_vec(&index)?),
        ("manifest.json".to_owned(), serde_json::to_vec(&docker)?),
        (
            "oci-layout".to_owned(),
            br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec(),
        ),
    ] {
        let header = header(&path, bytes.len() as u64, packer.modified)?;
        tar.append(&header, bytes.as_slice())?;
    }
    tar.into_inner()?.sync_all()?;
    Ok(made)
}

fn blob(digest: &str) -> String {
    format!("blobs/{}", digest.replace(':', "/"))
}

fn header(path: &str, size: u64, modified: u64) -> io::Result<tar::Header> {
    let mut header = tar::Header::new_gnu();
    header.set_path(path)?;
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(modified);
    header.set_size(size);
    header.set_cksum();
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::image::layer::Compression;
    use std::collections::BTreeMap;
    use std::io::Read;

    #[test]
    fn the_archive_holds_what_its_index_names() {
        let path = std::env::temp_dir().join(format!("virtctl-archive-{}", std::process::id()));
        let packer = Packer {
            file_name: "disk.img".to_owned(),
            size: 5000,
            modified: 1,
            compression: Compression::Gzip,
        };
        let reference: Reference = "example.org/me/disk:1".parse().unwrap();
        let output = File::create(&path).unwrap();
        let made = write(&[9; 5000][..], output, &packer, &reference, "amd64").unwrap();

        let mut files = BTreeMap::new();
        for entry in tar::Archive::new(File::open(&path).unwrap())
            .entries()
            .unwrap()
        {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().display().to_string();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            files.insert(name, bytes);
        }
        std::fs::remove_file(&path).unwrap();
        for digest in [&made.digest, &made.config_digest, &made.layer.digest] {
            assert_eq!(&super::super::digest::of(&files[&blob(digest)]), digest);
        }
        let docker: serde_json::Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        assert_eq!(docker[0]["RepoTags"][0], "example.org/me/disk:1");
        assert_eq!(docker[0]["Layers"][0], blob(&made.layer.digest));
        let index: serde_json::Value = serde_json::from_slice(&files["index.json"]).unwrap();
        assert_eq!(index["manifests"][0]["digest"], made.digest);
        assert!(files.contains_key("oci-layout"));
    }
}
