//! `virtctl expand`

use clap::Args;

use crate::cli::Connection;

/// Print a virtual machine with its instancetype and preference applied.
#[derive(Debug, Args)]
pub(crate) struct Expand {}

/// Print a virtual machine with its instancetype and preference applied.
pub(crate) async fn run(_flags: &Connection, _arguments: &Expand) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
