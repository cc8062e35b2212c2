//! Volumes.

mod cloud_init;
mod configuration;
mod container_disk;
mod credentials;
mod filesystems;
mod local;

use std::collections::BTreeSet;

use kubevirt_api::Volume;

use super::{Faults, Path, text, vmi::Context};
use crate::config::Gate;

/// The fields of a volume that are its source.
const SOURCES: &str = "persistentVolumeClaim, dataVolume, containerDisk, cloudInitNoCloud, cloudInitConfigDrive, emptyDisk, ephemeral, hostDisk, configMap, secret, serviceAccount, sysprep, downwardAPI, downwardMetrics, memoryDump and containerPath";

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    let mut names = BTreeSet::new();
    for (index, volume) in context.spec.volumes.iter().enumerate() {
        let path = context.path.field("volumes").index(index);
        if !text::is_dns_label(&volume.name) {
            faults.invalid(
                &path.field("name"),
                format!(
                    "{:?} is not a DNS label: use {}",
                    volume.name,
                    text::DNS_LABEL
                ),
            );
        } else if !names.insert(&volume.name) {
            faults.duplicate(
                &path.field("name"),
                format!("{:?} names another volume too: rename one", volume.name),
            );
        }
        source(faults, context, &path, volume);
    }
    only_one(faults, context);
    if !context.spec.utility_volumes.is_empty() {
        faults.invalid(
            &context.path.field("utilityVolumes"),
            "is for KubeVirt's components to set while the guest runs: take it out",
        );
    }
    filesystems::validate(faults, context);
    credentials::validate(faults, context);
    service_account(faults, context);
}

/// The fields of a volume that are set, out of those that are its source.
fn sources(volume: &Volume) -> usize {
    [
        volume.persistent_volume_claim.is_some(),
        volume.data_volume.is_some(),
        volume.container_disk.is_some(),
        volume.cloud_init_no_cloud.is_some(),
        volume.cloud_init_config_drive.is_some(),
        volume.empty_disk.is_some(),
        volume.ephemeral.is_some(),
        volume.host_disk.is_some(),
        volume.config_map.is_some(),
        volume.secret.is_some(),
        volume.service_account.is_some(),
        volume.sysprep.is_some(),
        volume.downward_api.is_some(),
        volume.downward_metrics.is_some(),
        volume.memory_dump.is_some(),
        volume.container_path.is_some(),
    ]
    .into_iter()
    .filter(|is_set| *is_set)
    .count()
}

fn source(faults: &mut Faults, context: &Context<'_>, path: &Path, volume: &Volume) {
    match sources(volume) {
        0 => faults.required(
            path,
            format!("a volume needs a source: add one of {SOURCES}"),
        ),
        1 => {}
        _ => faults.invalid(
            path,
            format!("has more than one source: keep one of {SOURCES}"),
        ),
    }
    claims(faults, path, volume);
    if let Some(source) = &volume.container_disk {
        container_disk::validate(faults, &path.field("containerDisk"), source);
    }
    if let Some(source) = &volume.cloud_init_no_cloud {
        let path = path.field("cloudInitNoCloud");
        cloud_init::validate(faults, &path, &source.into());
    }
    if let Some(source) = &volume.cloud_init_config_drive {
        let path = path.field("cloudInitConfigDrive");
        cloud_init::validate(faults, &path, &source.into());
    }
    local::validate(faults, context, path, volume);
    configuration::validate(faults, path, volume);
    if volume.downward_metrics.is_some() {
        let path = path.field("downwardMetrics");
        context.needs(faults, &path, Gate::DownwardMetrics);
    }
}

fn claims(faults: &mut Faults, path: &Path, volume: &Volume) {
    let mut name = |field: &[&str], kind: &str, name: &str| {
        if !text::is_dns_subdomain(name) {
            let path = field
                .iter()
                .fold(path.clone(), |path, part| path.field(part));
            faults.invalid(
                &path,
                format!(
                    "{name:?} cannot be the name of a {kind}: use {}",
                    text::DNS_SUBDOMAIN
                ),
            );
        }
    };
    let claim = "PersistentVolumeClaim";
    if let Some(source) = &volume.persistent_volume_claim {
        name(
            &["persistentVolumeClaim", "claimName"],
            claim,
            &source.claim_name,
        );
    }
    if let Some(source) = &volume.memory_dump {
        name(&["memoryDump", "claimName"], claim, &source.claim_name);
    }
    if let Some(source) = &volume.data_volume {
        name(&["dataVolume", "name"], "DataVolume", &source.name);
    }
    if let Some(source) = &volume.ephemeral {
        let given = source.persistent_volume_claim.as_ref();
        name(
            &["ephemeral", "persistentVolumeClaim", "claimName"],
            claim,
            given
                .map(|given| given.claim_name.as_str())
                .unwrap_or_default(),
        );
    }
}

/// Volumes of which a guest can have one only.
fn only_one(faults: &mut Faults, context: &Context<'_>) {
    let mut seen = BTreeSet::new();
    for (index, volume) in context.spec.volumes.iter().enumerate() {
        let kinds = [
            (
                volume.cloud_init_no_cloud.is_some(),
                "cloudInitNoCloud",
                "cloud-init",
                "a guest reads one cloud-init volume only: put all data into one of them",
            ),
            (
                volume.cloud_init_config_drive.is_some(),
                "cloudInitConfigDrive",
                "cloud-init",
                "a guest reads one cloud-init volume only: put all data into one of them",
            ),
            (
                volume.service_account.is_some(),
                "serviceAccount",
                "serviceAccount",
                "a guest has one service account only: take the others out",
            ),
            (
                volume.downward_metrics.is_some(),
                "downwardMetrics",
                "downwardMetrics",
                "a guest has one volume of metrics only: take the others out",
            ),
            (
                volume.memory_dump.is_some(),
                "memoryDump",
                "memoryDump",
                "a guest has one volume for memory dumps only: take the others out",
            ),
        ];
        for (_, field, what, message) in kinds.into_iter().filter(|(is_set, ..)| *is_set) {
            if !seen.insert(what) {
                let path = context.path.field("volumes").index(index).field(field);
                faults.duplicate(&path, message);
            }
        }
    }
}

/// The pod has one service account: the volume's and the specification's must be the same.
fn service_account(faults: &mut Faults, context: &Context<'_>) {
    let Some(given) = context
        .spec
        .service_account_name
        .as_deref()
        .filter(|name| !name.is_empty())
    else {
        return;
    };
    let path = context.path.field("serviceAccountName");
    if !text::is_dns_subdomain(given) {
        faults.invalid(
            &path,
            format!(
                "{given:?} cannot be the name of a ServiceAccount: use {}",
                text::DNS_SUBDOMAIN
            ),
        );
    }
    let other = context
        .spec
        .volumes
        .iter()
        .filter_map(|volume| {
            volume
                .service_account
                .as_ref()?
                .service_account_name
                .as_deref()
        })
        .find(|other| !other.is_empty() && *other != given);
    if let Some(other) = other {
        faults.invalid(
            &path,
            format!(
                "a volume is of the ServiceAccount {other:?}, and a pod has one only: name the same"
            ),
        );
    }
}
