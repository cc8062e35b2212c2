//! `virtctl adm`

use clap::Args;

use crate::cli::Connection;

/// Administrate the installation.
#[derive(Debug, Args)]
pub(crate) struct Adm {}

/// Administrate the installation.
pub(crate) async fn run(_flags: &Connection, _arguments: &Adm) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
