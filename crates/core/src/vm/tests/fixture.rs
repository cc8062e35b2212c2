//! A world with one VirtualMachine, in which plans are carried out as the API server would.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kubevirt_api::{
    Condition, StateChangeRequestAction, VirtualMachine, VirtualMachineInstance,
    VirtualMachineInstancePhase as Phase, VirtualMachineInstancePhaseTransitionTimestamp,
    VirtualMachinePrintableStatus, VirtualMachineStateChangeRequest, VirtualMachineStatus,
};
use serde_json::Value;

use crate::launcher_pod::Claim;
use crate::vm::{Action, Failure, Observed, Plan, plan};
use crate::vmi::Notice;

#[derive(Clone)]
pub(super) struct World {
    pub(super) machine: VirtualMachine,
    pub(super) instance: Option<VirtualMachineInstance>,
    pub(super) claims: BTreeMap<String, Claim>,
    pub(super) failure: Option<Failure>,
    pub(super) now: Timestamp,
    pub(super) events: Vec<Notice>,
    pub(super) writes: usize,
    pub(super) made: usize,
}

impl World {
    /// A machine with this run strategy that has never run.
    pub(super) fn new(strategy: &str) -> Self {
        let machine: VirtualMachine = serde_saphyr::from_str(&format!(
            "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {{name: gold, namespace: default, uid: m, \
             generation: 1, resourceVersion: '1', finalizers: [kubevirt.io/virtualMachineControllerFinalize]}}\n\
             spec: {{runStrategy: '{strategy}', template: {{metadata: {{labels: {{a: b}}}}, \
             spec: {{domain: {{devices: {{}}, firmware: {{uuid: u}}}}}}}}}}\n"
        ))
        .unwrap();
        Self {
            machine,
            instance: None,
            claims: BTreeMap::new(),
            failure: None,
            now: Timestamp::from_second(1_000_000).unwrap(),
            events: Vec::new(),
            writes: 0,
            made: 0,
        }
    }

    /// A machine whose instance is in this phase, settled.
    pub(super) fn with_instance(strategy: &str, phase: Phase) -> Self {
        let mut world = Self::new(strategy);
        world.create();
        world.settle();
        world.enter(phase);
        world.writes = 0;
        world.events.clear();
        world
    }

    /// An instance appears, as if the machine had made it.
    pub(super) fn create(&mut self) {
        let memory = crate::vm::recorded::record(&self.observed(), self.now, 0.0);
        let instance = crate::vm::template::instance(&self.machine, &memory);
        self.appear(instance);
    }

    pub(super) fn appear(&mut self, mut instance: VirtualMachineInstance) {
        assert!(self.instance.is_none(), "the API server refuses the name");
        self.made += 1;
        instance.metadata.uid = Some(format!("i{}", self.made));
        instance.metadata.creation_timestamp = Some(Time(self.now));
        self.instance = Some(instance);
        self.enter(Phase::Pending);
        self.condition("Ready", false, "GuestNotRunning");
    }

    /// The instance enters a phase.
    pub(super) fn enter(&mut self, phase: Phase) {
        let Some(instance) = &mut self.instance else {
            return;
        };
        let status = instance.status.get_or_insert_default();
        let passed = if phase == Phase::Succeeded {
            vec![Phase::Running, phase]
        } else {
            vec![phase]
        };
        status.phase = phase;
        for phase in passed {
            status.phase_transition_timestamps.push(
                VirtualMachineInstancePhaseTransitionTimestamp {
                    phase,
                    phase_transition_timestamp: Some(Time(self.now)),
                },
            );
        }
    }

    /// The instance gets a condition.
    pub(super) fn condition(&mut self, kind: &str, holds: bool, reason: &str) {
        let Some(instance) = &mut self.instance else {
            return;
        };
        let status = instance.status.get_or_insert_default();
        Condition::set(
            &mut status.conditions,
            Condition::new(kind, holds, reason),
            Time(self.now),
        );
    }

    pub(super) fn request(&mut self, action: StateChangeRequestAction, uid: Option<&str>) {
        let request = VirtualMachineStateChangeRequest {
            action,
            uid: uid.map(str::to_owned),
            ..VirtualMachineStateChangeRequest::default()
        };
        self.status_mut().state_change_requests.push(request);
    }

    pub(super) fn status_mut(&mut self) -> &mut VirtualMachineStatus {
        self.machine.status.get_or_insert_default()
    }

    pub(super) fn status(&self) -> VirtualMachineStatus {
        self.machine.status.clone().unwrap_or_default()
    }

    pub(super) fn printable(&self) -> VirtualMachinePrintableStatus {
        self.status().printable_status
    }

    pub(super) fn uid(&self) -> Option<String> {
        self.instance.as_ref()?.metadata.uid.clone()
    }

    /// The instance is being deleted.
    pub(super) fn is_going(&self) -> bool {
        self.instance
            .as_ref()
            .is_some_and(|instance| instance.metadata.deletion_timestamp.is_some())
    }

    /// The instance is gone.
    pub(super) fn vanish(&mut self) {
        self.instance = None;
    }

    pub(super) fn pass(&mut self, seconds: i64) {
        self.now = self
            .now
            .checked_add(SignedDuration::from_secs(seconds))
            .unwrap();
    }

    fn observed(&self) -> Observed<'_> {
        Observed {
            machine: &self.machine,
            instance: self.instance.as_ref(),
            claims: &self.claims,
            failure: self.failure.as_ref(),
        }
    }

    pub(super) fn plan(&self) -> Plan {
        plan(&self.observed(), self.now, 0.0).unwrap()
    }

    /// Carries the plan out once.
    pub(super) fn step(&mut self) -> Plan {
        let plan = self.plan();
        for action in plan.actions.clone() {
            match action {
                Action::Notify(notice) => self.events.push(notice),
                Action::Patch(patch) | Action::ChangeVolumes(patch) => {
                    self.write(&patch, &["metadata", "spec"])
                }
                Action::PatchStatus(patch) => self.write(&patch, &["status"]),
                Action::CreateInstance(instance) => {
                    self.writes += 1;
                    self.appear(*instance);
                }
                Action::DeleteInstance { uid } => {
                    self.writes += 1;
                    let instance = self.instance.as_mut().unwrap();
                    assert_eq!(instance.metadata.uid, Some(uid));
                    assert!(
                        instance.metadata.deletion_timestamp.is_none(),
                        "deleted twice"
                    );
                    instance.metadata.deletion_timestamp = Some(Time(self.now));
                }
            }
        }
        plan
    }

    /// Carries plans out until nothing is left to do.
    pub(super) fn settle(&mut self) {
        for _ in 0..8 {
            if self.step().actions.is_empty() {
                return;
            }
        }
        panic!("does not come to rest: {:?}", self.plan());
    }

    fn write(&mut self, patch: &Value, parts: &[&str]) {
        self.writes += 1;
        let version = self.machine.metadata.resource_version.clone().unwrap();
        assert_eq!(
            patch["metadata"]["resourceVersion"], version,
            "the patch is bound to what was observed"
        );
        let fields = patch.as_object().unwrap();
        assert!(
            fields
                .keys()
                .all(|key| key == "metadata" || parts.contains(&key.as_str())),
            "{patch}"
        );
        let mut object = serde_json::to_value(&self.machine).unwrap();
        merge(&mut object, patch);
        self.machine = serde_json::from_value(object).unwrap();
        self.machine.metadata.resource_version =
            Some((version.parse::<u64>().unwrap() + 1).to_string());
        if fields.contains_key("spec") {
            self.machine.metadata.generation =
                self.machine.metadata.generation.map(|number| number + 1);
        }
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
