//! What a plan for a VirtualMachine is made from, and what it is made of.

use std::collections::BTreeMap;

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kubevirt_api::{VirtualMachine, VirtualMachineInstance};
use serde_json::Value;

use crate::launcher_pod::Claim;
use crate::vmi::Notice;

/// Everything that [`plan`](super::plan) looks at.
#[derive(Clone, Copy)]
pub struct Observed<'a> {
    /// The object itself.
    pub machine: &'a VirtualMachine,
    /// The VirtualMachineInstance of the same name, whoever owns it.
    pub instance: Option<&'a VirtualMachineInstance>,
    /// The PersistentVolumeClaims of its namespace that its template names and that exist.
    pub claims: &'a BTreeMap<String, Claim>,
    /// Why the last action failed, until one succeeds.
    pub failure: Option<&'a Failure>,
}

/// An action that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// One word.
    pub reason: &'static str,
    /// What the API server said.
    pub message: String,
    /// When to try again.
    pub retry_at: Timestamp,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// PATCH the object with this JSON merge patch, which is bound to the version that was observed.
    Patch(Value),
    /// PATCH the object likewise, with volumes that were asked for. A refusal is about these: the rest goes on.
    ChangeVolumes(Value),
    /// PATCH the object's status likewise.
    PatchStatus(Value),
    /// POST this VirtualMachineInstance.
    CreateInstance(Box<VirtualMachineInstance>),
    /// DELETE the VirtualMachineInstance of the object's name, if it still has this UID.
    DeleteInstance {
        /// UID of the VirtualMachineInstance.
        uid: String,
    },
    /// Tell the user.
    Notify(Notice),
}

/// What to do, in order, and when to look again if nothing happens before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What to do.
    pub actions: Vec<Action>,
    /// When to look again.
    pub requeue_after: Option<SignedDuration>,
}

impl Plan {
    pub(super) fn requeue(&mut self, after: Option<SignedDuration>) {
        let Some(after) = after.map(|after| after.max(SignedDuration::from_millis(10))) else {
            return;
        };
        self.requeue_after = Some(self.requeue_after.map_or(after, |before| before.min(after)));
    }

    pub(super) fn notify(&mut self, notice: Notice) {
        self.actions.push(Action::Notify(notice));
    }
}

impl<'a> Observed<'a> {
    pub(super) fn name(&self) -> &'a str {
        self.machine.metadata.name.as_deref().unwrap_or_default()
    }

    /// The instance, if the object controls it.
    pub(super) fn owned(&self) -> Option<&'a VirtualMachineInstance> {
        self.instance
            .filter(|instance| is_controlled_by(instance, self.machine))
    }

    /// An instance stands where the object's own would be.
    pub(super) fn is_name_taken(&self) -> bool {
        self.instance.is_some() && self.owned().is_none()
    }
}

/// Whether the controlling owner reference of `instance` points to `machine`.
pub(super) fn is_controlled_by(
    instance: &VirtualMachineInstance,
    machine: &VirtualMachine,
) -> bool {
    instance
        .metadata
        .owner_references
        .iter()
        .flatten()
        .any(|owner| {
            owner.controller == Some(true)
                && Some(owner.uid.as_str()) == machine.metadata.uid.as_deref()
        })
}
