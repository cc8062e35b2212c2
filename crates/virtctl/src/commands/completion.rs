//! `virtctl completion`, `virtctl man`

use clap::Args;

use crate::cli::Connection;

/// Print a completion script for a shell.
#[derive(Debug, Args)]
pub(crate) struct Completion {}

/// Print or write the manual pages.
#[derive(Debug, Args)]
pub(crate) struct Man {}

/// Print a completion script for a shell.
pub(crate) async fn completion(_flags: &Connection, _arguments: &Completion) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}

/// Print or write the manual pages.
pub(crate) async fn man(_flags: &Connection, _arguments: &Man) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
