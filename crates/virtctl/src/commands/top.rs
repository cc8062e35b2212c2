//! `virtctl top`: what virtual machines use, in the terminal, or as a table or data for a pipe.
//!
//! The numbers are those that kubelet has of the launcher pods (its summary API, through the API server). Where the user may not
//! ask kubelets, the metrics API gives processor time and memory. What nobody tells is shown as `-`, with the reason beneath.

mod cadvisor;
mod collect;
mod live;
mod machines;
mod rates;
mod screen;
mod summary;
mod table;

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use crate::cli::Connection;
use crate::client;
use crate::output::{self, Format};
use collect::Collector;

/// How long a single table waits for two measurements, between which a rate is.
const PATIENCE: Duration = Duration::from_secs(20);
/// The pause between two looks at kubelet's numbers, which change every 10 to 15 s.
const STEP: Duration = Duration::from_secs(2);

/// `virtctl top`.
#[derive(Debug, Args)]
pub(crate) struct Top {
    /// What to show.
    #[arg(value_enum, default_value = "vm", value_name = "KIND")]
    pub(crate) kind: Kind,
    /// Show the machines of all namespaces.
    #[arg(short = 'A', long)]
    pub(crate) all_namespaces: bool,
    /// Seconds between two updates.
    #[arg(long, default_value_t = 5, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) interval: u64,
    /// What comes first.
    #[arg(long, value_enum, default_value = "name", value_name = "COLUMN")]
    pub(crate) sort_by: Sort,
    /// Print one table and end, as without a terminal.
    #[arg(long)]
    pub(crate) once: bool,
    /// Do not wait for a second measurement: one table, at once, without rates.
    #[arg(long)]
    pub(crate) no_rates: bool,
    /// Print data once.
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,
}

/// Kinds that can be shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Kind {
    /// Virtual machines.
    #[value(
        alias = "vms",
        alias = "vmi",
        alias = "vmis",
        alias = "virtualmachines"
    )]
    Vm,
}

/// The column that decides the order.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Sort {
    /// Namespace and name.
    Name,
    /// Processor time, the most first.
    Cpu,
    /// Memory, the most first.
    Memory,
    /// Both directions of the network, the most first.
    Network,
    /// Reads and writes, the most first.
    Disk,
}

/// `virtctl top`.
pub(crate) async fn run(flags: &Connection, arguments: &Top) -> anyhow::Result<()> {
    let cluster = client::connect(flags).await?;
    let namespace = (!arguments.all_namespaces).then(|| cluster.namespace.clone());
    let mut collector = Collector::new(cluster.client, namespace);
    let is_terminal = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    if is_terminal && !arguments.once && !arguments.no_rates && arguments.output.is_none() {
        return live::run(&mut collector, arguments).await;
    }
    let mut shown = collector.look().await?;
    let begin = Instant::now();
    while !arguments.no_rates && collector.wants_rates() && begin.elapsed() < PATIENCE {
        tokio::time::sleep(STEP).await;
        shown = collector.look().await?;
    }
    table::sort(&mut shown.rows, arguments.sort_by);
    match arguments.output {
        Some(format) => output::print(&shown, format)?,
        None => print!("{}", table::render(&shown, arguments.all_namespaces)),
    }
    Ok(())
}
