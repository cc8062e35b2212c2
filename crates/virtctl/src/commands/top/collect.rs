//! One look at the cluster: the machines, and what their nodes measure of them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use futures::StreamExt;
use http::Request;
use k8s_openapi::jiff::Timestamp;
use kube::Client;
use serde::Serialize;
use serde_json::Value;

use super::machines::{self, Machine};
use super::rates::Rates;
use super::summary::{self, Usage};
use super::{cadvisor, table};
use crate::commands::why::look::{bytes, list, text};
use crate::subresource;

/// How long one request may take.
const LIMIT: Duration = Duration::from_secs(15);
/// The most nodes that are asked at the same time.
const AT_ONCE: usize = 8;

/// What is shown.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Shown {
    /// The machines.
    pub(super) rows: Vec<table::Row>,
    /// Why something is missing.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) notes: BTreeSet<String>,
}

/// Asks, and remembers what it needs for rates.
pub(super) struct Collector {
    client: Client,
    /// None: all.
    namespace: Option<String>,
    network: Rates,
    disk: Rates,
    /// Nodes that do not count what pods read and write.
    without_disks: HashSet<String>,
    /// Whether a machine with counters has no rate yet.
    wants_rates: bool,
}

impl Collector {
    pub(super) fn new(client: Client, namespace: Option<String>) -> Self {
        Self {
            client,
            namespace,
            network: Rates::default(),
            disk: Rates::default(),
            without_disks: HashSet::new(),
            wants_rates: false,
        }
    }

    /// Whether a further look will tell more.
    pub(super) fn wants_rates(&self) -> bool {
        self.wants_rates
    }

    /// Looks once.
    ///
    /// # Errors
    /// When the machines cannot be listed. What cannot be measured is left out, with a note.
    pub(super) async fn look(&mut self) -> anyhow::Result<Shown> {
        let base = match &self.namespace {
            Some(namespace) => {
                // Checks the name before it becomes part of a path.
                subresource::path(namespace, "virtualmachines", "any", "")?;
                format!("/apis/kubevirt.io/v1/namespaces/{namespace}")
            }
            None => "/apis/kubevirt.io/v1".to_owned(),
        };
        let (vms, vmis) = futures::join!(
            json(&self.client, format!("{base}/virtualmachines")),
            json(&self.client, format!("{base}/virtualmachineinstances")),
        );
        let machines = machines::join(&vms?, &vmis?);
        let mut notes = BTreeSet::new();
        let mut usage = self.measure(&machines, &mut notes).await;
        self.wants_rates = false;
        let rows = machines
            .into_iter()
            .map(|machine| {
                let usage = usage.remove(&machine.uid).unwrap_or_default();
                self.row(machine, &usage)
            })
            .collect::<Vec<_>>();
        let live: HashSet<&str> = rows
            .iter()
            .map(|row: &table::Row| row.uid.as_str())
            .collect();
        self.network.retain(|uid| live.contains(uid));
        self.disk.retain(|uid| live.contains(uid));
        Ok(Shown { rows, notes })
    }

    fn row(&mut self, machine: Machine, usage: &Usage) -> table::Row {
        let network = usage
            .network
            .map(|counters| self.network.add(&machine.uid, counters));
        let disk = usage
            .disk
            .map(|counters| self.disk.add(&machine.uid, counters));
        self.wants_rates |= network == Some(None) || disk == Some(None);
        let (network, disk) = (network.flatten(), disk.flatten());
        table::Row {
            namespace: machine.namespace,
            name: machine.name,
            status: machine.status,
            node: machine.node,
            uid: machine.uid,
            vcpus: machine.vcpus,
            guest_memory_bytes: machine.guest_memory,
            cpu_cores: usage.cpu,
            memory_bytes: usage.memory,
            received_bytes_per_second: network.map(|rate| rate.0),
            sent_bytes_per_second: network.map(|rate| rate.1),
            read_bytes_per_second: disk.map(|rate| rate.0),
            written_bytes_per_second: disk.map(|rate| rate.1),
        }
    }

