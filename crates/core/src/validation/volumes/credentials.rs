//! Keys and passwords for the guest.

use kubevirt_api::{AccessCredential, AccessCredentialSecretSource, SSHPublicKeyAccessCredential};

use super::{Context, Faults, Path, text};

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    for (index, credential) in context.spec.access_credentials.iter().enumerate() {
        let path = context.path.field("accessCredentials").index(index);
        one(faults, context, &path, credential);
    }
}

fn one(faults: &mut Faults, context: &Context<'_>, path: &Path, credential: &AccessCredential) {
    match (&credential.ssh_public_key, &credential.user_password) {
        (None, None) => faults.required(path, "is empty: add sshPublicKey or userPassword"),
        (Some(_), Some(_)) => faults.invalid(
            path,
            "has more than one type: write sshPublicKey and userPassword as two items",
        ),
        (Some(keys), None) => ssh(faults, context, &path.field("sshPublicKey"), keys),
        (None, Some(password)) => {
            let path = path.field("userPassword");
            source(faults, &path, password.source.secret.as_ref());
            if password.propagation_method.qemu_guest_agent.is_none() {
                faults.required(
                    &path.field("propagationMethod"),
                    "must say how passwords get into the guest: add qemuGuestAgent: {}",
                );
            }
        }
    }
}

fn source(faults: &mut Faults, path: &Path, secret: Option<&AccessCredentialSecretSource>) {
    let path = path.field("source").field("secret");
    match secret {
        None => faults.required(&path, "must name the Secret with the credentials"),
        Some(secret) if !text::is_dns_subdomain(&secret.secret_name) => faults.invalid(
            &path.field("secretName"),
            format!(
                "{:?} cannot be the name of a Secret: use {}",
                secret.secret_name,
                text::DNS_SUBDOMAIN
            ),
        ),
        Some(_) => {}
    }
}

fn ssh(
    faults: &mut Faults,
    context: &Context<'_>,
    path: &Path,
    keys: &SSHPublicKeyAccessCredential,
) {
    source(faults, path, keys.source.secret.as_ref());
    let path = path.field("propagationMethod");
    let method = &keys.propagation_method;
    let given = [
        method.no_cloud.is_some(),
        method.config_drive.is_some(),
        method.qemu_guest_agent.is_some(),
    ];
    match given.into_iter().filter(|is_set| *is_set).count() {
        0 => faults.required(
            &path,
            "must say how keys get into the guest: add noCloud, configDrive or qemuGuestAgent",
        ),
        1 => {}
        _ => faults.invalid(
            &path,
            "has more than one method: keep one of noCloud, configDrive and qemuGuestAgent",
        ),
    }
    let volumes = &context.spec.volumes;
    let needed = [
        (
            method.no_cloud.is_some(),
            "noCloud",
            "cloudInitNoCloud",
            volumes
                .iter()
                .any(|volume| volume.cloud_init_no_cloud.is_some()),
        ),
        (
            method.config_drive.is_some(),
            "configDrive",
            "cloudInitConfigDrive",
            volumes
                .iter()
                .any(|volume| volume.cloud_init_config_drive.is_some()),
        ),
    ];
    for (_, field, volume, _) in needed
        .into_iter()
        .filter(|(is_set, .., there)| *is_set && !there)
    {
        faults.invalid(
            &path.field(field),
            format!("hands keys over in a volume that is not there: add one with {volume}"),
        );
    }
    if method
        .qemu_guest_agent
        .as_ref()
        .is_some_and(|agent| agent.users.is_empty())
    {
        faults.required(
            &path.field("qemuGuestAgent").field("users"),
            "must name the users that may log in with the keys",
        );
    }
}
