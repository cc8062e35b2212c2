//! virt-api: the HTTP entry point of KubeVirt.

mod admission;
mod aggregated;
mod args;
mod certificates;
mod connectivity;
mod evacuation;
mod expand;
mod graph;
mod guest;
mod handler;
mod later;
mod lifecycle;
mod migration;
mod objects;
mod patching;
mod presets;
mod status;
mod streams;
mod tls;
mod volumes;
mod warning;

#[cfg(test)]
mod testing;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::response::Response;
use clap::Parser;
use http::{HeaderValue, header};
use kubevirt_runtime::config_watch::ConfigWatch;
use kubevirt_runtime::health::{self, Health};
use kubevirt_runtime::instancetypes::Finder;
use kubevirt_runtime::metrics::Metrics;
use kubevirt_runtime::serve::{Limits, serve};
use kubevirt_runtime::{client, crypto, logging, shutdown};
use tokio::net::TcpListener;

use admission::Admission;
use aggregated::guestfs::Images;
use aggregated::{Aggregated, front_proxy};
use args::Args;
use certificates::inject;
use certificates::keeper::{self, Keeper};
use connectivity::Connectivity;
use handler::Handlers;
use presets::Presets;
use streams::Streams;

/// Set when the settings are known.
const CONFIG: &str = "config";
/// Set when the presets are known.
const PRESETS: &str = "presets";

/// Connections at once: streams, and as many of kube-apiserver's as there ever are.
const CONNECTIONS: usize = streams::STREAMS + 800;
/// How long clients of forwarded ports get to hear that virt-api restarts.
const GOODBYE: Duration = Duration::from_secs(2);

fn main() -> Result<()> {
    let args = Args::parse();
    // Requests are short and few; streams wait. Two threads keep admission answering while one is busy.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(run(args))
}

async fn run(args: Args) -> Result<()> {
    let verbosity = logging::init(
        "virt-api",
        args.verbosity,
        logging::Format::from_environment(),
    );
    crypto::install();
    let shutdown = shutdown::token().context("cannot listen for signals")?;
    let address = SocketAddr::new(args.bind, args.port);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    let client = client::client("virt-api").await?;

    let health = Health::new(&[tls::CERTIFICATES, tls::FRONT_PROXY, CONFIG, PRESETS]);
    let metrics = Metrics::new("virt-api");
    let figures = admission::Figures::default();
    metrics.register(|registry| figures.register(registry));

    let config = ConfigWatch::start(client.clone(), &args.namespace, shutdown.clone());
    config.drive_verbosity(verbosity, |config| config.log_verbosity.virt_api);
    let (synced, ready) = (config.clone(), health.clone());
    tokio::spawn(async move { ready.set(CONFIG, synced.synced().await) });
    let (presets, mut listed) = Presets::start(client.clone(), shutdown.clone());
    let ready = health.clone();
    tokio::spawn(
        async move { ready.set(PRESETS, listed.wait_for(|listed| *listed).await.is_ok()) },
    );
    let finder = Finder::new(client.clone());
    let observer = client.clone();

    let (publisher, supply) = keeper::supply();
    let keeper =
        tokio::spawn(Keeper::new(client.clone(), &args.namespace).run(publisher, shutdown.clone()));
    inject::start(&client, &supply, &shutdown);
    let front_proxy = front_proxy::watch(client.clone(), shutdown.clone());
    let (server_tls, client_tls) =
        tls::follow(supply.material, front_proxy.clone(), health.clone());

    let streams = Streams::new(shutdown.clone());
    let aggregated = Aggregated {
        client: client.clone(),
        front_proxy,
        streams: streams.clone(),
        connectivity: Connectivity::new(client, config.clone()),
        config: config.clone(),
        handlers: Handlers::new(client_tls, &args.namespace, args.console_server_port),
        images: Images {
            own: args.image,
            guestfs: args.guestfs_image,
        },
    };
    let router = router(
        aggregated,
        Admission::new(config, &args.namespace, figures)
            .looking_up(finder, presets)
            .observing(observer),
        health,
        metrics,
    );
    let limits = Limits {
        connections: CONNECTIONS,
        ..Limits::default()
    };
    serve(listener, server_tls, router, limits, shutdown).await;
    streams.sessions().ended(GOODBYE).await;
    keeper
        .await
        .context("the certificates' loop ended by itself")
}

/// All routes: webhooks, readiness and metrics, liveness, and the aggregated API for the rest.
fn router(
    aggregated: Aggregated,
    admission: Admission,
    health: Health,
    metrics: Metrics,
) -> Router {
    aggregated::router(aggregated)
        .merge(admission::router(admission))
        .merge(health::readiness_router(health, metrics))
        .route("/livez", axum::routing::get(|| async { "ok\n" }))
        .layer(axum::middleware::map_response(no_sniffing))
}

async fn no_sniffing(mut response: Response) -> Response {
    response.headers_mut().insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
