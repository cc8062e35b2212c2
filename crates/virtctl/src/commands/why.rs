//! `virtctl why`

use clap::Args;

use crate::cli::Connection;

/// Say in words why a virtual machine does not run (yet).
#[derive(Debug, Args)]
pub(crate) struct Why {}

/// Say in words why a virtual machine does not run (yet).
pub(crate) async fn run(_flags: &Connection, _arguments: &Why) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
