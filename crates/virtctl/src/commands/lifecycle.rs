//! `start`, `stop` and `restart`: requests that virt-api turns into a change of the VirtualMachine.

use anyhow::Context;
use clap::Args;
use serde_json::{Map, Value, json};

use crate::cli::Connection;
use crate::{client, subresource};

const RESOURCE: &str = "virtualmachines";

/// `virtctl start`.
#[derive(Debug, Args)]
pub(crate) struct Start {
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    pub(crate) name: String,
    /// Start with the guest's processors halted.
    #[arg(long)]
    pub(crate) paused: bool,
    /// Check the request without changing anything.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `virtctl stop`.
#[derive(Debug, Args)]
pub(crate) struct Stop {
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    pub(crate) name: String,
    /// Do not wait for the guest longer than --grace-period says.
    #[arg(long, requires = "grace_period")]
    pub(crate) force: bool,
    /// Seconds that the guest has to shut down; only together with --force.
    #[arg(
        long,
        requires = "force",
        value_name = "SECONDS",
        allow_negative_numbers = true
    )]
    pub(crate) grace_period: Option<i64>,
    /// Check the request without changing anything.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `virtctl restart`.
#[derive(Debug, Args)]
pub(crate) struct Restart {
    /// Name of the VirtualMachine.
    #[arg(value_name = "VM")]
    pub(crate) name: String,
    /// Do not wait for the guest longer than --grace-period says.
    #[arg(long, requires = "grace_period")]
    pub(crate) force: bool,
    /// Seconds that the guest has to shut down; only together with --force.
    #[arg(
        long,
        requires = "force",
        value_name = "SECONDS",
        allow_negative_numbers = true
    )]
    pub(crate) grace_period: Option<i64>,
    /// Check the request without changing anything.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `virtctl start VM`.
pub(crate) async fn start(flags: &Connection, arguments: &Start) -> anyhow::Result<()> {
    let mut options = options(arguments.dry_run);
    if arguments.paused {
        options.insert("paused".into(), true.into());
    }
    call(flags, &arguments.name, "start", options)
        .await
        .with_context(|| format!("Error starting VirtualMachine {}", arguments.name))?;
    println!("VM {} was scheduled to start", arguments.name);
    Ok(())
}

/// `virtctl stop VM`.
pub(crate) async fn stop(flags: &Connection, arguments: &Stop) -> anyhow::Result<()> {
    let mut options = options(arguments.dry_run);
    if let Some(seconds) = arguments.grace_period {
        options.insert("gracePeriod".into(), seconds.into());
    }
    call(flags, &arguments.name, "stop", options)
        .await
        .with_context(|| format!("error {}stopping VirtualMachine", force(arguments.force)))?;
    println!("VM {} was scheduled to stop", arguments.name);
    Ok(())
}

/// `virtctl restart VM`.
pub(crate) async fn restart(flags: &Connection, arguments: &Restart) -> anyhow::Result<()> {
    let mut options = options(arguments.dry_run);
    if let Some(seconds) = arguments.grace_period {
        options.insert("gracePeriodSeconds".into(), seconds.into());
    }
    call(flags, &arguments.name, "restart", options)
        .await
        .with_context(|| format!("error {}restarting VirtualMachine", force(arguments.force)))?;
    println!("VM {} was scheduled to restart", arguments.name);
    Ok(())
}

fn force(force: bool) -> &'static str {
    if force { "force " } else { "" }
}

fn options(dry_run: bool) -> Map<String, Value> {
    let mut options = Map::new();
    if dry_run {
        println!("Dry Run execution");
        options.insert("dryRun".into(), json!(["All"]));
    }
    options
}

async fn call(
    flags: &Connection,
    name: &str,
    subresource: &str,
    options: Map<String, Value>,
) -> anyhow::Result<()> {
    let cluster = client::connect(flags).await?;
    let path = subresource::path(&cluster.namespace, RESOURCE, name, subresource)?;
    subresource::put(&cluster.client, &path, &Value::Object(options)).await
}
