//! `virtctl top`

use clap::Args;

use crate::cli::Connection;

/// Show what virtual machines use.
#[derive(Debug, Args)]
pub(crate) struct Top {}

/// Show what virtual machines use.
pub(crate) async fn run(_flags: &Connection, _arguments: &Top) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
