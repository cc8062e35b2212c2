//! `virtctl objectgraph`

use clap::Args;

use crate::cli::Connection;

/// Print the objects that a virtual machine depends on.
#[derive(Debug, Args)]
pub(crate) struct ObjectGraph {}

/// Print the objects that a virtual machine depends on.
pub(crate) async fn run(_flags: &Connection, _arguments: &ObjectGraph) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
