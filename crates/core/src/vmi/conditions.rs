//! The conditions that virt-controller writes on a VirtualMachineInstance.

use kubevirt_api::names::condition::{READY, SYNCHRONIZED};
use kubevirt_api::names::reason::POD_CONDITION_MISSING;
use kubevirt_api::{Condition, ConditionStatus};

use super::draft::Draft;
use super::{ConditionFacts, LauncherPod};

impl Draft<'_> {
    /// Puts a condition in place unless it is there already but for its times. Returns whether it changed.
    pub(super) fn condition(
        &mut self,
        kind: &str,
        holds: bool,
        reason: &str,
        message: &str,
    ) -> bool {
        let mut condition = Condition::new(kind, holds, reason);
        condition.message = (!message.is_empty()).then(|| message.to_owned());
        let same = Condition::find(&self.status.conditions, kind).is_some_and(|old| {
            old.status == condition.status
                && old.reason == condition.reason
                && old.message == condition.message
        });
        if !same {
            let time = self.time();
            Condition::set(&mut self.status.conditions, condition, time);
        }
        !same
    }

    /// Takes a condition away.
    pub(super) fn forget(&mut self, kind: &str) {
        Condition::remove(&mut self.status.conditions, kind);
    }

    /// `Ready=False`.
    pub(super) fn not_ready(&mut self, reason: &str, message: &str) {
        self.condition(READY, false, reason, message);
    }

    /// `Synchronized=False` with a warning event, once for each different message.
    pub(super) fn not_synchronized(&mut self, reason: &'static str, message: String) {
        if self.condition(SYNCHRONIZED, false, reason, &message) {
            self.notify(true, reason, message);
        }
    }

    /// `Ready` of a guest that runs follows its pod.
    pub(super) fn ready_as(&mut self, pod: &LauncherPod) {
        match &pod.ready {
            None => self.not_ready(
                POD_CONDITION_MISSING,
                "the launcher pod does not report whether it is ready yet",
            ),
            Some(ConditionFacts { status, .. }) if status == "True" => {
                self.condition(READY, true, "", "");
            }
            Some(facts) => self.not_ready(&facts.reason, &facts.message),
        }
    }

    /// Whether a condition holds.
    pub(super) fn holds(&self, kind: &str) -> bool {
        Condition::find(&self.status.conditions, kind)
            .is_some_and(|found| found.status == ConditionStatus::True)
    }
}
