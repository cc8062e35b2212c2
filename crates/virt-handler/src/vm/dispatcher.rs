//! Watches the launcher pods and VirtualMachineInstances of this node and runs a supervisor for each pod.
//!
//! Pods are selected by node and label, instances by the label that the hand-over sets. Before that, and when an instance leaves
//! the selection, the one instance that a pod names is read. A pod's label only makes it looked at: which instance it belongs to
//! is what its controlling owner reference says, and whether that instance accepts it is in the instance's status.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, ResourceExt};
use kubevirt_api::VirtualMachineInstance;
use kubevirt_runtime::{CancellationToken, watching};
use tokio::sync::{mpsc, watch};
use tracing::Instrument;

use super::Context;
use super::facts::{Inputs, Known, PodFacts};
use super::supervisor::Supervisor;

/// The pause after an instance could not be read.
const READ_AGAIN: Duration = Duration::from_millis(500);
/// Answers to reads that wait; readers wait for room.
const ANSWERS: usize = 64;

/// Runs all supervisors.
pub(crate) struct Dispatcher {
    context: Arc<Context>,
    /// The instances of this node by UID.
    instances: HashMap<String, Arc<VirtualMachineInstance>>,
    /// The launcher pods of this node by UID.
    pods: HashMap<String, Supervised>,
    answers: mpsc::Sender<Answer>,
}

/// A pod with its supervisor.
struct Supervised {
    inputs: watch::Sender<Inputs>,
    owner: String,
}

/// What was read for a pod.
struct Answer {
    pod_uid: String,
    instance: Option<Box<VirtualMachineInstance>>,
}

/// An event of either watch.
enum Event {
    Pod(Box<watcher::Event<Pod>>),
    Instance(Box<watcher::Event<VirtualMachineInstance>>),
}

impl Dispatcher {
    /// Works until `shutdown`. `listed` becomes true when both watches have brought what there is.
    pub(crate) async fn run(
        context: Arc<Context>,
        listed: watch::Sender<bool>,
        shutdown: CancellationToken,
    ) {
        let pods: Api<Pod> = Api::all(context.client.clone());
        let selection = watcher::Config::default()
            .fields(&format!("spec.nodeName={}", context.node))
            .labels("kubevirt.io=virt-launcher");
        let pods = watcher(pods, selection)
            .backoff(watching::Reconnect::default())
            .map(|event| event.map(|event| Event::Pod(Box::new(event))));
        let instances: Api<VirtualMachineInstance> = Api::all(context.client.clone());
        let selection =
            watcher::Config::default().labels(&format!("kubevirt.io/nodeName={}", context.node));
        let instances = watcher(instances, selection)
            .backoff(watching::Reconnect::default())
            .map(|event| event.map(|event| Event::Instance(Box::new(event))));
        let mut events = stream::select(pods.boxed(), instances.boxed());

        let (answers, mut answered) = mpsc::channel(ANSWERS);
        let mut dispatcher = Self {
            context,
            instances: HashMap::new(),
            pods: HashMap::new(),
            answers,
        };
        let mut pending = (Pending::default(), Pending::default());
        let mut done = (false, false);
        loop {
            let event = tokio::select! {
                () = shutdown.cancelled() => return,
                Some(answer) = answered.recv() => {
                    dispatcher.answered(answer);
                    continue;
                }
                event = events.next() => event,
            };
            match event {
                Some(Ok(Event::Pod(event))) => {
                    done.0 |= dispatcher.pod_event(*event, &mut pending.0)
                }
                Some(Ok(Event::Instance(event))) => {
                    done.1 |= dispatcher.instance_event(*event, &mut pending.1)
                }
                Some(Err(error)) => tracing::warn!(%error, "watch interrupted, trying again"),
                None => return,
            }
            if done == (true, true) {
                listed.send_if_modified(|listed| !std::mem::replace(listed, true));
            }
        }
    }

    /// Takes a pod event; true when a list is complete.
    fn pod_event(&mut self, event: watcher::Event<Pod>, pending: &mut Pending) -> bool {
        match event {
            watcher::Event::Init => pending.0.clear(),
            watcher::Event::InitApply(pod) => {
                pending.0.extend(pod.uid());
                self.pod(&pod);
            }
            watcher::Event::Apply(pod) => self.pod(&pod),
            watcher::Event::Delete(pod) => self.pod_gone(&pod.uid().unwrap_or_default()),
            watcher::Event::InitDone => {
                let gone: Vec<String> = self
                    .pods
                    .keys()
                    .filter(|uid| !pending.0.contains(*uid))
                    .cloned()
                    .collect();
                for uid in gone {
                    self.pod_gone(&uid);
                }
                pending.0 = Vec::new();
                return true;
            }
        }
        false
    }

