//! `start`, `stop` and `restart`: requests that virt-api turns into a change of the VirtualMachine.

use anyhow::anyhow;
use clap::Args;
use serde_json::{Map, Value};

use crate::cli::Connection;
use crate::dry_run::DryRun;
use crate::target::Kind;
use crate::{client, say, subresource, suggest};

/// `virtctl start`.
#[derive(Debug, Args)]
pub(crate) struct Start {
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    pub(crate) name: String,
    /// Start with the guest's processors halted.
    #[arg(long)]
    pub(crate) paused: bool,
    #[command(flatten)]
    pub(crate) dry_run: DryRun,
}

/// `virtctl stop`.
#[derive(Debug, Args)]
pub(crate) struct Stop {
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) patience: Patience,
    #[command(flatten)]
    pub(crate) dry_run: DryRun,
}

/// `virtctl restart`.
#[derive(Debug, Args)]
pub(crate) struct Restart {
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) patience: Patience,
    #[command(flatten)]
    pub(crate) dry_run: DryRun,
}

/// How long the guest has to shut down.
#[derive(Debug, Args)]
pub(crate) struct Patience {
    /// Do not wait for the guest longer than --grace-period says.
    #[arg(long, requires = "grace_period")]
    force: bool,
    /// Seconds that the guest has to shut down; only together with --force.
    #[arg(
        long,
        requires = "force",
        value_name = "SECONDS",
        allow_negative_numbers = true,
        default_value_t = -1,
        hide_default_value = true
    )]
    grace_period: i64,
}

impl Patience {
    /// Puts the seconds into the options of a request.
    fn write(&self, options: &mut Map<String, Value>, key: &str) {
        if self.force {
            options.insert(key.to_owned(), self.grace_period.into());
        }
    }
}

/// `virtctl start VM`.
pub(crate) async fn start(flags: &Connection, arguments: &Start) -> anyhow::Result<()> {
    let mut options = arguments.dry_run.options();
    if arguments.paused {
        options.insert("paused".to_owned(), true.into());
    }
    call(flags, &arguments.name, "start", options)
        .await
        .map_err(|error| anyhow!("Error starting VirtualMachine {error:#}"))?;
    say::line(format_args!("VM {} was scheduled to start", arguments.name));
    Ok(())
}

/// `virtctl stop VM`.
pub(crate) async fn stop(flags: &Connection, arguments: &Stop) -> anyhow::Result<()> {
    let mut options = arguments.dry_run.options();
    arguments.patience.write(&mut options, "gracePeriod");
    call(flags, &arguments.name, "stop", options)
        .await
        .map_err(|error| match arguments.patience.force {
            true => anyhow!("error force stopping VirtualMachine: {error:#}"),
            false => anyhow!("error stopping VirtualMachine {error:#}"),
        })?;
    say::line(format_args!("VM {} was scheduled to stop", arguments.name));
    Ok(())
}

/// `virtctl restart VM`.
pub(crate) async fn restart(flags: &Connection, arguments: &Restart) -> anyhow::Result<()> {
    let mut options = arguments.dry_run.options();
    arguments.patience.write(&mut options, "gracePeriodSeconds");
    call(flags, &arguments.name, "restart", options)
        .await
        .map_err(|error| match arguments.patience.force {
            true => anyhow!("error force restarting VirtualMachine: {error:#}"),
            false => anyhow!("error restarting VirtualMachine: {error:#}"),
        })?;
    say::line(format_args!(
        "VM {} was scheduled to restart",
        arguments.name
    ));
    Ok(())
}

/// One request about a VirtualMachine.
pub(super) async fn call(
    flags: &Connection,
    name: &str,
    subresource: &str,
    options: Map<String, Value>,
) -> anyhow::Result<()> {
    let cluster = client::connect(flags).await?;
    let kind = Kind::VirtualMachine;
    let path = subresource::path(&cluster.namespace, kind.resource(), name, subresource)?;
    match subresource::put(&cluster.client, &path, &options).await {
        Ok(()) => Ok(()),
        Err(error) => Err(suggest::explain(&cluster, kind, name, error).await),
    }
}
