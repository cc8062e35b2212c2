//! `virtctl create`

use clap::Args;

use crate::cli::Connection;

/// Print a manifest.
#[derive(Debug, Args)]
pub(crate) struct Create {}

/// Print a manifest.
pub(crate) async fn run(_flags: &Connection, _arguments: &Create) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
