//! virt-handler runs the virtual machines of one node. It gives each launcher pod its disks, network and domain, reports how the
//! guests are, offers the node's devices to kubelet, says what the node can do, and serves consoles and displays.

mod args;
mod device_plugin;
mod guest;
mod kvm;
mod node;
mod operations;
mod streams;
mod vm;

use std::net::{Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use kubevirt_core::config::ClusterConfig;
use kubevirt_runtime::config_watch::ConfigWatch;
use kubevirt_runtime::credentials;
use kubevirt_runtime::events::Recorder;
use kubevirt_runtime::health::{self, Health};
use kubevirt_runtime::identity::Identity;
use kubevirt_runtime::metrics::Metrics;
use kubevirt_runtime::serve::{self, Limits};
use kubevirt_runtime::tls::{ClientRule, ServerTls, server_config};
use kubevirt_runtime::{CancellationToken, client, logging, shutdown};
use kubevirt_streams::Sessions;
use prometheus_client::metrics::gauge::ConstGauge;
use tokio::net::TcpListener;
use tokio::sync::watch;

use args::Args;
use kvm::Kvm;

/// The Secret with this component's certificate.
const CERTIFICATE: &str = "kubevirt-virt-handler-server-certs";
/// The common name of the only client that gets consoles.
const CONSOLE_CLIENT: &str = "kubevirt.io:system:client:virt-api";
/// How long the first heartbeat waits for kubelet to learn of the devices.
const DEVICES_WAIT: Duration = Duration::from_secs(10);
/// Streams of guests at once.
const STREAMS: usize = 1200;
/// The same with handshakes and other calls.
const CONNECTIONS: usize = STREAMS + 100;
/// How long viewers get to hear that virt-handler restarts.
const GOODBYE: Duration = Duration::from_secs(2);

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    // Everything here waits; the blocking calls of libvirt have threads of their own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(8)
        .build()?;
    runtime.block_on(run(args))
}

async fn run(args: Args) -> anyhow::Result<()> {
    let verbosity = logging::init("virt-handler", 2, logging::Format::from_environment());
    let shutdown = shutdown::token().context("cannot listen to signals")?;
    let client = client::client("virt-handler").await?;
    let config = ConfigWatch::start(client.clone(), &args.namespace, shutdown.clone());
    config.drive_verbosity(verbosity, |config| config.log_verbosity.virt_handler);

    let kvm = Kvm::probe(Path::new("/dev/kvm"), Path::new("/proc/cpuinfo"));
    tracing::info!(node = args.node_name, ?kvm, "hardware virtualization");

    let recorder = Recorder::new(
        client.clone(),
        "virt-handler",
        Some(&args.node_name),
        shutdown.clone(),
    );
    let directory = Arc::new(vm::Directory::new(args.kubelet_root.clone()));
    let context = Arc::new(vm::Context {
        client: client.clone(),
        node: args.node_name.clone(),
        kubelet_root: args.kubelet_root.clone(),
        node_info: args.node_info_dir.clone(),
        kvm: kvm.clone(),
        config: config.clone(),
        recorder: recorder.clone(),
        directory: directory.clone(),
    });

    let health = Health::new(&["certificate", "heartbeat", "watches"]);
    let credentials = credentials::watch(
        client.clone(),
        &args.namespace,
        CERTIFICATE,
        shutdown.clone(),
    );
    let console_tls = credentials::server_tls(credentials.clone(), |trust| ClientRule::Named {
        trust: trust.clone(),
        names: vec![CONSOLE_CLIENT.to_owned()],
    });
    // kubelet and Prometheus do not check it, there is nothing secret to serve, and it must not wait for virt-api.
    let identity = Identity::self_signed(&["virt-handler"])?;
    let health_tls = ServerTls::new(server_config(&identity, &ClientRule::Anonymous)?);

    let (listed, listed_news) = watch::channel(false);
    tokio::spawn(vm::Dispatcher::run(context, listed, shutdown.clone()));
    let devices = spawn_device_plugins(&args, &kvm, &config);
    let (beaten, beaten_news) = watch::channel(false);
    let heartbeat = node::Heartbeat {
        client: client.clone(),
        node: args.node_name.clone(),
        node_info: args.node_info_dir.clone(),
        kubelet_root: args.kubelet_root.clone(),
        kvm: kvm.usable(),
        config: config.receiver(),
    };
    let beating = tokio::spawn(async move {
        let known = async {
            for mut device in devices {
                // A plugin never ends.
                let _ = device.wait_for(|listed| *listed).await;
            }
        };
        if tokio::time::timeout(DEVICES_WAIT, known).await.is_err() {
            tracing::warn!(
                "kubelet does not know all devices yet, the node becomes schedulable all the same"
            );
        }
        node::run_heartbeat(heartbeat, beaten).await;
    });
    tokio::spawn(ready(
        health.clone(),
        "certificate",
        credentials,
        |credentials| credentials.is_some(),
    ));
    tokio::spawn(ready(health.clone(), "heartbeat", beaten_news, |beaten| {
        *beaten
    }));
    tokio::spawn(ready(health.clone(), "watches", listed_news, |listed| {
        *listed
    }));

    let metrics = Metrics::new("virt-handler");
    let counted = directory.clone();
    metrics.register(|registry| {
        recorder.register(registry);
        registry.register_collector(Box::new(Guests(counted)));
    });
    let operations = Arc::new(operations::Operations {
        directory: directory.clone(),
        recorder: recorder.clone(),
    });
    let sessions = Sessions::new(STREAMS, shutdown.clone());
    let limits = Limits {
        connections: CONNECTIONS,
        ..Limits::default()
    };
    let consoles = listen(
        args.console_server_port,
        console_tls,
        streams::router(directory.clone(), sessions.clone()).merge(operations::router(operations)),
        limits,
        &shutdown,
    )
    .await?;
    let limits = Limits {
        connections: 32,
        ..Limits::default()
    };
    let health = listen(
        args.health_port,
        health_tls,
        health::router(health, metrics),
        limits,
        &shutdown,
    )
    .await?;

    shutdown.cancelled().await;
    beating.abort();
    node::withdraw(client, &args.node_name).await;
    let _ = tokio::join!(consoles, health, sessions.ended(GOODBYE));
    Ok(())
}

