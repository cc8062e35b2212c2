//! containerDisks where the cluster does not mount images as volumes.
//!
//! An init container of the launcher image puts a static program into a shared directory; then one init container of each
//! containerDisk's image runs it, which copies the disk to where the image volume would show it.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, ResourceRequirements, Volume, VolumeMount};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::volumes::{container_disk_name, container_disk_path, empty_directory};
use super::{ImageVolumes, Input, security};

/// The program in the launcher image. `container-disk-copy --install DIRECTORY` copies itself there;
/// `container-disk-copy --from PATH --to DIRECTORY` copies a file, or the one file in a folder.
const PROGRAM: &str = "/usr/bin/container-disk-copy";
const SHARED: &str = "container-disk-binary";
const SHARED_PATH: &str = "/var/run/kubevirt-container-disk";
const SHARED_PROGRAM: &str = "/var/run/kubevirt-container-disk/container-disk-copy";

/// The directory that the program is shared in, if it is needed.
pub(super) fn shared_volume(input: &Input<'_>) -> Option<Volume> {
    needed(input).then(|| empty_directory(SHARED, None))
}

/// The init containers; none where images are mounted as volumes.
pub(super) fn init_containers(input: &Input<'_>, pull_policy: Option<&str>) -> Vec<Container> {
    if !needed(input) {
        return Vec::new();
    }
    let shared = VolumeMount {
        name: SHARED.into(),
        mount_path: SHARED_PATH.into(),
        ..VolumeMount::default()
    };
    let mut containers = vec![Container {
        name: SHARED.into(),
        image: Some(input.launcher.image.clone()),
        image_pull_policy: pull_policy.map(str::to_owned),
        command: Some(vec![PROGRAM.into(), "--install".into(), SHARED_PATH.into()]),
        volume_mounts: Some(vec![shared.clone()]),
        ..container()
    }];
    for (index, volume) in input.instance.spec.volumes.iter().enumerate() {
        let Some(source) = &volume.container_disk else {
            continue;
        };
        let output = container_disk_path(index);
        let named = source.path.as_deref().filter(|path| !path.is_empty());
        // The copy lies where an image volume would show it: virt-launcher looks for either in the same way.
        let folder = named.map_or("/disk", |path| {
            path.rsplit_once('/').map_or("", |(folder, _)| folder)
        });
        let command = vec![
            SHARED_PROGRAM.to_owned(),
            "--from".to_owned(),
            named.unwrap_or("/disk").to_owned(),
            "--to".to_owned(),
            format!("{output}{folder}"),
        ];
        containers.push(Container {
            name: format!("volume{}-init", volume.name)
                .chars()
                .take(63)
                .collect(),
            image: Some(source.image.clone()),
            image_pull_policy: source.image_pull_policy.clone(),
            command: Some(command),
            volume_mounts: Some(vec![
                VolumeMount {
                    read_only: Some(true),
                    ..shared.clone()
                },
                VolumeMount {
                    name: container_disk_name(index),
                    mount_path: output,
                    ..VolumeMount::default()
                },
            ]),
            ..container()
        });
    }
    containers
}

fn needed(input: &Input<'_>) -> bool {
    input.launcher.image_volumes == ImageVolumes::No
        && input
            .instance
            .spec
            .volumes
            .iter()
            .any(|volume| volume.container_disk.is_some())
}

fn container() -> Container {
    let amounts = |pairs: &[(&str, &str)]| -> BTreeMap<String, Quantity> {
        pairs
            .iter()
            .map(|(name, amount)| ((*name).to_owned(), Quantity((*amount).to_owned())))
            .collect()
    };
    Container {
        resources: Some(ResourceRequirements {
            // Copying fills the page cache, which counts towards a memory limit but is given back: 40M is enough.
            requests: Some(amounts(&[
                ("cpu", "10m"),
                ("memory", "1M"),
                ("ephemeral-storage", "50M"),
            ])),
            limits: Some(amounts(&[("cpu", "1"), ("memory", "40M")])),
            claims: None,
        }),
        security_context: Some(security::container()),
        ..Container::default()
    }
}
