//! `virtctl pause`, `virtctl unpause`: stopping the guest's processors and letting them go on.

use anyhow::{anyhow, bail};
use clap::Args;
use serde_json::Value;

use crate::cli::{Connection, program};
use crate::dry_run::DryRun;
use crate::target::Kind;
use crate::{client, machines, say, subresource, suggest};

/// `virtctl pause` and `virtctl unpause`.
#[derive(Debug, Args)]
pub(crate) struct Pause {
    /// vm or vmi.
    #[arg(value_name = "TYPE", value_parser = Kind::parse)]
    kind: Kind,
    /// Name of the VirtualMachine or VirtualMachineInstance.
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    dry_run: DryRun,
}

/// `virtctl pause TYPE NAME`.
pub(crate) async fn pause(flags: &Connection, arguments: &Pause) -> anyhow::Result<()> {
    call(flags, arguments, "pause", "pausing").await
}

/// `virtctl unpause TYPE NAME`.
pub(crate) async fn unpause(flags: &Connection, arguments: &Pause) -> anyhow::Result<()> {
    call(flags, arguments, "unpause", "unpausing").await
}

async fn call(
    flags: &Connection,
    arguments: &Pause,
    action: &str,
    doing: &str,
) -> anyhow::Result<()> {
    let Pause {
        kind,
        name,
        dry_run,
    } = arguments;
    let options = dry_run.options();
    let cluster = client::connect(flags).await?;
    if *kind == Kind::VirtualMachine {
        let machine = machines::get(&cluster, *kind, name).await?;
        if halted(&machine) {
            bail!(
                "Error {doing} VirtualMachine {name}: it is halted, so there is no guest to {action}; start it with `{} start {name} -n {}`",
                program(),
                cluster.namespace
            );
        }
    }
    // The instance has the machine's name.
    let instance = Kind::VirtualMachineInstance;
    let path = subresource::path(&cluster.namespace, instance.resource(), name, action)?;
    if let Err(error) = subresource::put(&cluster.client, &path, &options).await {
        let error = suggest::explain(&cluster, instance, name, error).await;
        return Err(anyhow!("Error {doing} {instance} {name}: {error:#}"));
    }
    say::line(format_args!("VMI {name} was scheduled to {action}"));
    Ok(())
}

/// Whether a VirtualMachine is not to run. `running` is the older way to say it.
fn halted(machine: &Value) -> bool {
    match machine.pointer("/spec/runStrategy").and_then(Value::as_str) {
        Some(strategy) => strategy == "Halted",
        None => machine.pointer("/spec/running") == Some(&Value::Bool(false)),
    }
}
