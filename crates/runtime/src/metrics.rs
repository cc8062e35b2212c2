//! The metrics of the process, in the OpenMetrics text format that Prometheus reads.

use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

mod process;

/// Content type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The registry, shared. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
}

impl Metrics {
    /// With the figures of the process (memory, CPU time, descriptors, start) and the version of `component`.
    #[must_use]
    pub fn new(component: &'static str) -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(process::Process::new()));
        let labels = vec![
            ("component", component),
            ("kubeversion", env!("CARGO_PKG_VERSION")),
        ];
        registry.register("kubevirt", "Version information", Info::new(labels));
        Self {
            registry: Arc::new(Mutex::new(registry)),
        }
    }

    /// Registers metrics of the component's own.
    pub fn register(&self, register: impl FnOnce(&mut Registry)) {
        register(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// All of them as text.
    ///
    /// # Errors
    /// When a metric cannot be written out.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::with_capacity(4096);
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        prometheus_client::encoding::text::encode(&mut text, &registry)?;
        Ok(text)
    }
}
