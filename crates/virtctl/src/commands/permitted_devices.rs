//! `virtctl permitted-devices`

use clap::Args;

use crate::cli::Connection;

/// Print the host devices that virtual machines may use.
#[derive(Debug, Args)]
pub(crate) struct PermittedDevices {}

/// Print the host devices that virtual machines may use.
pub(crate) async fn run(_flags: &Connection, _arguments: &PermittedDevices) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
