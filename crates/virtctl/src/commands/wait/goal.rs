//! What can be waited for, and when it is reached.

use clap::ValueEnum;
use serde_json::Value;

use crate::commands::why::look::{condition_is, is_deleting, text};
use crate::commands::why::{Kind, State};

/// What `--for` says.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Goal {
    /// The instance is Ready, as Services see it.
    Ready,
    /// The guest runs.
    Running,
    /// The guest's agent is connected.
    Agent,
    /// The guest's SSH server answers.
    Ssh,
    /// The guest is paused.
    Paused,
    /// The machine is stopped.
    Stopped,
    /// The machine does not exist any more.
    Deleted,
}

/// What the watches have shown. None: nothing yet; `Some(None)`: there is no such object.
pub(super) struct Seen {
    pub(super) vm: Option<Option<Value>>,
    pub(super) vmi: Option<Option<Value>>,
}

impl Seen {
    /// Nothing yet; a VirtualMachine that is not asked for counts as absent.
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            vm: (kind == Kind::Instance).then_some(None),
            vmi: None,
        }
    }

    fn instance(&self) -> Option<&Value> {
        self.vmi.as_ref()?.as_ref()
    }

    /// Whether there is a guest that can be reached.
    pub(super) fn is_running(&self) -> bool {
        self.instance()
            .is_some_and(|vmi| text(vmi, "/status/phase") == "Running" && !is_deleting(vmi))
    }

    fn has(&self, condition: &str) -> bool {
        self.is_running()
            && self
                .instance()
                .is_some_and(|vmi| condition_is(vmi, condition, "True").is_some())
    }
}

impl Goal {
    /// Whether what was seen is what is waited for. SSH is asked, not seen.
    pub(super) fn is_reached(self, seen: &Seen) -> bool {
        let ended = matches!(&seen.vmi, Some(None))
            || seen
                .instance()
                .is_some_and(|vmi| matches!(text(vmi, "/status/phase"), "Succeeded" | "Failed"));
        match self {
            Self::Ssh => false,
            Self::Ready => seen.has("Ready"),
            Self::Running => seen.is_running(),
            Self::Agent => seen.has("AgentConnected"),
            Self::Paused => seen.has("Paused"),
            Self::Stopped => match &seen.vm {
                Some(Some(vm)) => ended && text(vm, "/status/printableStatus") == "Stopped",
                Some(None) => ended && seen.instance().is_some(),
                None => false,
            },
            Self::Deleted => seen.vm == Some(None) && seen.vmi == Some(None),
        }
    }

    /// Whether a machine in this state will not reach the goal by itself.
    pub(super) fn never(self, state: State) -> bool {
        match self {
            Self::Deleted => false,
            Self::Stopped => state == State::NotFound,
            _ => state.is_final(),
        }
    }

    /// What is said when it is reached.
    pub(super) fn reached(self) -> &'static str {
        match self {
            Self::Ready => "is ready",
            Self::Running => "runs",
            Self::Agent => "has its agent connected",
            Self::Ssh => "answers to SSH",
            Self::Paused => "is paused",
            Self::Stopped => "is stopped",
            Self::Deleted => "is deleted",
        }
    }

    /// What is said when it is not reached.
    pub(super) fn missed(self) -> &'static str {
        match self {
            Self::Ready => "did not get ready",
            Self::Running => "did not run",
            Self::Agent => "did not get its agent connected",
            Self::Ssh => "did not answer to SSH",
            Self::Paused => "was not paused",
            Self::Stopped => "was not stopped",
            Self::Deleted => "was not deleted",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(vm: Option<Value>, vmi: Option<Value>) -> Seen {
        Seen {
            vm: Some(vm),
            vmi: Some(vmi),
        }
    }

    fn instance(phase: &str, condition: &str) -> Option<Value> {
        Some(
            json!({"status": {"phase": phase, "conditions": [{"type": condition, "status": "True"}]}}),
        )
    }

    #[test]
    fn goals_of_a_running_machine() {
        for (goal, condition) in [
            (Goal::Ready, "Ready"),
            (Goal::Agent, "AgentConnected"),
            (Goal::Paused, "Paused"),
        ] {
            assert!(goal.is_reached(&seen(None, instance("Running", condition))));
            assert!(!goal.is_reached(&seen(None, instance("Running", "Other"))));
            assert!(!goal.is_reached(&seen(None, instance("Failed", condition))));
            assert!(!goal.is_reached(&seen(None, None)));
        }
        assert!(Goal::Running.is_reached(&seen(None, instance("Running", ""))));
        assert!(!Goal::Ssh.is_reached(&seen(None, instance("Running", "Ready"))));
    }

    #[test]
    fn a_machine_is_stopped_when_both_objects_say_so() {
        let vm = |status: &str| Some(json!({"status": {"printableStatus": status}}));
        assert!(Goal::Stopped.is_reached(&seen(vm("Stopped"), None)));
        assert!(Goal::Stopped.is_reached(&seen(vm("Stopped"), instance("Succeeded", ""))));
        assert!(!Goal::Stopped.is_reached(&seen(vm("Starting"), None)));
        assert!(!Goal::Stopped.is_reached(&seen(vm("Stopped"), instance("Running", ""))));
        assert!(Goal::Stopped.is_reached(&seen(None, instance("Failed", ""))));
        assert!(!Goal::Stopped.is_reached(&seen(None, None)));
    }

    #[test]
    fn deleted_needs_both_watches() {
        assert!(Goal::Deleted.is_reached(&seen(None, None)));
        assert!(!Goal::Deleted.is_reached(&Seen::new(Kind::Either)));
        assert!(!Goal::Deleted.is_reached(&seen(None, instance("Running", ""))));
    }
}
