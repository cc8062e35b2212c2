//! What all parts of the acting replica share.

use std::sync::Arc;

use k8s_openapi::api::core::v1::ObjectReference;
use kube::core::DynamicObject;
use kube::{Api, Client, Resource};
use kubevirt_api::{VirtualMachine, VirtualMachineInstance};
use kubevirt_core::config::ClusterConfig;
use kubevirt_core::launcher_pod::{Claim, Launcher};
use kubevirt_core::vmi::{LauncherPod, Notice};
use kubevirt_runtime::events::{EventType, Recorder};
use tokio::sync::watch;

use crate::cache::Cache;
use crate::compact::{self, Compact};
use crate::failures::Failures;
use crate::figures::Figures;
use crate::key::Key;
use crate::nodes::Node;
use crate::queue::Queue;
use crate::replica_sets;

/// Where the specification of a VirtualMachineInstance is in the JSON of each kind.
const INSTANCE_SPEC: &str = "/spec";
const MACHINE_SPEC: &str = "/spec/template/spec";

/// Caches, queues and the client.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) recorder: Recorder,
    pub(crate) figures: Figures,
    pub(crate) config: watch::Receiver<Arc<ClusterConfig>>,
    pub(crate) launcher: Launcher,
    pub(crate) machines: Cache<Compact>,
    pub(crate) instances: Cache<Compact>,
    pub(crate) sets: Cache<Compact>,
    pub(crate) pods: Cache<LauncherPod>,
    pub(crate) claims: Cache<Claim>,
    pub(crate) nodes: Cache<Node>,
    pub(crate) machine_queue: Queue,
    pub(crate) instance_queue: Queue,
    pub(crate) set_queue: Queue,
    pub(crate) machine_failures: Failures,
    pub(crate) instance_failures: Failures,
    pub(crate) set_failures: Failures,
    /// UIDs of VirtualMachineInstances whose pod was seen to go.
    pub(crate) podless: crate::recent::Recent,
}

impl Context {
    /// The API of a kind of ours as plain JSON.
    pub(crate) fn api<K: Resource<DynamicType = ()>>(&self, namespace: &str) -> Api<DynamicObject> {
        Api::namespaced_with(
            self.client.clone(),
            namespace,
            &kube::core::ApiResource::erase::<K>(&()),
        )
    }

    /// A VirtualMachine was seen, or is the answer to a write.
    pub(crate) fn see_machine(&self, object: DynamicObject) {
        let (key, version) = (
            Key::of(&object.metadata),
            compact::version(&object.metadata),
        );
        match Compact::new(object, MACHINE_SPEC) {
            Ok(compact) => {
                if self.machines.put(key.clone(), version, compact).is_some() {
                    self.machine_changed(&key);
                }
            }
            Err(error) => tracing::warn!(%key, %error, "virtual machine cannot be kept"),
        }
    }

    /// A VirtualMachine is gone.
    pub(crate) fn lose_machine(&self, key: &Key, uid: &str) {
        self.machines.remove(key, uid);
        self.machine_changed(key);
    }

    pub(crate) fn machine_changed(&self, key: &Key) {
        self.machine_queue.add(key.clone());
        // Its end may wait for the machine to note it.
        if self
            .instances
            .get(key)
            .is_some_and(|instance| instance.ending)
        {
            self.instance_queue.add(key.clone());
        }
    }

    /// A VirtualMachineInstance was seen, or is the answer to a write.
    pub(crate) fn see_instance(&self, object: DynamicObject) {
        let (key, version) = (
            Key::of(&object.metadata),
            compact::version(&object.metadata),
        );
        // The answer to the write that took the last finalizer away is an object that is gone.
        let gone = object.metadata.deletion_timestamp.is_some()
            && object
                .metadata
                .finalizers
                .as_ref()
                .is_none_or(Vec::is_empty);
        if gone {
            return self.lose_instance(&key, &version.uid);
        }
        match Compact::new(object, INSTANCE_SPEC) {
            Ok(compact) => {
                if self.instances.put(key.clone(), version, compact).is_some() {
                    self.instance_changed(&key);
                }
            }
            Err(error) => tracing::warn!(%key, %error, "virtual machine instance cannot be kept"),
        }
    }

    /// A VirtualMachineInstance is gone.
    pub(crate) fn lose_instance(&self, key: &Key, uid: &str) {
        if let Some(gone) = self.instances.remove(key, uid) {
            replica_sets::member_changed(self, key, &gone);
        }
        self.instance_changed(key);
    }

    pub(crate) fn instance_changed(&self, key: &Key) {
        if let Some(instance) = self.instances.get(key) {
            replica_sets::member_changed(self, key, &instance);
        }
        self.instance_queue.add(key.clone());
        // It bears the name of its machine.
        self.machine_queue.add(key.clone());
    }

    /// A launcher pod was seen, or is the answer to a write.
    pub(crate) fn see_pod(&self, pod: &k8s_openapi::api::core::v1::Pod) {
        let key = Key::of(&pod.metadata);
        let Some(facts) = LauncherPod::from_pod(pod) else {
            return;
        };
        let owner = key.sibling(&facts.owner_name);
        let same = self.pods.get(&key).is_some_and(|before| *before == facts);
        if self
            .pods
            .put(key, compact::version(&pod.metadata), facts)
            .is_some()
            && !same
        {
            self.instance_queue.add(owner);
        }
    }

    /// A launcher pod is gone.
    pub(crate) fn lose_pod(&self, key: &Key, uid: &str) {
        if let Some(pod) = self.pods.remove(key, uid) {
            self.podless.add(&pod.owner_uid);
            self.instance_queue.add(key.sibling(&pod.owner_name));
        }
    }

    /// A claim was seen or is gone: those that name it look again.
    pub(crate) fn claim_changed(&self, claim: &Key) {
        let naming = |key: &Key, object: &Arc<Compact>| {
            let names = key.namespace() == claim.namespace()
                && object.claims.iter().any(|name| **name == *claim.name());
            names.then(|| key.clone())
        };
        self.instances
            .collect(naming)
            .into_iter()
            .for_each(|key| self.instance_queue.add(key));
        self.machines
            .collect(naming)
            .into_iter()
            .for_each(|key| self.machine_queue.add(key));
    }

    /// Tells the user about a VirtualMachine or a VirtualMachineInstance.
    pub(crate) fn tell(&self, about: &ObjectReference, notice: &Notice) {
        let kind = if notice.warning {
            EventType::Warning
        } else {
            EventType::Normal
        };
        self.recorder
            .publish(about, kind, notice.reason, notice.message.clone());
    }
}

/// Reference to a VirtualMachine for events.
pub(crate) fn machine_reference(machine: &VirtualMachine) -> ObjectReference {
    machine.object_ref(&())
}

/// Reference to a VirtualMachineInstance for events.
pub(crate) fn instance_reference(instance: &VirtualMachineInstance) -> ObjectReference {
    instance.object_ref(&())
}
