//! `virtctl addvolume`, `virtctl removevolume`

use clap::Args;

use crate::cli::Connection;

/// Add a volume to a running virtual machine.
#[derive(Debug, Args)]
pub(crate) struct AddVolume {}

/// Remove a volume from a running virtual machine.
#[derive(Debug, Args)]
pub(crate) struct RemoveVolume {}

/// Add a volume to a running virtual machine.
pub(crate) async fn addvolume(_flags: &Connection, _arguments: &AddVolume) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}

/// Remove a volume from a running virtual machine.
pub(crate) async fn removevolume(
    _flags: &Connection,
    _arguments: &RemoveVolume,
) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