    /// What is measured of the running machines, by the instance's UID.
    async fn measure(
        &mut self,
        machines: &[Machine],
        notes: &mut BTreeSet<String>,
    ) -> HashMap<String, Usage> {
        let nodes: BTreeSet<&str> = machines
            .iter()
            .filter(|machine| !machine.pod.is_empty())
            .map(|machine| machine.node.as_str())
            .collect();
        let client = &self.client;
        let without_disks = &self.without_disks;
        let answers: Vec<_> = futures::stream::iter(nodes)
            .map(|node| async move {
                let summary = json(client, format!("/api/v1/nodes/{node}/proxy/stats/summary"));
                let disks = async {
                    if without_disks.contains(node) {
                        return None;
                    }
                    let path = format!("/api/v1/nodes/{node}/proxy/metrics/cadvisor");
                    let metrics = request(client.request_text(get(path).ok()?)).await.ok()?;
                    Some(cadvisor::disks(&metrics, Timestamp::now()))
                };
                let (summary, disks) = futures::join!(summary, disks);
                (node.to_owned(), summary, disks)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut found = HashMap::new();
        let mut refused = None;
        let mut uncounted = Vec::new();
        for (node, summary, disks) in answers {
            let summary = match summary {
                Ok(summary) => summary,
                Err(error) => {
                    refused = Some(format!("{error:#}"));
                    continue;
                }
            };
            if disks.as_ref().is_none_or(HashMap::is_empty) {
                uncounted.push(node.clone());
                self.without_disks.insert(node.clone());
            }
            let names = names(&summary);
            let mut pods = summary::pods(&summary);
            for machine in machines.iter().filter(|machine| machine.node == node) {
                let Some(mut usage) = pods.remove(&machine.pod) else {
                    continue;
                };
                usage.disk = disks.as_ref().and_then(|disks| {
                    disks
                        .get(&(machine.namespace.clone(), names.get(&machine.pod)?.clone()))
                        .copied()
                });
                found.insert(machine.uid.clone(), usage);
            }
        }
        if !uncounted.is_empty() {
            uncounted.sort();
            notes.insert(format!(
                "READ/S and WRITE/S: the kubelet of {} does not count what pods read and write",
                uncounted.join(", ")
            ));
        }
        if let Some(words) = refused {
            self.fall_back(&words, &mut found, notes).await;
        }
        found
    }

    /// Processor time and memory from the metrics API, for users that may not ask kubelets.
    async fn fall_back(
        &self,
        words: &str,
        found: &mut HashMap<String, Usage>,
        notes: &mut BTreeSet<String>,
    ) {
        let base = match &self.namespace {
            Some(namespace) => format!("/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods"),
            None => "/apis/metrics.k8s.io/v1beta1/pods".to_owned(),
        };
        let path = format!("{base}?labelSelector=kubevirt.io%3Dvirt-launcher");
        let told = match json(&self.client, path).await {
            Ok(metrics) => {
                for pod in list(&metrics, "/items") {
                    let sum = |resource: &str| {
                        list(pod, "/containers")
                            .iter()
                            .filter_map(|container| {
                                quantity(text(container, &format!("/usage/{resource}")))
                            })
                            .sum::<f64>()
                    };
                    let uid = pod
                        .pointer("/metadata/labels")
                        .and_then(|labels| labels.get("kubevirt.io/created-by"))
                        .and_then(Value::as_str);
                    if let Some(uid) = uid {
                        found.entry(uid.to_owned()).or_insert_with(|| Usage {
                            cpu: Some(sum("cpu")),
                            memory: Some(sum("memory")),
                            ..Usage::default()
                        });
                    }
                }
                "CPU and MEMORY are from the metrics API instead".to_owned()
            }
            Err(error) => format!("the metrics API does not help either: {error:#}"),
        };
        notes.insert(format!(
            "the kubelets' own numbers need the right to get nodes/proxy: {words}; {told}"
        ));
    }
}

/// Names of the pods by their UIDs.
fn names(summary: &Value) -> HashMap<String, String> {
    list(summary, "/pods")
        .iter()
        .map(|pod| {
            (
                text(pod, "/podRef/uid").to_owned(),
                text(pod, "/podRef/name").to_owned(),
            )
        })
        .collect()
}

/// A quantity; the metrics API also counts in millionths and billionths.
fn quantity(text: &str) -> Option<f64> {
    let small = |unit: char, factor: f64| {
        let number: f64 = text.strip_suffix(unit)?.parse().ok()?;
        Some(number * factor)
    };
    small('n', 1e-9)
        .or_else(|| small('u', 1e-6))
        .or_else(|| bytes(text))
}

fn get(path: String) -> anyhow::Result<Request<Vec<u8>>> {
    Ok(Request::get(path).body(Vec::new())?)
}

async fn json(client: &Client, path: String) -> anyhow::Result<Value> {
    request(client.request::<Value>(get(path)?)).await
}

async fn request<T>(call: impl Future<Output = kube::Result<T>>) -> anyhow::Result<T> {
    match tokio::time::timeout(LIMIT, call).await {
        Ok(answer) => answer.map_err(subresource::plain),
        Err(_) => anyhow::bail!("no answer from the cluster within {}s", LIMIT.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metrics_api_counts_in_small_units() {
        assert_eq!(quantity("2500000n"), Some(0.0025));
        assert_eq!(quantity("1u"), Some(1e-6));
        assert_eq!(quantity("2Ki"), Some(2048.0));
        assert_eq!(quantity(""), None);
    }
}
