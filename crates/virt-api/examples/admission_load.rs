//! Asks a running virt-api for admission at a fixed rate and prints how long the answers took: `bench/admission.sh` runs it.
//!
//! The rate is kept whatever the answers take: an answer's time counts from when its question was due, so that a pause
//! delays, and is seen in, all that was due meanwhile.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How long one answer may take before the run is given up.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Parser)]
struct Args {
    /// Address of virt-api, with its port.
    #[arg(long)]
    address: SocketAddr,
    /// Name that virt-api's certificate is for.
    #[arg(long)]
    name: String,
    /// File with the certificates to trust.
    #[arg(long)]
    ca: PathBuf,
    /// File with the object to ask about, as JSON.
    #[arg(long)]
    object: PathBuf,
    /// Paths of the webhooks, asked in turn.
    #[arg(long, value_delimiter = ',')]
    paths: Vec<String>,
    /// Questions in a second, over all connections.
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// Questions in all.
    #[arg(long, default_value_t = 2000)]
    count: u32,
    /// Connections; each asks one question at a time.
    #[arg(long, default_value_t = 8)]
    connections: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args = Args::parse();
    ensure!(
        args.rate > 0 && args.connections > 0 && !args.paths.is_empty(),
        "rate, connections and paths have to be given"
    );
    let object: Value =
        serde_json::from_slice(&std::fs::read(&args.object)?).context("the object is not JSON")?;
    let review = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "bench", "operation": "CREATE", "namespace": object["metadata"]["namespace"], "name": object["metadata"]["name"],
            "userInfo": { "username": "bench", "groups": ["system:authenticated"] },
            "object": object, "oldObject": null,
        },
    });
    let review = Bytes::from(review.to_string());
    let connector = connector(&args)?;
    let start = Instant::now() + Duration::from_millis(200);
    let mut asking = tokio::task::JoinSet::new();
    for connection in 0..args.connections {
        asking.spawn(ask(
            args.clone(),
            connector.clone(),
            review.clone(),
            connection,
            start,
        ));
    }
    let mut took = Vec::new();
    while let Some(answers) = asking.join_next().await {
        took.extend(answers.context("a connection's task ended")??);
    }
    took.sort_unstable();
    let part = |part: f64| {
        let index = (took.len() as f64 * part).ceil() as usize;
        took.get(index.saturating_sub(1))
            .copied()
            .unwrap_or_default()
            .as_secs_f64()
            * 1000.0
    };
    println!(
        "{}",
        json!({ "answers": took.len(), "p50": part(0.5), "p99": part(0.99), "most": part(1.0), "seconds": start.elapsed().as_secs_f64() })
    );
    Ok(())
}

fn connector(args: &Args) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    for certificate in
        CertificateDer::pem_file_iter(&args.ca).context("the certificates cannot be read")?
    {
        roots.add(certificate?)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Asks this connection's share of the questions, each when it is due.
async fn ask(
    args: Args,
    connector: TlsConnector,
    review: Bytes,
    connection: u32,
    start: Instant,
) -> Result<Vec<Duration>> {
    let stream = TcpStream::connect(args.address)
        .await
        .context("virt-api does not answer")?;
    stream.set_nodelay(true)?;
    let stream = connector
        .connect(ServerName::try_from(args.name.clone())?, stream)
        .await?;
    let (mut sender, driver) = http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await?;
    tokio::spawn(driver);
    let mut took = Vec::new();
    for number in (connection..args.count).step_by(args.connections as usize) {
        let due = start + Duration::from_secs(1) * number / args.rate;
        sleep_until(due).await;
        // Each connection asks about all paths.
        let path = &args.paths[(number / args.connections) as usize % args.paths.len()];
        let request = hyper::Request::post(path.as_str())
            .header("host", &args.name)
            .header("content-type", "application/json")
            .body(Full::new(review.clone()))?;
        let answer = timeout(PATIENCE, async {
            sender.ready().await?;
            let response = sender.send_request(request).await?;
            let status = response.status();
            anyhow::Ok((status, response.into_body().collect().await?.to_bytes()))
        });
        let (status, body) = answer.await.context("no answer in time")??;
        took.push(due.elapsed());
        let review: Value = serde_json::from_slice(&body).unwrap_or_default();
        ensure!(
            status.is_success() && review["response"]["allowed"] == true,
            "{path} answered {status}: {}",
            String::from_utf8_lossy(&body)
        );
    }
    Ok(took)
}
