//! Bytes read and written by pods, from kubelet's container metrics (`/metrics/cadvisor`). Not every node counts them per pod.

use std::collections::HashMap;

use k8s_openapi::jiff::Timestamp;

use super::summary::Counters;

/// Counters by namespace and name of the pod. Empty when the node counts nothing per pod.
pub(super) fn disks(metrics: &str, now: Timestamp) -> HashMap<(String, String), Counters> {
    let mut found: HashMap<(String, String), Counters> = HashMap::new();
    for line in metrics.lines() {
        let inward = if line.starts_with("container_fs_reads_bytes_total{") {
            true
        } else if line.starts_with("container_fs_writes_bytes_total{") {
            false
        } else {
            continue;
        };
        let Some((labels, values)) = line.rsplit_once("} ") else {
            continue;
        };
        // Only the container in which QEMU is: the sum of a pod has a series of its own.
        if label(labels, "container") != Some("compute") {
            continue;
        }
        let mut values = values.split_whitespace();
        let (Some(namespace), Some(pod), Some(bytes)) = (
            label(labels, "namespace"),
            label(labels, "pod"),
            values.next().and_then(|value| value.parse::<f64>().ok()),
        ) else {
            continue;
        };
        let at = values
            .next()
            .and_then(|milliseconds| milliseconds.parse().ok())
            .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok())
            .unwrap_or(now);
        let counters = found
            .entry((namespace.to_owned(), pod.to_owned()))
            .or_insert(Counters {
                at,
                inward: 0.0,
                outward: 0.0,
            });
        // A series per device: a pod has as many as it uses.
        if inward {
            counters.inward += bytes;
        } else {
            counters.outward += bytes;
        }
    }
    found
}

/// The value of a label. Names of namespaces, pods and containers have no quotes in them.
fn label<'a>(labels: &'a str, name: &str) -> Option<&'a str> {
    labels.split(['{', ',']).find_map(|pair| {
        pair.strip_prefix(name)?
            .strip_prefix("=\"")?
            .strip_suffix('"')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_summed_and_other_series_left_out() {
        let metrics = "\
# TYPE container_fs_reads_bytes_total counter
container_fs_reads_bytes_total{container=\"compute\",device=\"/dev/sda\",namespace=\"a\",pod=\"p\"} 100 1795547766616
container_fs_reads_bytes_total{container=\"compute\",device=\"/dev/sdb\",namespace=\"a\",pod=\"p\"} 1e2 1795547766616
container_fs_reads_bytes_total{container=\"\",device=\"/dev/sda\",namespace=\"a\",pod=\"p\"} 999 1795547766616
container_fs_writes_bytes_total{container=\"compute\",device=\"/dev/sda\",namespace=\"a\",pod=\"p\"} 7
container_fs_writes_total{container=\"compute\",device=\"/dev/sda\",namespace=\"a\",pod=\"p\"} 5
container_fs_reads_bytes_total{container=\"compute\",
";
        let found = disks(metrics, Timestamp::UNIX_EPOCH);
        let counters = found.get(&("a".to_owned(), "p".to_owned())).unwrap();
        assert_eq!((counters.inward, counters.outward), (200.0, 7.0));
        assert_eq!(found.len(), 1);
    }
}
