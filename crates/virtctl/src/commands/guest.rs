//! `virtctl guestosinfo`, `virtctl userlist`, `virtctl fslist`

use clap::Args;

use crate::cli::Connection;

/// Print what the guest agent says of the operating system.
#[derive(Debug, Args)]
pub(crate) struct Guest {}

/// Print what the guest agent says of the operating system.
pub(crate) async fn guestosinfo(_flags: &Connection, _arguments: &Guest) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}

/// Print who is logged in to the guest.
pub(crate) async fn userlist(_flags: &Connection, _arguments: &Guest) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}

/// Print the file systems of the guest.
pub(crate) async fn fslist(_flags: &Connection, _arguments: &Guest) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
