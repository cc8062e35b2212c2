//! The cloud-init disk: an ISO 9660 image with the label `cidata`, in which cloud-init's NoCloud source finds its data.
//!
//! Secrets are not read over the API: the launcher pod has them as a volume, and they are read from kubelet's side of it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine;
use kubevirt_api::{CloudInitNoCloudSource, VirtualMachineInstance, Volume};
use kubevirt_node::paths::{Beneath, Owner, PathError};
use serde_json::json;
use tokio::io::AsyncReadExt;

/// The longest piece of data, in bytes: the longest Secret that Kubernetes keeps.
const MAX_DATA: u64 = 1024 * 1024;
/// The longest image, in bytes: user data, network data and the file system around them.
const MAX_IMAGE: u64 = 8 * 1024 * 1024;
/// How long the image may take to be made.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The program that makes it.
const PROGRAM: &str = "xorrisofs";

/// Why there is no cloud-init disk; the words go to the user.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("cloud-init volume {volume}: {field} is not base64: {text}")]
    Base64 {
        volume: String,
        field: &'static str,
        text: String,
    },
    #[error(
        "cloud-init volume {volume}: the secret {secret} has neither key {first} nor {second}; add one of them"
    )]
    NoKey {
        volume: String,
        secret: String,
        first: &'static str,
        second: &'static str,
    },
    #[error("cloud-init volume {volume}: {source}")]
    Path {
        volume: String,
        source: Box<PathError>,
    },
    #[error("cloud-init volume {volume}: cannot make the image: {text}")]
    Image { volume: String, text: String },
}

/// The contents of the disk.
#[derive(Debug, PartialEq, Eq)]
struct Data {
    meta: Vec<u8>,
    user: Option<Vec<u8>>,
    network: Option<Vec<u8>>,
}

/// Makes the cloud-init disk of `instance` in its launcher pod when it has one that is not there yet.
///
/// `ephemeral` is the pod's emptyDir `ephemeral-disks`.
pub(super) async fn make(
    instance: &VirtualMachineInstance,
    kubelet_root: &Path,
    pod_uid: &str,
    ephemeral: &Beneath,
) -> Result<(), Error> {
    let mut numbered = instance.spec.volumes.iter().enumerate();
    let found = numbered
        .find_map(|(index, volume)| Some((index, volume, volume.cloud_init_no_cloud.as_ref()?)));
    let Some((index, volume, source)) = found else {
        return Ok(());
    };
    let path_error = |source| Error::Path {
        volume: volume.name.clone(),
        source: Box::new(source),
    };
    let metadata = &instance.metadata;
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    let name = metadata.name.as_deref().unwrap_or_default();
    let folder = Path::new("cloud-init-data").join(namespace).join(name);
    let folder = ephemeral
        .create_dir(folder, Owner::QEMU, 0o750)
        .map_err(path_error)?;
    // A guest may have it open already: virt-handler was restarted.
    match folder.hold_file("noCloud.iso") {
        Ok(_) => return Ok(()),
        Err(error) if error.is_missing() => {}
        Err(error) => return Err(path_error(error)),
    }
    let data = collect(instance, volume, source, || {
        let folder = format!("pods/{pod_uid}/volumes/kubernetes.io~projected/secret-{index}");
        Beneath::open_root(kubelet_root)?.open_dir(folder)
    })?;
    let image = image(&volume.name, &data).await?;
    folder
        .write_atomic("noCloud.iso", &image, Owner::QEMU, 0o640)
        .map_err(path_error)
}

/// The size in bytes of the disk that [`make`] has made, if any.
pub(super) fn size(instance: &VirtualMachineInstance, ephemeral: &Beneath) -> Option<i64> {
    let metadata = &instance.metadata;
    let path = Path::new("cloud-init-data")
        .join(metadata.namespace.as_deref()?)
        .join(metadata.name.as_deref()?);
    let file = ephemeral
        .open_file(path.join("noCloud.iso"), kubevirt_node::paths::Access::Read)
        .ok()?;
    i64::try_from(file.metadata().ok()?.len()).ok()
}

