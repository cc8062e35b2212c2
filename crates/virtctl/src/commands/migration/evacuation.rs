//! `virtctl evacuate-cancel`: lets a guest stay on its node.

use anyhow::Context;
use clap::Args;

use crate::cli::Connection;
use crate::dry_run::DryRun;
use crate::target::Kind;
use crate::{client, machines, say, subresource, suggest};

/// `virtctl evacuate-cancel`.
#[derive(Debug, Args)]
pub(crate) struct EvacuateCancel {
    /// vm or vmi.
    #[arg(value_name = "TYPE", value_parser = Kind::parse)]
    kind: Kind,
    /// Name of the VirtualMachine or VirtualMachineInstance.
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    dry_run: DryRun,
}

/// `virtctl evacuate-cancel TYPE NAME`.
pub(crate) async fn evacuate_cancel(
    flags: &Connection,
    arguments: &EvacuateCancel,
) -> anyhow::Result<()> {
    let EvacuateCancel {
        kind,
        name,
        dry_run,
    } = arguments;
    let mut options = dry_run.options();
    let cluster = client::connect(flags).await?;
    let instance = machines::get(&cluster, Kind::VirtualMachineInstance, name).await?;
    let node = instance
        .pointer("/status/nodeName")
        .and_then(serde_json::Value::as_str)
        .filter(|node| !node.is_empty())
        .with_context(|| {
            format!("VirtualMachineInstance {name} is on no node yet, so there is no evacuation to cancel")
        })?;
    options.insert("evacuationNodeName".to_owned(), node.into());
    let path = subresource::path(&cluster.namespace, kind.resource(), name, "evacuate/cancel")?;
    if let Err(error) = subresource::put(&cluster.client, &path, &options).await {
        let error = suggest::explain(&cluster, *kind, name, error).await;
        return Err(error.context(format!("error canceling the evacuation of {kind} {name}")));
    }
    say::line(format_args!(
        "{} {}/{name} was canceled evacuation",
        kind.short().to_ascii_uppercase(),
        cluster.namespace
    ));
    Ok(())
}
