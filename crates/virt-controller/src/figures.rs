//! What the controller counts.

use kubevirt_runtime::metrics::Metrics;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;

/// Counters and gauges of this program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// Writes that were sent.
    pub(crate) writes: Counter,
    /// Writes that were refused because the object had changed.
    pub(crate) conflicts: Counter,
    /// Rounds that failed.
    pub(crate) failures: Counter,
    /// Names that wait.
    pub(crate) waiting: Gauge,
    /// 1 while this replica acts.
    pub(crate) leading: Gauge,
}

impl Figures {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let figures = Self::default();
        metrics.register(|registry| {
            let ours = registry.sub_registry_with_prefix("kubevirt_virt_controller");
            ours.register(
                "api_writes",
                "Writes sent to the API server",
                figures.writes.clone(),
            );
            ours.register(
                "api_conflicts",
                "Writes refused because the object had changed",
                figures.conflicts.clone(),
            );
            ours.register(
                "failed_rounds",
                "Rounds that ended with an error",
                figures.failures.clone(),
            );
            ours.register(
                "queue_depth",
                "Objects that wait to be looked at",
                figures.waiting.clone(),
            );
            ours.register(
                "leading_status",
                "1 while this replica acts, else 0",
                figures.leading.clone(),
            );
        });
        figures
    }
}
