//! `migrate`, `migrate-cancel` and `evacuate-cancel`: moving to another node.

mod cancel;
mod evacuation;

use anyhow::anyhow;
use clap::Args;
use serde_json::{Map, Value};

use super::lifecycle;
use crate::cli::Connection;
use crate::dry_run::DryRun;
use crate::{key_value, say};

pub(crate) use cancel::{MigrateCancel, migrate_cancel};
pub(crate) use evacuation::{EvacuateCancel, evacuate_cancel};

/// `virtctl migrate`.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    name: String,
    /// Labels that the new node must have, beside those that the machine asks for.
    #[arg(
        long = "addedNodeSelector",
        value_name = "KEY=VALUE,...",
        value_delimiter = ',',
        value_parser = key_value::parse
    )]
    added_node_selector: Vec<(String, String)>,
    #[command(flatten)]
    dry_run: DryRun,
}

/// `virtctl migrate VM`.
pub(crate) async fn migrate(flags: &Connection, arguments: &Migrate) -> anyhow::Result<()> {
    let mut options = arguments.dry_run.options();
    if !arguments.added_node_selector.is_empty() {
        let labels: Map<String, Value> = arguments
            .added_node_selector
            .iter()
            .map(|(key, value)| (key.clone(), value.clone().into()))
            .collect();
        options.insert("addedNodeSelector".to_owned(), labels.into());
    }
    lifecycle::call(flags, &arguments.name, "migrate", options)
        .await
        .map_err(|error| anyhow!("Error migrating VirtualMachine {error:#}"))?;
    say::line(format_args!(
        "VM {} was scheduled to migrate",
        arguments.name
    ));
    Ok(())
}
