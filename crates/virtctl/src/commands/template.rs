//! `virtctl template`

use clap::Args;

use crate::cli::Connection;

/// Work with templates of virtual machines.
#[derive(Debug, Args)]
pub(crate) struct Template {}

/// Work with templates of virtual machines.
pub(crate) async fn run(_flags: &Connection, _arguments: &Template) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
