//! Disks out of container images.

use kubevirt_api::ContainerDiskSource;

use super::{Faults, Path, text};

pub(super) fn validate(faults: &mut Faults, path: &Path, source: &ContainerDiskSource) {
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
