//! Volumes with configuration of the cluster.

use kubevirt_api::Volume;

use super::{Faults, Path, text};

pub(super) fn validate(faults: &mut Faults, path: &Path, volume: &Volume) {
    let mut name = |path: &Path, kind: &str, name: Option<&str>| match name.unwrap_or_default() {
        "" => faults.required(path, format!("must name the {kind}")),
        name if !text::is_dns_subdomain(name) => faults.invalid(
            path,
            format!(
                "{name:?} cannot be the name of a {kind}: use {}",
                text::DNS_SUBDOMAIN
            ),
        ),
        _ => {}
    };
    if let Some(source) = &volume.config_map {
        let path = path.field("configMap").field("name");
        name(&path, "ConfigMap", source.name.as_deref());
    }
    if let Some(source) = &volume.secret {
        let path = path.field("secret").field("secretName");
        name(&path, "Secret", source.secret_name.as_deref());
    }
    if let Some(source) = &volume.service_account {
        let path = path.field("serviceAccount").field("serviceAccountName");
        name(
            &path,
            "ServiceAccount",
            source.service_account_name.as_deref(),
        );
    }
    let Some(source) = &volume.sysprep else {
        return;
    };
    let path = path.field("sysprep");
    match (&source.secret, &source.config_map) {
        (Some(secret), None) => {
            let path = path.field("secret").field("name");
            name(&path, "Secret", Some(&secret.name));
        }
        (None, Some(map)) => {
            let path = path.field("configMap").field("name");
            name(&path, "ConfigMap", Some(&map.name));
        }
        (None, None) => {
            faults.required(&path, "has no answers for Windows: add secret or configMap")
        }
        (Some(_), Some(_)) => faults.invalid(
            &path,
            "has more than one source: keep one of secret and configMap",
        ),
    }
}
