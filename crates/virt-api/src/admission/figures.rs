//! What admission counts.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    webhook: &'static str,
    allowed: &'static str,
}

/// Counts of reviews and how long they take. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    reviews: Family<Labels, Counter>,
    seconds: Arc<Histogram>,
}

impl Default for Figures {
    fn default() -> Self {
        // A review takes well under a millisecond; the last bucket is the bound of the goals.
        let buckets = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.003, 0.01];
        Self {
            reviews: Family::default(),
            seconds: Arc::new(Histogram::new(buckets)),
        }
    }
}

impl Figures {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("kubevirt_admission");
        registry.register(
            "reviews",
            "Admission reviews answered",
            self.reviews.clone(),
        );
        let help = "Time to answer an admission review, decoding included";
        registry.register_with_unit(
            "review_duration",
            help,
            Unit::Seconds,
            (*self.seconds).clone(),
        );
    }

    pub(super) fn count(&self, path: &'static str, allowed: bool, took: Duration) {
        let labels = Labels {
            webhook: path.trim_start_matches('/'),
            allowed: if allowed { "true" } else { "false" },
        };
        self.reviews.get_or_create(&labels).inc();
        self.seconds.observe(took.as_secs_f64());
    }
}
