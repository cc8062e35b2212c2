//! Events that people read with `kubectl describe` and `kubectl get events`.
//!
//! Recording never waits: events go into a bounded queue (the oldest is dropped and counted when it is full) and one task
//! writes them. Repetitions are counted in the first event, with ever fewer writes (see [`repetition`]).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub mod repetition;
mod writer;

/// Most events that wait to be written.
const QUEUE: usize = 1024;

/// Whether an event tells of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    /// Information.
    Normal,
    /// Something went wrong.
    Warning,
}

impl EventType {
    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

/// One thing to tell about one object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Note {
    pub(crate) kind: EventType,
    pub(crate) reason: String,
    pub(crate) message: String,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<VecDeque<(ObjectReference, Note)>>,
    wake: Notify,
    figures: Figures,
}

/// What the recorder counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) dropped: Counter,
    pub(crate) written: Counter,
    pub(crate) failed: Counter,
}

/// Records events. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
}

impl Recorder {
    /// A recorder whose events name `component` (for example `virtualmachine-controller`) and, if given, `host` (the node)
    /// as their source. Writes until `shutdown`, then what is queued for at most 2 s more. Needs `create` and `patch` on
    /// `events`.
    #[must_use]
    pub fn new(
        client: Client,
        component: &str,
        host: Option<&str>,
        shutdown: CancellationToken,
    ) -> Self {
        let recorder = Self::detached();
        let writer = writer::Writer::new(client, component, host, recorder.shared.figures.clone());
        tokio::spawn(run(recorder.shared.clone(), writer, shutdown));
        recorder
    }

    /// A recorder that only queues (and drops the oldest when full): for tests of what records events.
    #[must_use]
    pub fn detached() -> Self {
        let shared = Shared {
            queue: Mutex::default(),
            wake: Notify::new(),
            figures: Figures::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Tells `message` (for a person, at most 1024 bytes are kept) with the stable `reason` (CamelCase) about the object
    /// that `regarding` names (`kube::Resource::object_ref`).
    pub fn publish(
        &self,
        regarding: &ObjectReference,
        kind: EventType,
        reason: impl Into<String>,
        message: impl Into<String>,
    ) {
        let mut message = message.into();
        if message.len() > 1024 {
            let end = (0..=1021)
                .rev()
                .find(|end| message.is_char_boundary(*end))
                .unwrap_or(0);
            message.truncate(end);
            message.push_str("...");
        }
        let note = Note {
            kind,
            reason: reason.into(),
            message,
        };
        let mut queue = self
            .shared
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if queue.len() >= QUEUE {
            queue.pop_front();
            self.shared.figures.dropped.inc();
        }
        queue.push_back((regarding.clone(), note));
        drop(queue);
        self.shared.wake.notify_one();
    }

    /// The events that wait, as (reason, message): for tests.
    #[must_use]
    pub fn queued(&self) -> Vec<(String, String)> {
        let queue = self
            .shared
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        queue
            .iter()
            .map(|(_, note)| (note.reason.clone(), note.message.clone()))
            .collect()
    }

    /// Registers the counters of written, failed and dropped events.
    pub fn register(&self, registry: &mut Registry) {
        let figures = &self.shared.figures;
        let prefixed = registry.sub_registry_with_prefix("kubevirt_events");
        prefixed.register(
            "written",
            "Events written to the API server",
            figures.written.clone(),
        );
        prefixed.register(
            "failed",
            "Events given up after the API server refused them",
            figures.failed.clone(),
        );
        prefixed.register(
            "dropped",
            "Events dropped because too many waited",
            figures.dropped.clone(),
        );
    }
}

async fn run(shared: Arc<Shared>, mut writer: writer::Writer, shutdown: CancellationToken) {
    loop {
        let next = shared
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        match next {
            Some((regarding, note)) => {
                tokio::select! {
                    () = writer.write(regarding, note) => {}
                    () = after(&shutdown) => return,
                }
            }
            None => {
                tokio::select! {
                    () = shared.wake.notified() => {}
                    () = shutdown.cancelled() => return,
                }
            }
        }
    }
}

/// Two seconds after `shutdown`.
async fn after(shutdown: &CancellationToken) {
    shutdown.cancelled().await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_drops_the_oldest() {
        let recorder = Recorder::detached();
        for number in 0..=QUEUE {
            recorder.publish(
                &ObjectReference::default(),
                EventType::Normal,
                "Tested",
                number.to_string(),
            );
        }
        let queued = recorder.queued();
        assert_eq!(queued.len(), QUEUE);
        assert_eq!(queued[0].1, "1");
        assert_eq!(recorder.shared.figures.dropped.get(), 1);
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let recorder = Recorder::detached();
        recorder.publish(
            &ObjectReference::default(),
            EventType::Warning,
            "Tested",
            "ä".repeat(2000),
        );
        let message = &recorder.queued()[0].1;
        assert!(message.len() <= 1024 && message.ends_with("ä..."));
    }
}
