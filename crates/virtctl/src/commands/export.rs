//! `virtctl vmexport`

use clap::Args;

use crate::cli::Connection;

/// Export the volumes of a virtual machine.
#[derive(Debug, Args)]
pub(crate) struct Vmexport {}

/// Export the volumes of a virtual machine.
pub(crate) async fn run(_flags: &Connection, _arguments: &Vmexport) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
