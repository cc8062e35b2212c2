//! `virtctl guestfs`

use clap::Args;

use crate::cli::Connection;

/// Look into a PersistentVolumeClaim with libguestfs.
#[derive(Debug, Args)]
pub(crate) struct Guestfs {}

/// Look into a PersistentVolumeClaim with libguestfs.
pub(crate) async fn run(_flags: &Connection, _arguments: &Guestfs) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
