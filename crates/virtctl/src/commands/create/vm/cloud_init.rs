//! The cloud-init disk.

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use super::arguments::Vm;
use super::credentials::Credentials;

/// Lets the guest agent write SSH keys where SELinux guards them.
const MANAGE_SSH: &str = "runcmd:\n  - [ setsebool, -P, 'virt_qemu_ga_manage_ssh', 'on' ]";

/// The volume, when anything was asked of cloud-init.
pub(super) fn volume(arguments: &Vm, credentials: &Credentials) -> anyhow::Result<Option<Value>> {
    let source = match arguments.cloud_init.to_ascii_lowercase().as_str() {
        "nocloud" => "cloudInitNoCloud",
        "configdrive" => "cloudInitConfigDrive",
        "none" => return Ok(None),
        other => bail!(
            "failed to parse \"--cloud-init\" flag: invalid cloud-init data source type {other:?}, supported values are: nocloud, configdrive, none"
        ),
    };
    let mut data = serde_json::Map::new();
    match &arguments.cloud_init_user_data {
        Some(encoded) => {
            check("cloud-init-user-data", encoded)?;
            data.insert("userDataBase64".into(), encoded.clone().into());
        }
        None => {
            let lines = user_data(arguments, credentials)?;
            if !lines.is_empty() || credentials.cloud_init {
                let text = std::iter::once("#cloud-config".to_owned())
                    .chain(lines)
                    .collect::<Vec<_>>()
                    .join("\n");
                data.insert("userData".into(), text.into());
            }
        }
    }
    if let Some(encoded) = &arguments.cloud_init_network_data {
        check("cloud-init-network-data", encoded)?;
        data.insert("networkDataBase64".into(), encoded.clone().into());
    }
    if data.is_empty() {
        return Ok(None);
    }
    Ok(Some(json!({ "name": "cloudinitdisk", source: data })))
}

fn user_data(arguments: &Vm, credentials: &Credentials) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    if let Some(user) = arguments.user.as_deref().filter(|user| !user.is_empty()) {
        lines.push(format!("user: {}", scalar("user", user)?));
    }
    if let Some(file) = &arguments.password_file {
        eprintln!(
            "WARNING: --password-file: The password is stored in cleartext in the VM definition!"
        );
        let password = std::fs::read_to_string(file).with_context(|| {
            format!(
                "failed to parse \"--password-file\" flag: cannot read {}",
                file.display()
            )
        })?;
        let password = password.trim_end_matches(['\n', '\r']);
        ensure!(
            !password.is_empty(),
            "failed to parse \"--password-file\" flag: {} is empty",
            file.display()
        );
        lines.push(format!("password: {}", scalar("password-file", password)?));
        lines.push("chpasswd: { expire: False }".to_owned());
    }
    if !arguments.ssh_key.is_empty() {
        lines.push("ssh_authorized_keys:".to_owned());
        for key in &arguments.ssh_key {
            lines.push(format!("  - {}", scalar("ssh-key", key)?));
        }
    }
    if arguments.ga_manage_ssh.unwrap_or(credentials.agent_keys) {
        lines.push(MANAGE_SSH.to_owned());
    }
    Ok(lines)
}

/// One line of YAML: as it is where that means the same text, quoted otherwise, so that nothing a user types changes the document.
fn scalar(flag: &str, text: &str) -> anyhow::Result<String> {
    ensure!(
        !text.chars().any(char::is_control),
        "failed to parse \"--{flag}\" flag: the value must be one line of text"
    );
    let first = text.chars().next().unwrap_or(' ');
    let plain = (first.is_ascii_alphabetic() || first == '/')
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || " @._+/=-".contains(character))
        && !text.ends_with(' ')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_ascii_lowercase().as_str());
    if plain {
        return Ok(text.to_owned());
    }
    // A JSON string is a YAML string.
    Ok(serde_json::to_string(text)?)
}

fn check(flag: &str, encoded: &str) -> anyhow::Result<()> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD
        .decode(encoded)
        .with_context(|| format!("failed to parse \"--{flag}\" flag: the value is not base64"))?;
    Ok(())
}
