//! `virtctl soft-reboot`, `virtctl reset`

use clap::Args;

use crate::cli::Connection;

/// Ask the guest of a virtual machine instance to reboot.
#[derive(Debug, Args)]
pub(crate) struct Reset {}

/// Ask the guest of a virtual machine instance to reboot.
pub(crate) async fn soft_reboot(_flags: &Connection, _arguments: &Reset) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}

/// Reset a virtual machine instance at once, as with the button of a computer.
pub(crate) async fn reset(_flags: &Connection, _arguments: &Reset) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
