//! `virtctl memory-dump`

use clap::Args;

use crate::cli::Connection;

/// Dump the memory of a virtual machine.
#[derive(Debug, Args)]
pub(crate) struct MemoryDump {}

/// Dump the memory of a virtual machine.
pub(crate) async fn run(_flags: &Connection, _arguments: &MemoryDump) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
