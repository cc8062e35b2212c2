//! A world with one VirtualMachineInstance, in which plans are carried out as the API server would.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kubevirt_api::{Condition, VirtualMachineInstance, VirtualMachineInstancePhase as Phase};
use serde_json::Value;

use crate::config::ClusterConfig;
use crate::launcher_pod::{Claim, ImageVolumes, Launcher};
use crate::vmi::{
    Action, Cluster, ComputeState, ConditionFacts, CreateFailure, FINALIZERS, LauncherPod,
    NodeState, Notice, Observed, Owner, Plan, PodPhase, plan,
};

#[derive(Clone)]
pub(super) struct World {
    pub(super) instance: VirtualMachineInstance,
    pub(super) pods: Vec<LauncherPod>,
    pub(super) claims: BTreeMap<String, Claim>,
    pub(super) owner: Owner,
    pub(super) node: NodeState,
    pub(super) cluster: Cluster,
    pub(super) config: ClusterConfig,
    pub(super) launcher: Launcher,
    pub(super) create_failure: Option<CreateFailure>,
    pub(super) now: Timestamp,
    pub(super) events: Vec<Notice>,
    pub(super) writes: usize,
}

impl World {
    pub(super) fn new(phase: Phase) -> Self {
        let mut instance: VirtualMachineInstance = serde_saphyr::from_str(
            "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {name: gold, namespace: default, uid: u, \
             resourceVersion: '1'}\nspec: {domain: {memory: {guest: 64Mi}, devices: {}}}\n",
        )
        .unwrap();
        instance.metadata.finalizers = Some(vec![FINALIZERS[0].to_owned()]);
        let status = instance.status.get_or_insert_default();
        status.phase = phase;
        if !matches!(phase, Phase::Unset | Phase::Pending | Phase::Scheduling) {
            status.node_name = Some("node1".into());
        }
        Self {
            instance,
            pods: Vec::new(),
            claims: BTreeMap::new(),
            owner: Owner::None,
            node: NodeState::Responsive,
            cluster: Cluster {
                schedulable_nodes: 1,
                kvm_nodes: 1,
            },
            config: ClusterConfig::default(),
            launcher: Launcher {
                image: "virt-launcher:1".into(),
                image_volumes: ImageVolumes::Yes,
            },
            create_failure: None,
            now: Timestamp::from_second(1_000_000).unwrap(),
            events: Vec::new(),
            writes: 0,
        }
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(super) fn deleting(&mut self) {
        self.instance.metadata.deletion_timestamp = Some(Time(self.now));
    }

    pub(super) fn plan(&self) -> Plan {
        plan(
            &Observed {
                instance: &self.instance,
                pods: &self.pods,
                claims: &self.claims,
                owner: self.owner,
                node: self.node,
                cluster: self.cluster,
                config: &self.config,
                launcher: &self.launcher,
                create_failure: self.create_failure.as_ref(),
                attempt: 0,
            },
            self.now,
        )
        .unwrap()
    }

    /// Carries the plan out once.
    pub(super) fn step(&mut self) -> Plan {
        let plan = self.plan();
        for action in &plan.actions {
            match action {
                Action::Notify(notice) => self.events.push(notice.clone()),
                Action::ConfirmNoPod => assert!(self.pods.is_empty(), "asked in vain"),
                Action::CreatePod(pod) => {
                    self.writes += 1;
                    let mut pod = (**pod).clone();
                    pod.metadata.uid = Some(format!("pod-{}", pod.metadata.name.clone().unwrap()));
                    let facts = LauncherPod::from_pod(&pod).unwrap();
                    assert!(
                        self.pods.iter().all(|other| other.name != facts.name),
                        "the API server refuses the name"
                    );
                    self.pods.push(facts);
                }
                Action::DeletePod { name, uid } => {
                    self.writes += 1;
                    let pod = self
                        .pods
                        .iter_mut()
                        .find(|pod| pod.name == *name && pod.uid == *uid)
                        .unwrap();
                    pod.deleting = true;
                }
                Action::Patch(patch) => {
                    self.writes += 1;
                    self.write(patch);
                }
            }
        }
        plan
    }

    /// Carries plans out until nothing is left to do.
    pub(super) fn settle(&mut self) {
        for _ in 0..6 {
            if self.step().actions.is_empty() {
                return;
            }
        }
        panic!("does not come to rest: {:?}", self.plan());
    }

    fn write(&mut self, patch: &Value) {
        let version = self.instance.metadata.resource_version.clone().unwrap();
        assert_eq!(
            patch["metadata"]["resourceVersion"], version,
            "the patch is bound to what was observed"
        );
        let mut object = serde_json::to_value(&self.instance).unwrap();
        merge(&mut object, patch);
        self.instance = serde_json::from_value(object).unwrap();
        self.instance.metadata.resource_version =
            Some((version.parse::<u64>().unwrap() + 1).to_string());
    }

    pub(super) fn phase(&self) -> Phase {
        self.instance
            .status
            .as_ref()
            .map(|status| status.phase)
            .unwrap_or_default()
    }

    pub(super) fn finalizers(&self) -> &[String] {
        self.instance
            .metadata
            .finalizers
            .as_deref()
            .unwrap_or_default()
    }

    /// Status, reason and message of a condition.
    pub(super) fn condition(&self, kind: &str) -> Option<(String, String, String)> {
        let condition = Condition::find(&self.instance.status.as_ref()?.conditions, kind)?;
        Some((
            condition.status.to_string(),
            condition.reason.clone().unwrap_or_default(),
            condition.message.clone().unwrap_or_default(),
        ))
    }

    /// Status and reason of a condition, as `False/Reason`; empty when there is none.
    pub(super) fn short(&self, kind: &str) -> String {
        self.condition(kind)
            .map(|(status, reason, _)| format!("{status}/{reason}"))
            .unwrap_or_default()
    }
}

/// RFC 7386.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = serde_json::json!({});
    }
    let fields = target.as_object_mut().unwrap();
    for (key, value) in patch {
        if value.is_null() {
            fields.remove(key);
        } else {
            merge(fields.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

pub(super) fn pod() -> LauncherPod {
    LauncherPod {
        name: "virt-launcher-gold-abcde".into(),
        uid: "p".into(),
        owner_uid: "u".into(),
        owner_name: "gold".into(),
        others_ready: true,
        qos_class: Some("Burstable".into()),
        compute_image: Some("virt-launcher:1".into()),
        memory_overhead: Some(60 << 20),
        ..LauncherPod::default()
    }
}

pub(super) fn running_pod() -> LauncherPod {
    LauncherPod {
        node: Some("node1".into()),
        phase: PodPhase::Running,
        compute: ComputeState::Running,
        ready: Some(facts("True", "")),
        ..pod()
    }
}

pub(super) fn ended_pod(seconds_ago: i64, now: Timestamp) -> LauncherPod {
    LauncherPod {
        phase: PodPhase::Ended,
        compute: ComputeState::Terminated {
            exit_code: 1,
            reason: "Error".into(),
            finished_at: Timestamp::from_second(now.as_second() - seconds_ago).ok(),
        },
        ..running_pod()
    }
}

pub(super) fn waiting_pod(reason: &str, message: &str) -> LauncherPod {
    LauncherPod {
        node: Some("node1".into()),
        compute: ComputeState::Waiting {
            reason: reason.into(),
            message: message.into(),
        },
        ..pod()
    }
}

pub(super) fn facts(status: &str, reason: &str) -> ConditionFacts {
    ConditionFacts {
        status: status.into(),
        reason: reason.into(),
        message: format!("message of {reason}"),
    }
}
