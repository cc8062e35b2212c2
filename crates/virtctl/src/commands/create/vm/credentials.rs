//! Access credentials: Secrets whose keys and passwords are put into the guest.

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use super::super::OfFlag;
use super::super::parameters::Parameters;
use super::arguments::Vm;

/// All access credentials.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    pub(super) entries: Vec<Value>,
    /// Some go by way of cloud-init, so there must be a cloud-init disk.
    pub(super) cloud_init: bool,
    /// The guest agent has to write SSH keys.
    pub(super) agent_keys: bool,
}

/// Reads `--access-cred`.
pub(super) fn read(arguments: &Vm) -> anyhow::Result<Credentials> {
    let mut credentials = Credentials::default();
    for text in &arguments.access_cred {
        one(text, arguments, &mut credentials).of_flag("access-cred")?;
    }
    Ok(credentials)
}

fn one(text: &str, arguments: &Vm, credentials: &mut Credentials) -> anyhow::Result<()> {
    let mut parameters = Parameters::parse(text)?;
    let lower = |value: Option<String>| value.map(|value| value.to_ascii_lowercase());
    let kind = lower(parameters.take("type")).unwrap_or_else(|| "ssh".to_owned());
    ensure!(
        matches!(kind.as_str(), "ssh" | "password"),
        "invalid access credential type {kind:?}, supported values are: ssh, password"
    );
    let secret = parameters.need("src")?;
    ensure!(
        !secret.contains('/'),
        "not allowed to specify namespace of secret {secret:?}: it must be in the virtual machine's own"
    );
    let method = lower(parameters.take("method")).unwrap_or_else(|| "ga".to_owned());
    let user = parameters.take("user");
    parameters.end()?;
    let source = json!({ "secret": { "secretName": secret } });
    if kind == "password" {
        ensure!(
            method == "ga",
            "invalid access credentials password method {method:?}, supported values are: ga"
        );
        ensure!(
            user.is_none(),
            "user cannot be specified with access credential password: the Secret names the users"
        );
        let way = json!({ "qemuGuestAgent": {} });
        credentials
            .entries
            .push(json!({ "userPassword": { "source": source, "propagationMethod": way } }));
        return Ok(());
    }
    let way = match method.as_str() {
        "ga" => {
            let user = user.or_else(|| arguments.user.clone()).context(
                "user must be specified with access credential ssh method ga (\"--user\" flag or param \"user\")",
            )?;
            credentials.agent_keys = true;
            json!({ "qemuGuestAgent": { "users": [user] } })
        }
        "nocloud" | "configdrive" => {
            ensure!(
                method.eq_ignore_ascii_case(&arguments.cloud_init),
                "method param and value passed to --cloud-init have to match: {method} vs {}",
                arguments.cloud_init
            );
            ensure!(
                user.is_none(),
                "user cannot be specified with access credential ssh method {method}: cloud-init's default user gets the keys"
            );
            credentials.cloud_init = true;
            let key = if method == "nocloud" {
                "noCloud"
            } else {
                "configDrive"
            };
            json!({ key: {} })
        }
        other => bail!(
            "invalid access credentials ssh method {other:?}, supported values are: ga, nocloud, configdrive"
        ),
    };
    credentials
        .entries
        .push(json!({ "sshPublicKey": { "source": source, "propagationMethod": way } }));
    Ok(())
}
