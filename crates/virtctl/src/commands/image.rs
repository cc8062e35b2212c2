//! `virtctl image`

use clap::Args;

use crate::cli::Connection;

/// Work with containerDisks.
#[derive(Debug, Args)]
pub(crate) struct Image {}

/// Work with containerDisks.
pub(crate) async fn run(_flags: &Connection, _arguments: &Image) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
