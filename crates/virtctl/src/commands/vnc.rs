//! `virtctl vnc`

use clap::Args;

use crate::cli::Connection;

/// Open the display of a virtual machine instance.
#[derive(Debug, Args)]
pub(crate) struct Vnc {}

/// Open the display of a virtual machine instance.
pub(crate) async fn run(_flags: &Connection, _arguments: &Vnc) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
