//! The pod's volumes and where `compute` sees them.

use k8s_openapi::api::core::v1::{
    EmptyDirVolumeSource, ImageVolumeSource, PersistentVolumeClaimVolumeSource,
    ProjectedVolumeSource, SecretProjection, Volume, VolumeDevice, VolumeMount, VolumeProjection,
};
use kubevirt_api::{CloudInitNoCloudSource, VolumeClaim};

use super::{ImageVolumes, Input, PRIVATE, RenderError, container_disk_copy};

/// Where the containerDisks are.
const IMAGE_VOLUMES: &str = "/var/run/kubevirt-image-volume";

/// Directories that the processes in the pod share, by name of the emptyDir.
const DIRECTORIES: [(&str, &str); 4] = [
    ("private", PRIVATE),
    ("public", "/var/run/kubevirt"),
    ("ephemeral-disks", "/var/run/kubevirt-ephemeral-disks"),
    ("libvirt-runtime", "/var/run/libvirt"),
];

/// Volumes of the pod, and mounts and devices of `compute`.
#[derive(Default)]
pub(super) struct Volumes {
    pub(super) volumes: Vec<Volume>,
    pub(super) mounts: Vec<VolumeMount>,
    pub(super) devices: Vec<VolumeDevice>,
}

impl Volumes {
    fn mount(&mut self, volume: Volume, path: String, read_only: bool) {
        self.mounts.push(VolumeMount {
            name: volume.name.clone(),
            mount_path: path,
            read_only: read_only.then_some(true),
            ..VolumeMount::default()
        });
        self.volumes.push(volume);
    }
}

pub(super) fn volumes(input: &Input<'_>) -> Result<Volumes, RenderError> {
    let mut all = Volumes::default();
    for (name, path) in DIRECTORIES {
        all.mount(empty_directory(name, None), path.to_owned(), false);
    }
    for (index, volume) in input.instance.spec.volumes.iter().enumerate() {
        if let Some(source) = &volume.container_disk {
            container_disk(&mut all, input, index, source);
        } else if let Some(source) = volume.claim() {
            claim(&mut all, input, index, &volume.name, source)?;
        } else if let Some(source) = &volume.cloud_init_no_cloud
            && let Some(projected) = secrets(index, source)
        {
            all.mount(projected, format!("{PRIVATE}/secret/{}", volume.name), true);
        }
    }
    let hugepages = input
        .instance
        .spec
        .domain
        .memory
        .as_ref()
        .and_then(|memory| memory.hugepages.as_ref());
    if let Some(size) = hugepages.and_then(|pages| pages.page_size.as_deref()) {
        let volume = empty_directory("hugepages", Some(format!("HugePages-{size}")));
        all.mount(volume, "/dev/hugepages".to_owned(), false);
    }
    if input.launcher.image_volumes == ImageVolumes::No {
        all.volumes
            .extend(container_disk_copy::shared_volume(input));
    }
    Ok(all)
}

/// Name of the volume that holds the containerDisk of volume number `index`.
pub(super) fn container_disk_name(index: usize) -> String {
    format!("disk-{index}")
}

/// Where `compute` finds the containerDisk of volume number `index`.
pub(super) fn container_disk_path(index: usize) -> String {
    format!("{IMAGE_VOLUMES}/disk_{index}")
}

pub(super) fn empty_directory(name: &str, medium: Option<String>) -> Volume {
    Volume {
        name: name.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource {
            medium,
            size_limit: None,
        }),
        ..Volume::default()
    }
}

fn container_disk(
    all: &mut Volumes,
    input: &Input<'_>,
    index: usize,
    source: &kubevirt_api::ContainerDiskSource,
) {
    let name = container_disk_name(index);
    let volume = match input.launcher.image_volumes {
        ImageVolumes::Yes => Volume {
            name,
            image: Some(ImageVolumeSource {
                reference: Some(source.image.clone()),
                pull_policy: source.image_pull_policy.clone(),
            }),
            ..Volume::default()
        },
        ImageVolumes::No => empty_directory(&name, None),
    };
    all.mount(volume, container_disk_path(index), true);
}

fn claim(
    all: &mut Volumes,
    input: &Input<'_>,
    index: usize,
    name: &str,
    source: VolumeClaim<'_>,
) -> Result<(), RenderError> {
    let Some(facts) = input.claims.get(source.name) else {
        return Err(RenderError::new(format!(
            "PersistentVolumeClaim {} of volume {name} does not exist: create it",
            source.name
        )));
    };
    let read_only = source.read_only;
    // Not the user's name for it, which may be that of one of ours.
    let volume = Volume {
        name: format!("pvc-{index}"),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name: source.name.to_owned(),
            read_only: read_only.then_some(true),
        }),
        ..Volume::default()
    };
    if facts.block {
        all.devices.push(VolumeDevice {
            name: volume.name.clone(),
            device_path: format!("/dev/{name}"),
        });
        all.volumes.push(volume);
    } else {
        all.mount(volume, format!("{PRIVATE}/vmi-disks/{name}"), read_only);
    }
    Ok(())
}

/// The Secrets that cloud-init data comes from, in one directory.
fn secrets(index: usize, source: &CloudInitNoCloudSource) -> Option<Volume> {
    let mut names: Vec<&str> = [&source.secret_ref, &source.network_data_secret_ref]
        .into_iter()
        .flatten()
        .map(|reference| reference.name.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    names.dedup();
    if names.is_empty() {
        return None;
    }
    let sources = names
        .into_iter()
        .map(|name| VolumeProjection {
            secret: Some(SecretProjection {
                name: name.to_owned(),
                items: None,
                optional: None,
            }),
            ..VolumeProjection::default()
        })
        .collect();
    Some(Volume {
        name: format!("secret-{index}"),
        projected: Some(ProjectedVolumeSource {
            default_mode: Some(0o440),
            sources: Some(sources),
        }),
        ..Volume::default()
    })
}
