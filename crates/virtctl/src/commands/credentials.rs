//! `virtctl credentials`

use clap::Args;

use crate::cli::Connection;

/// Change the credentials of a virtual machine.
#[derive(Debug, Args)]
pub(crate) struct Credentials {}

/// Change the credentials of a virtual machine.
pub(crate) async fn run(_flags: &Connection, _arguments: &Credentials) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
