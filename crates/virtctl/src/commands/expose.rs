//! `virtctl expose`

use clap::Args;

use crate::cli::Connection;

/// Expose a virtual machine as a Service.
#[derive(Debug, Args)]
pub(crate) struct Expose {}

/// Expose a virtual machine as a Service.
pub(crate) async fn run(_flags: &Connection, _arguments: &Expose) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
