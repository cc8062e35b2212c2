//! Writes events to the API server, with few tries.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Event, EventSource, ObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use kube::api::{Patch, PatchParams, PostParams};
use kube::{Api, Client};
use tokio::time::{Instant, sleep};

use super::repetition::{Decision, Repetitions};
use super::{Figures, Note};

/// Waits between the tries of one event. There are few, because others wait behind it.
const WAITS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

type Key = (String, Note);

pub(super) struct Writer {
    client: Client,
    source: EventSource,
    started: Instant,
    repetitions: Repetitions<Key>,
    names: HashMap<Key, String>,
    figures: Figures,
    /// Makes names differ that are made in the same nanosecond.
    serial: u64,
}

impl Writer {
    pub(super) fn new(
        client: Client,
        component: &str,
        host: Option<&str>,
        figures: Figures,
    ) -> Self {
        let source = EventSource {
            component: Some(component.to_owned()),
            host: host.map(str::to_owned),
        };
        Self {
            client,
            source,
            started: Instant::now(),
            repetitions: Repetitions::default(),
            names: HashMap::new(),
            figures,
            serial: 0,
        }
    }

    pub(super) async fn write(&mut self, regarding: ObjectReference, note: Note) {
        // Objects outside namespaces have their events in `default`.
        let namespace = regarding
            .namespace
            .clone()
            .unwrap_or_else(|| "default".to_owned());
        let api: Api<Event> = Api::namespaced(self.client.clone(), &namespace);
        let object = regarding.uid.clone().unwrap_or_else(|| {
            format!(
                "{}/{namespace}/{}",
                regarding.kind.as_deref().unwrap_or_default(),
                regarding.name.as_deref().unwrap_or_default()
            )
        });
        let key = (object, note);
        let count = match self.repetitions.note(&key, self.started.elapsed()) {
            Decision::Hold => return,
            Decision::Create => None,
            Decision::Patch { count } => self.names.get(&key).cloned().map(|name| (name, count)),
        };
        if let Some((name, count)) = count
            && self.patch(&api, &name, count).await
        {
            return;
        }
        self.create(&api, namespace, regarding, key).await;
    }

    /// Whether the event needs nothing more.
    async fn patch(&self, api: &Api<Event>, name: &str, count: i32) -> bool {
        let patch = serde_json::json!({ "count": count, "lastTimestamp": Time(Timestamp::now()) });
        let parameters = PatchParams::default();
        let body = Patch::Merge(&patch);
        let written = self.tries(|| api.patch(name, &parameters, &body)).await;
        !matches!(written, Err(kube::Error::Api(status)) if status.code == 404)
    }

    async fn create(
        &mut self,
        api: &Api<Event>,
        namespace: String,
        regarding: ObjectReference,
        key: Key,
    ) {
        let now = Timestamp::now();
        self.serial = self.serial.wrapping_add(1);
        let unique = u128::try_from(now.as_nanosecond())
            .unwrap_or_default()
            .wrapping_add(u128::from(self.serial));
        let name = format!(
            "{}.{unique:x}",
            regarding.name.as_deref().unwrap_or("unnamed")
        );
        let event = Event {
            metadata: ObjectMeta {
                name: Some(name.clone()),
                namespace: Some(namespace),
                ..ObjectMeta::default()
            },
            involved_object: regarding,
            reason: Some(key.1.reason.clone()),
            message: Some(key.1.message.clone()),
            type_: Some(key.1.kind.as_str().to_owned()),
            source: Some(self.source.clone()),
            reporting_component: self.source.component.clone(),
            reporting_instance: self.source.host.clone(),
            first_timestamp: Some(Time(now)),
            last_timestamp: Some(Time(now)),
            count: Some(1),
            ..Event::default()
        };
        let parameters = PostParams::default();
        match self.tries(|| api.create(&parameters, &event)).await {
            Ok(_) => self.remember(key, name),
            // Its first try was carried out though its answer was lost.
            Err(kube::Error::Api(status)) if status.code == 409 => self.remember(key, name),
            Err(_) => self.repetitions.forget(&key),
        }
    }

    fn remember(&mut self, key: Key, name: String) {
        // As bounded as the repetitions are; starting anew only makes a second event where one could be patched.
        if self.names.len() >= 2048 {
            self.names.clear();
        }
        self.names.insert(key, name);
    }

    async fn tries<T, F>(&self, request: impl Fn() -> F) -> Result<T, kube::Error>
    where
        F: Future<Output = Result<T, kube::Error>>,
    {
        let mut waits = WAITS.iter();
        loop {
            let error = match request().await {
                Ok(done) => {
                    self.figures.written.inc();
                    return Ok(done);
                }
                Err(error) => error,
            };
            let again = match &error {
                kube::Error::Api(status) => status.code == 429 || status.code >= 500,
                _ => true,
            };
            let Some(wait) = waits.next().filter(|_| again) else {
                self.figures.failed.inc();
                tracing::debug!(%error, "event not written");
                return Err(error);
            };
            sleep(*wait).await;
        }
    }
}
