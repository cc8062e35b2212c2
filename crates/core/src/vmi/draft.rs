//! A plan while it is being made.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kubevirt_api::names::label;
use kubevirt_api::{
    VirtualMachineInstancePhase as Phase, VirtualMachineInstancePhaseTransitionTimestamp,
    VirtualMachineInstanceStatus,
};
use serde_json::{Map, Value, json};

use super::{Observed, merge_patch};

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Go on only if the API server, too, knows of no pod of this object. Comes before what cannot be taken back.
    ConfirmNoPod,
    /// POST this pod.
    CreatePod(Box<Pod>),
    /// DELETE the pod, if it still has this UID.
    DeletePod {
        /// Name of the pod.
        name: String,
        /// UID of the pod.
        uid: String,
    },
    /// PATCH the object with this JSON merge patch, which is bound to the version that was observed.
    Patch(Value),
    /// Tell the user.
    Notify(Notice),
}

/// An event for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Something is wrong.
    pub warning: bool,
    /// One word.
    pub reason: &'static str,
    /// A sentence.
    pub message: String,
}

/// What to do, in order, and when to look again if nothing happens before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What to do.
    pub actions: Vec<Action>,
    /// When to look again.
    pub requeue_after: Option<SignedDuration>,
}

/// A copy of the parts that a plan may change, and the actions so far.
pub(super) struct Draft<'a> {
    pub(super) observed: &'a Observed<'a>,
    pub(super) now: Timestamp,
    pub(super) status: VirtualMachineInstanceStatus,
    pub(super) finalizers: Vec<String>,
    /// Set when the object is handed over.
    pub(super) node_label: Option<String>,
    /// Carried out before the patch.
    pub(super) before: Vec<Action>,
    /// Carried out after the patch.
    pub(super) after: Vec<Action>,
    requeue_after: Option<SignedDuration>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(observed: &'a Observed<'a>, now: Timestamp) -> Self {
        Self {
            observed,
            now,
            status: observed.instance.status.clone().unwrap_or_default(),
            finalizers: observed
                .instance
                .metadata
                .finalizers
                .clone()
                .unwrap_or_default(),
            node_label: None,
            before: Vec::new(),
            after: Vec::new(),
            requeue_after: None,
        }
    }

    /// Enters a phase and notes the time.
    pub(super) fn enter(&mut self, phase: Phase) {
        self.status.phase = phase;
        let time = self.time();
        let timestamps = &mut self.status.phase_transition_timestamps;
        if !timestamps.iter().any(|entry| entry.phase == phase) {
            timestamps.push(VirtualMachineInstancePhaseTransitionTimestamp {
                phase,
                phase_transition_timestamp: Some(time),
            });
        }
    }

    /// Now, as objects have it: whole seconds.
    pub(super) fn time(&self) -> Time {
        Time(Timestamp::from_second(self.now.as_second()).unwrap_or(self.now))
    }

    pub(super) fn requeue(&mut self, after: SignedDuration) {
        let after = after.max(SignedDuration::from_millis(10));
        self.requeue_after = Some(self.requeue_after.map_or(after, |before| before.min(after)));
    }

    pub(super) fn notify(&mut self, warning: bool, reason: &'static str, message: String) {
        self.after.push(Action::Notify(Notice {
            warning,
            reason,
            message,
        }));
    }

    pub(super) fn finish(self) -> Result<Plan, serde_json::Error> {
        let metadata = &self.observed.instance.metadata;
        let mut patch = Map::new();
        let mut changed = Map::new();
        if self.finalizers.as_slice() != metadata.finalizers.as_deref().unwrap_or_default() {
            changed.insert("finalizers".into(), json!(self.finalizers));
        }
        if let Some(node) = &self.node_label {
            changed.insert("labels".into(), json!({ label::NODE_NAME: node }));
        }
        if !changed.is_empty() {
            patch.insert("metadata".into(), Value::Object(changed));
        }
        let before = self.observed.instance.status.clone().unwrap_or_default();
        if let Some(status) = merge_patch::between(&before, &self.status)? {
            patch.insert("status".into(), status);
        }
        let mut actions = self.before;
        if !patch.is_empty() {
            let mut patch = Value::Object(patch);
            merge_patch::bind(
                &mut patch,
                metadata.resource_version.as_deref().unwrap_or_default(),
            );
            actions.push(Action::Patch(patch));
        }
        actions.extend(self.after);
        Ok(Plan {
            actions,
            requeue_after: self.requeue_after,
        })
    }
}
