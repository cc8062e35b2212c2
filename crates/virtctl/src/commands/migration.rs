//! `virtctl migrate`, `virtctl migrate-cancel`, `virtctl evacuate-cancel`

use clap::Args;

use crate::cli::Connection;

/// Move a running virtual machine to another node.
#[derive(Debug, Args)]
pub(crate) struct Migrate {}

/// Cancel the migration of a virtual machine.
#[derive(Debug, Args)]
pub(crate) struct MigrateCancel {}

/// Cancel the evacuation of a virtual machine.
#[derive(Debug, Args)]
pub(crate) struct EvacuateCancel {}

/// Move a running virtual machine to another node.
pub(crate) async fn migrate(_flags: &Connection, _arguments: &Migrate) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}

/// Cancel the migration of a virtual machine.
pub(crate) async fn migrate_cancel(
    _flags: &Connection,
    _arguments: &MigrateCancel,
) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}

/// Cancel the evacuation of a virtual machine.
pub(crate) async fn evacuate_cancel(
    _flags: &Connection,
    _arguments: &EvacuateCancel,
) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
