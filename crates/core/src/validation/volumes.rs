//! Volumes.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use kubevirt_api::{
    CloudInitNoCloudSource, ContainerDiskSource, Volume,
    k8s_openapi::api::core::v1::LocalObjectReference, quantity::Amount,
};

use super::{Faults, Path, memory::amount, text, vmi::Context};

/// Most bytes of user or network data in a manifest.
const MOST_INLINE_BYTES: usize = 2048;
/// Smallest empty disk in bytes: sizes are rounded down to whole mebibytes.
const LEAST_DISK: i64 = 1 << 20;

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    let mut names = BTreeSet::new();
    let mut cloud_init = 0;
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
        source(faults, &path, volume);
        cloud_init += usize::from(volume.cloud_init_no_cloud.is_some());
        if volume.cloud_init_no_cloud.is_some() && cloud_init > 1 {
            faults.duplicate(
                &path.field("cloudInitNoCloud"),
                "a guest reads one cloud-init volume only: put all data into one of them",
            );
        }
    }
}

fn source(faults: &mut Faults, path: &Path, volume: &Volume) {
    let sources = [
        volume.persistent_volume_claim.is_some(),
        volume.container_disk.is_some(),
        volume.cloud_init_no_cloud.is_some(),
        volume.empty_disk.is_some(),
        volume.host_disk.is_some(),
        volume.cloud_init_config_drive.is_some(),
        volume.sysprep.is_some(),
        volume.ephemeral.is_some(),
        volume.data_volume.is_some(),
        volume.config_map.is_some(),
        volume.secret.is_some(),
        volume.downward_api.is_some(),
        volume.service_account.is_some(),
        volume.downward_metrics.is_some(),
        volume.memory_dump.is_some(),
        volume.container_path.is_some(),
    ];
    let names = "persistentVolumeClaim, containerDisk, cloudInitNoCloud, emptyDisk and the others";
    match sources.iter().filter(|is_set| **is_set).count() {
        0 => faults.required(path, format!("a volume needs a source: add one of {names}")),
        1 => {}
        _ => faults.invalid(
            path,
            format!("has more than one source: keep one of {names}"),
        ),
    }
    if let Some(claim) = &volume.persistent_volume_claim
        && !text::is_dns_subdomain(&claim.claim_name)
    {
        faults.invalid(
            &path.field("persistentVolumeClaim").field("claimName"),
            format!(
                "{:?} cannot be the name of a PersistentVolumeClaim: use {}",
                claim.claim_name,
                text::DNS_SUBDOMAIN
            ),
        );
    }
    if let Some(source) = &volume.container_disk {
        container_disk(faults, &path.field("containerDisk"), source);
    }
    if let Some(source) = &volume.cloud_init_no_cloud {
        cloud_init(faults, &path.field("cloudInitNoCloud"), source);
    }
    if let Some(source) = &volume.empty_disk {
        let path = path.field("emptyDisk").field("capacity");
        if amount(faults, &path, &source.capacity)
            .is_some_and(|size| size < Amount::whole(LEAST_DISK))
        {
            faults.invalid(
                &path,
                "is less than 1Mi, the smallest disk: give a unit, for example 2Gi",
            );
        }
    }
}

fn container_disk(faults: &mut Faults, path: &Path, source: &ContainerDiskSource) {
    if source.image.is_empty()
        || source
            .image
            .bytes()
            .any(|c| c.is_ascii_whitespace() || c.is_ascii_control())
    {
        faults.required(
            &path.field("image"),
            "must name the image that holds the disk, such as registry.example/disks/debian:12",
        );
    }
    if let Some(disk) = source
        .path
        .as_deref()
        .filter(|disk| !disk.is_empty() && !text::is_clean_absolute_path(disk))
    {
        faults.invalid(
            &path.field("path"),
            format!("{disk:?} is not the path of a file in the image: start with /, without . and .. and doubled /"),
        );
    }
    let allowed = ["Always", "IfNotPresent", "Never"];
    faults.one_of(
        &path.field("imagePullPolicy"),
        source.image_pull_policy.as_deref(),
        &allowed,
    );
    let secret = source
        .image_pull_secret
        .as_deref()
        .filter(|secret| !secret.is_empty());
    if let Some(secret) = secret.filter(|secret| !text::is_dns_subdomain(secret)) {
        faults.invalid(
            &path.field("imagePullSecret"),
            format!(
                "{secret:?} cannot be the name of a Secret: use {}",
                text::DNS_SUBDOMAIN
            ),
        );
    }
}

fn cloud_init(faults: &mut Faults, path: &Path, source: &CloudInitNoCloudSource) {
    let user = Data {
        secret: ("secretRef", source.secret_ref.as_ref()),
        encoded: ("userDataBase64", source.user_data_base64.as_deref()),
        plain: ("userData", source.user_data.as_deref()),
    };
    let network = Data {
        secret: (
            "networkDataSecretRef",
            source.network_data_secret_ref.as_ref(),
        ),
        encoded: ("networkDataBase64", source.network_data_base64.as_deref()),
        plain: ("networkData", source.network_data.as_deref()),
    };
    if user.count() == 0 && network.count() == 0 {
        faults.required(
            path,
            "has no data: add userData, or one of the other fields with user or network data",
        );
    }
    user.validate(faults, path, "user data");
    network.validate(faults, path, "network data");
}

/// The three places that data can come from, with the names of their fields.
struct Data<'a> {
    secret: (&'static str, Option<&'a LocalObjectReference>),
    encoded: (&'static str, Option<&'a str>),
    plain: (&'static str, Option<&'a str>),
}

impl Data<'_> {
    /// An empty text is no data.
    fn count(&self) -> usize {
        let texts = [self.encoded.1, self.plain.1];
        usize::from(self.secret.1.is_some())
            + texts
                .iter()
                .flatten()
                .filter(|text| !text.is_empty())
                .count()
    }

    fn validate(&self, faults: &mut Faults, path: &Path, what: &str) {
        if self.count() > 1 {
            let names = [self.secret.0, self.encoded.0, self.plain.0].join(", ");
            faults.invalid(
                path,
                format!("{what} come from more than one field: keep one of {names}"),
            );
        }
        if let (field, Some(secret)) = self.secret
            && !text::is_dns_subdomain(&secret.name)
        {
            let path = path.field(field).field("name");
            faults.invalid(
                &path,
                format!(
                    "{:?} cannot be the name of a Secret: use {}",
                    secret.name,
                    text::DNS_SUBDOMAIN
                ),
            );
        }
        let (field, encoded) = self.encoded;
        match encoded.map(|text| STANDARD.decode(text)) {
            Some(Err(error)) => faults.invalid(
                &path.field(field),
                format!("is not base64 ({error}): encode the {what} anew"),
            ),
            Some(Ok(bytes)) => self.size(faults, &path.field(field), bytes.len()),
            None => {}
        }
        if let (field, Some(text)) = self.plain {
            self.size(faults, &path.field(field), text.len());
        }
    }

    fn size(&self, faults: &mut Faults, path: &Path, bytes: usize) {
        if bytes > MOST_INLINE_BYTES {
            let field = self.secret.0;
            faults.invalid(path, format!("has {bytes} bytes, more than {MOST_INLINE_BYTES}: put it into a Secret and name that in {field}"));
        }
    }
}
