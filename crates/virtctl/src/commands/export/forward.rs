//! A port of this computer that leads to the export server's pod.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::client::Cluster;
use crate::objects::{self, text};
use crate::pod;

/// The Service may come a little after the export's status.
const SERVICE: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_secs(1);

/// Ends with its drop.
pub(super) struct Forward {
    address: String,
    task: tokio::task::JoinHandle<()>,
}

impl Forward {
    /// Listens on `port` of this computer alone; 0 takes a free one.
    pub(super) async fn open(cluster: &Cluster, export: &Value, port: u16) -> anyhow::Result<Self> {
        let service = text(export, "/status/serviceName");
        ensure!(
            !service.is_empty(),
            "the export names no Service (status.serviceName)"
        );
        let (pod, target) = pod_of(cluster, service).await?;
        let path = pod::port_forward_path(&cluster.namespace, &pod, target)?;
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .with_context(|| format!("cannot listen on port {port}: take another --local-port"))?;
        let address = listener.local_addr()?.to_string();
        let client = cluster.client.clone();
        let task = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (client, path) = (client.clone(), path.clone());
                tokio::spawn(async move {
                    if let Err(error) = pod::forward(&client, &path, connection).await {
                        eprintln!("a connection to the export server broke: {error:#}");
                    }
                });
            }
        });
        Ok(Self { address, task })
    }

    /// HOST:PORT.
    pub(super) fn address(&self) -> String {
        self.address.clone()
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A running pod behind the Service, and its port.
async fn pod_of(cluster: &Cluster, service: &str) -> anyhow::Result<(String, u16)> {
    let end = Instant::now() + SERVICE;
    loop {
        if let Some(found) = look(cluster, service).await? {
            return Ok(found);
        }
        ensure!(
            Instant::now() < end,
            "no running pod is behind the Service {service} since {}s",
            SERVICE.as_secs()
        );
        tokio::time::sleep(STEP).await;
    }
}

async fn look(cluster: &Cluster, service: &str) -> anyhow::Result<Option<(String, u16)>> {
    let path = objects::path("/api/v1", &cluster.namespace, "services", Some(service))?;
    let Some(service) = objects::get(&cluster.client, &path).await? else {
        return Ok(None);
    };
    let selector = service.pointer("/spec/selector").and_then(Value::as_object);
    let selector: Vec<String> = selector
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some(format!("{key}%3D{}", value.as_str()?)))
        .collect();
    ensure!(!selector.is_empty(), "the export's Service has no selector");
    let path = objects::path("/api/v1", &cluster.namespace, "pods", None)?;
    let query = selector.join("%2C").replace('/', "%2F");
    let pods = objects::get(&cluster.client, &format!("{path}?labelSelector={query}")).await?;
    let pods = pods.unwrap_or_default();
    let pods = pods
        .get("items")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let Some(pod) = pods
        .iter()
        .find(|pod| text(pod, "/status/phase") == "Running")
    else {
        return Ok(None);
    };
    let port = target_port(&service, pod).context("the export's Service has no port")?;
    Ok(Some((text(pod, "/metadata/name").to_owned(), port)))
}

/// The pod's port behind the Service's first one, which may be named.
fn target_port(service: &Value, pod: &Value) -> Option<u16> {
    let port = service.pointer("/spec/ports/0")?;
    let number = |value: &Value| value.as_u64().and_then(|number| u16::try_from(number).ok());
    match port.get("targetPort") {
        None => number(port.get("port")?),
        Some(Value::String(name)) => {
            let containers = pod.pointer("/spec/containers")?.as_array()?;
            let mut ports = containers
                .iter()
                .filter_map(|container| container.get("ports")?.as_array())
                .flatten();
            number(
                ports
                    .find(|port| text(port, "/name") == name)?
                    .get("containerPort")?,
            )
        }
        Some(target) => number(target),
    }
}
