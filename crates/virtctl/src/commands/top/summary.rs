//! kubelet's summary of the pods on a node (`/stats/summary`).

use std::collections::HashMap;

use k8s_openapi::jiff::Timestamp;
use serde_json::Value;

use crate::commands::why::look::{list, text, time};

/// What was measured of one pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Usage {
    /// Processors in use.
    pub(super) cpu: Option<f64>,
    /// Memory in use, in bytes: the working set.
    pub(super) memory: Option<f64>,
    /// What the guest received and sent.
    pub(super) network: Option<Counters>,
    /// What the pod read from disks and wrote to them.
    pub(super) disk: Option<Counters>,
}

/// Two counters of bytes and the time at which they were read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Counters {
    pub(super) at: Timestamp,
    pub(super) inward: f64,
    pub(super) outward: f64,
}

/// The pods of a node by their UID.
pub(super) fn pods(summary: &Value) -> HashMap<String, Usage> {
    list(summary, "/pods")
        .iter()
        .map(|pod| {
            let usage = Usage {
                cpu: float(pod, "/cpu/usageNanoCores").map(|nano| nano / 1e9),
                memory: float(pod, "/memory/workingSetBytes"),
                network: network(pod),
                disk: None,
            };
            (text(pod, "/podRef/uid").to_owned(), usage)
        })
        .collect()
}

fn float(value: &Value, pointer: &str) -> Option<f64> {
    value.pointer(pointer)?.as_f64()
}

/// The guest's traffic. The tap devices carry exactly that, seen from the other side: what they send, the guest receives. Without
/// them it is the pod's own.
fn network(pod: &Value) -> Option<Counters> {
    let at = time(pod, "/network/time")?;
    let interfaces = list(pod, "/network/interfaces");
    let mut sum = Counters {
        at,
        inward: 0.0,
        outward: 0.0,
    };
    let mut found = false;
    for interface in interfaces {
        if text(interface, "/name").starts_with("tap") {
            found = true;
            sum.inward += float(interface, "/txBytes").unwrap_or_default();
            sum.outward += float(interface, "/rxBytes").unwrap_or_default();
        }
    }
    if found {
        return Some(sum);
    }
    Some(Counters {
        at,
        inward: float(pod, "/network/rxBytes")?,
        outward: float(pod, "/network/txBytes")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_as_kubelet_tells_it() {
        let summary = json!({"pods": [{
            "podRef": {"name": "virt-launcher-vm2-qcr5s", "namespace": "up2", "uid": "c10d24d0"},
            "cpu": {"time": "2026-11-24T19:17:12Z", "usageNanoCores": 28_137_875},
            "memory": {"workingSetBytes": 197_791_744},
            "network": {"time": "2026-11-24T19:16:57Z", "name": "eth0", "rxBytes": 1226, "txBytes": 822, "interfaces": [
                {"name": "eth0", "rxBytes": 1226, "txBytes": 822},
                {"name": "k6t-eth0", "rxBytes": 1312, "txBytes": 1760},
                {"name": "tap0", "rxBytes": 1480, "txBytes": 2626}]}
        }, {"podRef": {"uid": "other"}, "network": {"time": "2026-11-24T19:16:57Z", "rxBytes": 5, "txBytes": 6}}]});
        let pods = pods(&summary);
        let usage = pods.get("c10d24d0").unwrap();
        assert_eq!(usage.cpu, Some(0.028137875));
        assert_eq!(usage.memory, Some(197_791_744.0));
        let network = usage.network.unwrap();
        assert_eq!((network.inward, network.outward), (2626.0, 1480.0));
        let other = pods.get("other").unwrap();
        assert_eq!(other.cpu, None);
        assert_eq!(other.network.map(|network| network.inward), Some(5.0));
    }
}
