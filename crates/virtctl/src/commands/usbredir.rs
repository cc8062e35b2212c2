//! `virtctl usbredir`

use clap::Args;

use crate::cli::Connection;

/// Redirect a local USB device to a virtual machine instance.
#[derive(Debug, Args)]
pub(crate) struct Usbredir {}

/// Redirect a local USB device to a virtual machine instance.
pub(crate) async fn run(_flags: &Connection, _arguments: &Usbredir) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
