//! `virtctl port-forward`

use clap::Args;

use crate::cli::Connection;

/// Forward local ports to a virtual machine.
#[derive(Debug, Args)]
pub(crate) struct PortForward {}

/// Forward local ports to a virtual machine.
pub(crate) async fn run(_flags: &Connection, _arguments: &PortForward) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