/// Gathers the data from wherever the volume says it is.
fn collect(
    instance: &VirtualMachineInstance,
    volume: &Volume,
    source: &CloudInitNoCloudSource,
    secrets: impl Fn() -> Result<Beneath, PathError>,
) -> Result<Data, Error> {
    let base64 = |field, text: &str| {
        // Line breaks are what `base64` puts in.
        let plain: String = text.split_whitespace().collect();
        base64::engine::general_purpose::STANDARD
            .decode(plain)
            .map_err(|error| Error::Base64 {
                volume: volume.name.clone(),
                field,
                text: error.to_string(),
            })
    };
    let secret = |secret: &str, first, second| {
        let path_error = |source| Error::Path {
            volume: volume.name.clone(),
            source: Box::new(source),
        };
        let folder = secrets().map_err(path_error)?;
        for key in [first, second] {
            match folder.read_within(key, MAX_DATA) {
                Ok(bytes) => return Ok(bytes),
                Err(error) if error.is_missing() => {}
                Err(source) => return Err(path_error(source)),
            }
        }
        Err(Error::NoKey {
            volume: volume.name.clone(),
            secret: secret.to_owned(),
            first,
            second,
        })
    };
    let user = if let Some(text) = &source.user_data {
        Some(text.clone().into_bytes())
    } else if let Some(text) = &source.user_data_base64 {
        Some(base64("userDataBase64", text)?)
    } else if let Some(reference) = &source.secret_ref {
        Some(secret(&reference.name, "userdata", "userData")?)
    } else {
        None
    };
    let network = if let Some(text) = &source.network_data {
        Some(text.clone().into_bytes())
    } else if let Some(text) = &source.network_data_base64 {
        Some(base64("networkDataBase64", text)?)
    } else if let Some(reference) = &source.network_data_secret_ref {
        Some(secret(&reference.name, "networkdata", "networkData")?)
    } else {
        None
    };
    Ok(Data {
        meta: meta_data(instance),
        user,
        network,
    })
}

/// `meta-data`: who the guest is. cloud-init runs its once-per-instance parts again when the instance-id changes.
fn meta_data(instance: &VirtualMachineInstance) -> Vec<u8> {
    let metadata = &instance.metadata;
    let name = metadata.name.as_deref().unwrap_or_default();
    let uuid = instance
        .spec
        .domain
        .firmware
        .as_ref()
        .and_then(|firmware| firmware.uuid.clone());
    let identity = uuid.unwrap_or_else(|| {
        format!(
            "{name}.{}",
            metadata.namespace.as_deref().unwrap_or_default()
        )
    });
    let hostname = instance
        .spec
        .hostname
        .as_deref()
        .filter(|name| !name.is_empty())
        .unwrap_or(name);
    json!({ "instance-id": identity, "local-hostname": hostname })
        .to_string()
        .into_bytes()
}

/// Makes the image from the data with xorrisofs.
async fn image(volume: &str, data: &Data) -> Result<Vec<u8>, Error> {
    let failed = |text: String| Error::Image {
        volume: volume.to_owned(),
        text,
    };
    let folder =
        tempfile::tempdir().map_err(|error| failed(format!("no temporary directory: {error}")))?;
    let empty = Vec::new();
    // cloud-init takes the disk only with both of the first two.
    let files = [
        ("meta-data", Some(&data.meta)),
        ("user-data", Some(data.user.as_ref().unwrap_or(&empty))),
        ("network-config", data.network.as_ref()),
    ];
    for (name, bytes) in files {
        if let Some(bytes) = bytes {
            std::fs::write(folder.path().join(name), bytes)
                .map_err(|error| failed(format!("cannot write {name}: {error}")))?;
        }
    }
    let mut child = tokio::process::Command::new(PROGRAM)
        .args(["-quiet", "-volid", "cidata", "-joliet", "-rock", "-o", "-"])
        .arg(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(format!("cannot run {PROGRAM}: {error}")))?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(failed(format!("{PROGRAM} has no output")));
    };
    let work = async {
        let (mut image, mut words) = (Vec::new(), Vec::new());
        let (mut stdout, mut stderr) = (stdout.take(MAX_IMAGE + 1), stderr.take(4096));
        let (read, said) = tokio::join!(
            stdout.read_to_end(&mut image),
            stderr.read_to_end(&mut words)
        );
        read?;
        said?;
        // Whatever is left unread must not keep the program waiting.
        drop((stdout, stderr));
        Ok::<_, std::io::Error>((child.wait().await?, image, words))
    };
    let (status, image, words) = tokio::time::timeout(TIMEOUT, work)
        .await
        .map_err(|_| failed(format!("{PROGRAM} took longer than {TIMEOUT:?}")))?
        .map_err(|error| failed(format!("{PROGRAM} failed: {error}")))?;
    if !status.success() {
        return Err(failed(format!(
            "{PROGRAM} failed ({status}): {}",
            String::from_utf8_lossy(&words).trim()
        )));
    }
    if image.len() as u64 > MAX_IMAGE {
        return Err(failed(format!(
            "the image is larger than {MAX_IMAGE} bytes"
        )));
    }
    Ok(image)
}

#[cfg(test)]
mod tests;
