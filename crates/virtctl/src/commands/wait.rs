//! `virtctl wait`

use clap::Args;

use crate::cli::Connection;

/// Wait until a virtual machine is ready, has its agent, or answers to SSH.
#[derive(Debug, Args)]
pub(crate) struct Wait {}

/// Wait until a virtual machine is ready, has its agent, or answers to SSH.
pub(crate) async fn run(_flags: &Connection, _arguments: &Wait) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
