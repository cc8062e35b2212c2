//! `virtctl options`

use clap::Args;

use crate::cli::Connection;

/// Print the flags that all commands have.
#[derive(Debug, Args)]
pub(crate) struct Options {}

/// Print the flags that all commands have.
pub(crate) async fn run(_flags: &Connection, _arguments: &Options) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
