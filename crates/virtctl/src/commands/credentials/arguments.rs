//! The flags of `virtctl credentials`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

/// The SSH key.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Key {
    /// File with the SSH public key.
    #[arg(short, long)]
    file: Option<PathBuf>,
    /// The SSH public key itself.
    #[arg(long, value_name = "KEY")]
    value: Option<String>,
}

impl Key {
    /// The key's text, without the line's end.
    pub(super) fn text(&self) -> anyhow::Result<String> {
        let text = match (&self.file, &self.value) {
            (Some(file), _) => std::fs::read_to_string(file).with_context(|| {
                format!("error getting ssh key: cannot read {}", file.display())
            })?,
            (None, value) => value.clone().unwrap_or_default(),
        };
        let text = text.trim();
        anyhow::ensure!(!text.is_empty(), "error getting ssh key: the key is empty");
        Ok(text.to_owned())
    }
}

/// `virtctl credentials add-ssh-key`.
#[derive(Debug, Args)]
pub(super) struct AddKey {
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    pub(super) machine: String,
    /// User of the guest.
    #[arg(short, long)]
    pub(super) user: String,
    #[command(flatten)]
    pub(super) key: Key,
    /// Secret with the SSH keys.
    #[arg(long)]
    pub(super) secret: Option<String>,
    /// Make a new Secret for the key. A running virtual machine takes it over when it starts again.
    #[arg(long, conflicts_with = "update_secret")]
    pub(super) create_secret: bool,
    /// Add the key to a Secret that is there.
    #[arg(long)]
    pub(super) update_secret: bool,
    /// Change a Secret that the virtual machine does not own, or a running virtual machine.
    #[arg(long)]
    pub(super) force: bool,
}

/// `virtctl credentials remove-ssh-key`.
#[derive(Debug, Args)]
pub(super) struct RemoveKey {
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    pub(super) machine: String,
    /// User of the guest.
    #[arg(short, long)]
    pub(super) user: String,
    #[command(flatten)]
    pub(super) key: Key,
    /// Secret with the SSH keys; by default all of the user's.
    #[arg(long)]
    pub(super) secret: Option<String>,
    /// Change a Secret that the virtual machine does not own.
    #[arg(long)]
    pub(super) force: bool,
}

/// `virtctl credentials set-password`.
#[derive(Debug, Args)]
pub(super) struct SetPassword {
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    pub(super) machine: String,
    /// User of the guest.
    #[arg(short, long)]
    pub(super) user: String,
    /// The password.
    #[arg(short, long)]
    pub(super) password: String,
    /// Secret with the passwords.
    #[arg(long)]
    pub(super) secret: Option<String>,
    /// Change a Secret that the virtual machine does not own.
    #[arg(long)]
    pub(super) force: bool,
}
