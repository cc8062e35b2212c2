//! `virtctl credentials`: SSH keys and passwords in the Secrets that a virtual machine's accessCredentials name.

mod arguments;
mod keys;
mod machine;
mod passwords;
mod secret;

use clap::{Args, Subcommand};

use crate::cli::Connection;

/// `virtctl credentials`.
#[derive(Debug, Args)]
pub(crate) struct Credentials {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add an SSH key of a user.
    AddSshKey(arguments::AddKey),
    /// Remove an SSH key of a user.
    RemoveSshKey(arguments::RemoveKey),
    /// Set the password of a user.
    SetPassword(arguments::SetPassword),
}

/// `virtctl credentials`.
pub(crate) async fn run(flags: &Connection, arguments: &Credentials) -> anyhow::Result<()> {
    match &arguments.action {
        Action::AddSshKey(arguments) => keys::add(flags, arguments).await,
        Action::RemoveSshKey(arguments) => keys::remove(flags, arguments).await,
        Action::SetPassword(arguments) => passwords::set(flags, arguments).await,
    }
}
