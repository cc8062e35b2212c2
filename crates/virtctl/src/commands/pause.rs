//! `virtctl pause`, `virtctl unpause`

use clap::Args;

use crate::cli::Connection;

/// Pause a virtual machine.
#[derive(Debug, Args)]
pub(crate) struct Pause {}

/// Pause a virtual machine.
pub(crate) async fn pause(_flags: &Connection, _arguments: &Pause) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}

/// Let a paused virtual machine go on.
pub(crate) async fn unpause(_flags: &Connection, _arguments: &Pause) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
