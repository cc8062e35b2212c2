//! `virtctl ssh`, `virtctl scp`

use clap::Args;

use crate::cli::Connection;

/// Open an SSH session to a virtual machine.
#[derive(Debug, Args)]
pub(crate) struct Ssh {}

/// Copy files to or from a virtual machine.
#[derive(Debug, Args)]
pub(crate) struct Scp {}

/// Open an SSH session to a virtual machine.
pub(crate) async fn ssh(_flags: &Connection, _arguments: &Ssh) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}

/// Copy files to or from a virtual machine.
pub(crate) async fn scp(_flags: &Connection, _arguments: &Scp) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
