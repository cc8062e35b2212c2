//! Health and metrics over HTTPS.

use anyhow::Context as _;
use kubevirt_runtime::CancellationToken;
use kubevirt_runtime::health::{self, Health};
use kubevirt_runtime::identity::Identity;
use kubevirt_runtime::metrics::Metrics;
use kubevirt_runtime::serve::{self, Limits};
use kubevirt_runtime::tls::{ClientRule, ServerTls, server_config};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::arguments::Arguments;

pub(crate) async fn start(
    arguments: &Arguments,
    health: Health,
    metrics: Metrics,
    shutdown: CancellationToken,
) -> anyhow::Result<JoinHandle<()>> {
    // kubelet and Prometheus do not check it; there is nothing secret to serve.
    let identity = Identity::self_signed(&[crate::COMPONENT])?;
    let tls = ServerTls::new(server_config(&identity, &ClientRule::Anonymous)?);
    let listener = TcpListener::bind(arguments.listen).await.with_context(|| {
        format!(
            "cannot listen on {}: another program may use the port",
            arguments.listen
        )
    })?;
    let limits = Limits {
        connections: 32,
        ..Limits::default()
    };
    Ok(tokio::spawn(serve::serve(
        listener,
        tls,
        health::router(health, metrics),
        limits,
        shutdown,
    )))
}