/// Serves on a port of all addresses, IPv4 and IPv6.
async fn listen(
    port: u16,
    tls: ServerTls,
    router: axum::Router,
    limits: Limits,
    shutdown: &CancellationToken,
) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    let any = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    let listener = match TcpListener::bind(any).await {
        // A node without IPv6.
        Err(_) => TcpListener::bind(("0.0.0.0", port)).await,
        bound => bound,
    };
    let listener = listener.with_context(|| {
        format!("cannot listen on port {port}; does another virt-handler run here")
    })?;
    // Streams live long and are ended elsewhere.
    let limits = Limits {
        drain: Duration::from_secs(1),
        ..limits
    };
    Ok(tokio::spawn(serve::serve(
        listener,
        tls,
        router,
        limits,
        shutdown.clone(),
    )))
}

/// Starts a plugin for each device there is. What comes back tells when kubelet knows it.
fn spawn_device_plugins(
    args: &Args,
    kvm: &Kvm,
    config: &ConfigWatch,
) -> Vec<watch::Receiver<bool>> {
    let count = device_count(config, args.max_devices);
    let directory = args.kubelet_root.join("device-plugins");
    let devices = device_plugin::offered(kvm.usable());
    devices
        .into_iter()
        .map(|device| {
            let (listed, news) = watch::channel(false);
            tokio::spawn(device_plugin::run(
                directory.clone(),
                device,
                count.clone(),
                listed,
            ));
            news
        })
        .collect()
}

/// How many devices of each kind the node offers, as the settings say while they change; `default` where they do not.
fn device_count(config: &ConfigWatch, default: u32) -> watch::Receiver<u32> {
    let of = move |config: &ClusterConfig| config.nodes.instances_per_node.unwrap_or(default);
    let (watch, mut news) = (config.clone(), config.receiver());
    let (sender, count) = watch::channel(of(&news.borrow_and_update()));
    tokio::spawn(async move {
        // Before the first answer the default stands for all settings.
        watch.synced().await;
        loop {
            let wanted = of(&news.borrow_and_update());
            sender.send_if_modified(|count| std::mem::replace(count, wanted) != wanted);
            if news.changed().await.is_err() {
                // The process ends; kubelet is to keep what it knows.
                sender.closed().await;
                return;
            }
        }
    });
    count
}

/// Sets a condition of readiness when `news` says so.
async fn ready<T>(
    health: Health,
    condition: &'static str,
    mut news: watch::Receiver<T>,
    met: impl Fn(&T) -> bool,
) {
    if news.wait_for(|value| met(value)).await.is_ok() {
        health.set(condition, true);
    }
}

/// The number of guests that run, counted when it is asked for.
struct Guests(Arc<vm::Directory>);

impl std::fmt::Debug for Guests {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Guests")
    }
}

impl prometheus_client::collector::Collector for Guests {
    fn encode(
        &self,
        mut encoder: prometheus_client::encoding::DescriptorEncoder<'_>,
    ) -> Result<(), std::fmt::Error> {
        use prometheus_client::encoding::EncodeMetric;
        let running = ConstGauge::new(i64::try_from(self.0.running()).unwrap_or(i64::MAX));
        let metric = encoder.encode_descriptor(
            "kubevirt_handler_guests",
            "Guests that run on this node",
            None,
            running.metric_type(),
        )?;
        running.encode(metric)
    }
}
