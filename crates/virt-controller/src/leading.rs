//! The replica that acts.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use kube::Client;
use kubevirt_core::config::ClusterConfig;
use kubevirt_core::launcher_pod::Launcher;
use kubevirt_runtime::CancellationToken;
use kubevirt_runtime::events::Recorder;
use kubevirt_runtime::leader::Leadership;
use kubevirt_runtime::metrics::Metrics;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::arguments::Arguments;
use crate::cache::Cache;
use crate::context::Context;
use crate::figures::Figures;
use crate::{image_volumes, instances, machines, migrations, nodes, replica_sets, watches};

/// Objects of one kind that are worked on at the same time.
const WORKERS: usize = 12;
/// Replica sets that are worked on at the same time.
const SET_WORKERS: usize = 2;
/// The source that events name.
const INSTANCE_SOURCE: &str = "virtualmachine-controller";
/// How long the first listings may take before the process ends and another replica tries.
const LISTINGS: Duration = Duration::from_secs(300);

/// Acts until the office is lost or the process is to end.
pub(crate) async fn lead(
    client: Client,
    arguments: &Arguments,
    config: watch::Receiver<Arc<ClusterConfig>>,
    figures: Figures,
    metrics: Metrics,
    leadership: Leadership,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let lost = leadership.lost();
    let stop = CancellationToken::new();
    let recorder = Recorder::new(client.clone(), INSTANCE_SOURCE, None, stop.clone());
    metrics.register(|registry| recorder.register(registry));
    let mut tasks = JoinSet::new();
    let work = act(
        client,
        arguments,
        config,
        figures.clone(),
        recorder,
        &mut tasks,
    );
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = shutdown.cancelled() => Ok(()),
        () = lost.cancelled() => Err(anyhow::anyhow!("the office was lost: leaving, to begin anew")),
    };
    figures.leading.set(0);
    tasks.shutdown().await;
    stop.cancel();
    leadership.release().await;
    outcome
}

async fn act(
    client: Client,
    arguments: &Arguments,
    config: watch::Receiver<Arc<ClusterConfig>>,
    figures: Figures,
    recorder: Recorder,
    tasks: &mut JoinSet<()>,
) -> anyhow::Result<()> {
    let launcher = Launcher {
        image: arguments.launcher_image.clone(),
        image_volumes: image_volumes::decide(&client, arguments.image_volumes).await?,
    };
    figures.leading.set(1);
    let context = Arc::new(Context {
        client,
        recorder,
        figures,
        config,
        launcher,
        machines: Cache::default(),
        instances: Cache::default(),
        sets: Cache::default(),
        pods: Cache::default(),
        claims: Cache::default(),
        nodes: Cache::default(),
        machine_queue: crate::queue::Queue::default(),
        instance_queue: crate::queue::Queue::default(),
        set_queue: crate::queue::Queue::default(),
        machine_failures: crate::failures::Failures::default(),
        instance_failures: crate::failures::Failures::default(),
        set_failures: crate::failures::Failures::default(),
        podless: crate::recent::Recent::default(),
    });
    let (sender, mut listed) = mpsc::channel(watches::WATCHES);
    watches::start(&context, &sender);
    // Nothing is decided before everything was looked at.
    let all = async {
        for _ in 0..watches::WATCHES {
            listed.recv().await;
        }
    };
    tokio::time::timeout(LISTINGS, all)
        .await
        .context("not all kinds could be listed within 5 minutes: see the warnings above")?;
    tracing::info!(
        machines = context.machines.len(),
        instances = context.instances.len(),
        pods = context.pods.len(),
        "acting"
    );
    for _ in 0..WORKERS {
        tasks.spawn(machines::work(context.clone()));
        tasks.spawn(instances::work(context.clone()));
    }
    for _ in 0..SET_WORKERS {
        tasks.spawn(replica_sets::work(context.clone()));
    }
    tasks.spawn(migrations::work(context.clone()));
    tasks.spawn(nodes::watch_heartbeats(context));
    match tasks.join_next().await {
        Some(Err(error)) => Err(anyhow::anyhow!("a worker ended badly: {error}")),
        _ => Err(anyhow::anyhow!("a worker ended by itself")),
    }
}
