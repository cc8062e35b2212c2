//! virt-controller: from VirtualMachine to VirtualMachineInstance to launcher pod, up to the hand-over to virt-handler.
//!
//! The rules are in `kubevirt-core`; this program observes, asks for a plan and carries it out.

mod arguments;
mod back_off;
mod cache;
mod compact;
mod context;
mod failures;
mod figures;
mod image_volumes;
mod instances;
mod instancetypes;
mod key;
mod leading;
mod machines;
mod migrations;
mod nodes;
mod outcome;
mod queue;
mod recent;
mod replica_sets;
mod serving;
mod volume_requests;
mod watches;

use anyhow::Context as _;
use clap::Parser;
use kubevirt_runtime::config_watch::ConfigWatch;
use kubevirt_runtime::{client, health::Health, leader, logging, metrics::Metrics, shutdown};

const COMPONENT: &str = "virt-controller";

fn main() -> anyhow::Result<()> {
    let arguments = arguments::Arguments::parse();
    // One thread: the work is waiting for the API server, and a thread's memory is saved.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the asynchronous runtime")?;
    runtime.block_on(run(arguments))
}

async fn run(arguments: arguments::Arguments) -> anyhow::Result<()> {
    let verbosity = logging::init(
        COMPONENT,
        arguments.verbosity,
        logging::Format::from_environment(),
    );
    let shutdown = shutdown::token().context("cannot watch for signals")?;
    let client = client::client(COMPONENT).await?;
    let health = Health::new(&["configuration"]);
    let metrics = Metrics::new(COMPONENT);
    let figures = figures::Figures::new(&metrics);
    let server = serving::start(
        &arguments,
        health.clone(),
        metrics.clone(),
        shutdown.clone(),
    )
    .await?;

    let settings = ConfigWatch::start(client.clone(), &arguments.namespace, shutdown.clone());
    settings.drive_verbosity(verbosity, |config| config.log_verbosity.virt_controller);
    tokio::select! {
        // Nothing is decided by settings that are not known.
        _ = settings.synced() => health.set("configuration", true),
        () = shutdown.cancelled() => {}
    }
    let election = leader::Election::new(&arguments.namespace, COMPONENT, &arguments.identity());
    let outcome = match leader::acquire(client.clone(), election, shutdown.clone()).await {
        Some(leadership) => {
            leading::lead(
                client,
                &arguments,
                settings.receiver(),
                figures,
                metrics,
                leadership,
                shutdown.clone(),
            )
            .await
        }
        None => Ok(()),
    };
    shutdown.cancel();
    if server.await.is_err() {
        tracing::warn!("the health server ended badly");
    }
    outcome
}