    /// Takes an instance event; true when a list is complete.
    fn instance_event(
        &mut self,
        event: watcher::Event<VirtualMachineInstance>,
        pending: &mut Pending,
    ) -> bool {
        match event {
            watcher::Event::Init => pending.0.clear(),
            watcher::Event::InitApply(instance) => {
                pending.0.extend(instance.uid());
                self.instance(instance);
            }
            watcher::Event::Apply(instance) => self.instance(instance),
            watcher::Event::Delete(instance) => {
                self.instance_left(&instance.uid().unwrap_or_default())
            }
            watcher::Event::InitDone => {
                let gone: Vec<String> = self
                    .instances
                    .keys()
                    .filter(|uid| !pending.0.contains(*uid))
                    .cloned()
                    .collect();
                for uid in gone {
                    self.instance_left(&uid);
                }
                pending.0 = Vec::new();
                return true;
            }
        }
        false
    }

    /// A pod appeared or changed.
    fn pod(&mut self, pod: &Pod) {
        let Some(facts) = PodFacts::from_pod(pod) else {
            tracing::debug!(
                pod = pod.name_any(),
                "a pod with a launcher's label that no VirtualMachineInstance controls"
            );
            return;
        };
        let facts = Arc::new(facts);
        let uid = facts.pod.uid.clone();
        match self.pods.entry(uid) {
            Entry::Occupied(entry) => {
                entry.get().inputs.send_if_modified(|inputs| {
                    let changed = inputs.pod != facts;
                    inputs.pod = facts;
                    changed
                });
            }
            Entry::Vacant(entry) => {
                let known = self.instances.get(&facts.pod.owner_uid);
                let instance =
                    known.map_or(Known::Unknown, |instance| Known::Present(instance.clone()));
                if known.is_none() {
                    read(self.context.clone(), &facts, self.answers.clone());
                }
                let (inputs, receiver) = watch::channel(Inputs {
                    pod: facts.clone(),
                    pod_gone: false,
                    instance,
                });
                entry.insert(Supervised {
                    inputs,
                    owner: facts.pod.owner_uid.clone(),
                });
                let span = tracing::info_span!(
                    "vmi",
                    namespace = facts.namespace,
                    vmi = facts.pod.owner_name,
                    pod = facts.pod.name
                );
                tokio::spawn(
                    Supervisor::new(self.context.clone(), receiver)
                        .run()
                        .instrument(span),
                );
            }
        }
    }

    /// A pod is gone: its supervisor ends.
    fn pod_gone(&mut self, uid: &str) {
        if let Some(supervised) = self.pods.remove(uid) {
            supervised
                .inputs
                .send_modify(|inputs| inputs.pod_gone = true);
        }
    }

    /// An instance of this node appeared or changed.
    fn instance(&mut self, mut instance: VirtualMachineInstance) {
        watching::strip(&mut instance.metadata);
        let Some(uid) = instance.uid() else { return };
        let instance = Arc::new(instance);
        self.instances.insert(uid.clone(), instance.clone());
        for supervised in self
            .pods
            .values()
            .filter(|supervised| supervised.owner == uid)
        {
            supervised
                .inputs
                .send_modify(|inputs| inputs.instance = Known::Present(instance.clone()));
        }
    }

    /// An instance is not selected any more: it is gone, or belongs to another node now.
    fn instance_left(&mut self, uid: &str) {
        self.instances.remove(uid);
        for supervised in self
            .pods
            .values()
            .filter(|supervised| supervised.owner == uid)
        {
            read(
                self.context.clone(),
                &supervised.inputs.borrow().pod,
                self.answers.clone(),
            );
        }
    }

    /// What a pod's instance is was read.
    fn answered(&mut self, answer: Answer) {
        let Some(supervised) = self.pods.get(&answer.pod_uid) else {
            return;
        };
        // What the watch brought meanwhile is at least as new.
        let known = match self.instances.get(&supervised.owner) {
            Some(instance) => Known::Present(instance.clone()),
            None => answer
                .instance
                .map_or(Known::Gone, |instance| Known::Present(Arc::from(instance))),
        };
        supervised
            .inputs
            .send_modify(|inputs| inputs.instance = known);
    }
}

/// The UIDs of a list that is on its way.
#[derive(Default)]
struct Pending(Vec<String>);

/// Reads the instance that a pod's owner reference names. It counts only when it has the UID given there.
fn read(context: Arc<Context>, facts: &PodFacts, answers: mpsc::Sender<Answer>) {
    let api: Api<VirtualMachineInstance> =
        Api::namespaced(context.client.clone(), &facts.namespace);
    let (pod_uid, owner_uid, name) = (
        facts.pod.uid.clone(),
        facts.pod.owner_uid.clone(),
        facts.pod.owner_name.clone(),
    );
    tokio::spawn(async move {
        let instance = loop {
            match api.get_opt(&name).await {
                Ok(found) => {
                    break found.filter(|instance| instance.uid().as_deref() == Some(&owner_uid));
                }
                Err(error) => {
                    tracing::warn!(%error, name, "cannot read the VirtualMachineInstance of a launcher pod, trying again");
                    tokio::time::sleep(READ_AGAIN).await;
                }
            }
            if answers.is_closed() {
                return;
            }
        };
        let instance = instance.map(|mut instance| {
            watching::strip(&mut instance.metadata);
            Box::new(instance)
        });
        // Nobody listens any more: the process ends.
        let _ = answers.send(Answer { pod_uid, instance }).await;
    });
}
