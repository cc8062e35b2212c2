//! What a domain's state means for the VirtualMachineInstance.

use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstancePhase as Phase};

use crate::context::acpi_enabled;

/// A domain's state, and why it is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DomainState {
    /// The state.
    pub state: State,
    /// The reason.
    pub reason: Reason,
}

/// libvirt's states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// None that is known.
    Unknown,
    /// Runs.
    Running,
    /// Runs and waits for a resource.
    Blocked,
    /// Paused.
    Paused,
    /// Is shutting down.
    ShuttingDown,
    /// Off.
    ShutOff,
    /// Crashed.
    Crashed,
    /// The guest sent itself to sleep.
    PmSuspended,
}

/// libvirt's reasons, as far as they make a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Any that makes none.
    Other,
    /// Paused: the start is under way.
    StartingUp,
    /// Running or paused: the post-copy phase of a migration failed.
    PostCopyFailed,
    /// Off: the guest powered off.
    Shutdown,
    /// Off: forced.
    Destroyed,
    /// Off: QEMU died or the guest crashed.
    Crashed,
    /// Crashed or off: the guest reported a panic.
    Panicked,
    /// Off: runs elsewhere now.
    Migrated,
    /// Off: saved to a file.
    Saved,
    /// Off: could not start.
    Failed,
    /// Off: reverted to a snapshot of a domain that was off.
    FromSnapshot,
    /// Off: the daemon restarted and did not find QEMU any more.
    Daemon,
}

/// The phase that a domain's state means; `None` when the state says nothing about it, so the phase stays.
///
/// A forced end is a failure where the guest could have been asked to shut down (it was, and did not), and the expected
/// end where it could not, because it has no ACPI.
pub fn phase(domain: DomainState, vmi: &VirtualMachineInstance) -> Option<Phase> {
    match (domain.state, domain.reason) {
        (_, Reason::PostCopyFailed) => Some(Phase::Failed),
        (State::Paused, Reason::StartingUp) => None,
        (State::Running | State::Blocked | State::Paused | State::PmSuspended, _) => {
            Some(Phase::Running)
        }
        (State::Crashed, _) => Some(Phase::Failed),
        (State::ShutOff, Reason::Shutdown | Reason::Saved | Reason::FromSnapshot) => {
            Some(Phase::Succeeded)
        }
        (State::ShutOff, Reason::Destroyed) => Some(if acpi_enabled(vmi) {
            Phase::Failed
        } else {
            Phase::Succeeded
        }),
        (State::ShutOff, Reason::Crashed | Reason::Panicked | Reason::Failed | Reason::Daemon) => {
            Some(Phase::Failed)
        }
        // Moved away, or defined and not started yet.
        (State::ShutOff, Reason::Migrated | Reason::Other | Reason::StartingUp) => None,
        (State::ShuttingDown | State::Unknown, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use kubevirt_api::{FeatureState, Features};

    use super::*;

    #[test]
    fn phases() {
        let vmi = VirtualMachineInstance::default();
        let cases = [
            (State::Running, Reason::Other, Some(Phase::Running)),
            (State::Blocked, Reason::Other, Some(Phase::Running)),
            (State::Paused, Reason::Other, Some(Phase::Running)),
            (State::PmSuspended, Reason::Other, Some(Phase::Running)),
            (State::Paused, Reason::StartingUp, None),
            (State::Paused, Reason::PostCopyFailed, Some(Phase::Failed)),
            (State::ShuttingDown, Reason::Other, None),
            (State::Crashed, Reason::Panicked, Some(Phase::Failed)),
            (State::ShutOff, Reason::Shutdown, Some(Phase::Succeeded)),
            (State::ShutOff, Reason::Saved, Some(Phase::Succeeded)),
            (State::ShutOff, Reason::FromSnapshot, Some(Phase::Succeeded)),
            (State::ShutOff, Reason::Destroyed, Some(Phase::Failed)),
            (State::ShutOff, Reason::Crashed, Some(Phase::Failed)),
            (State::ShutOff, Reason::Failed, Some(Phase::Failed)),
            (State::ShutOff, Reason::Daemon, Some(Phase::Failed)),
            (State::ShutOff, Reason::Migrated, None),
            (State::ShutOff, Reason::Other, None),
            (State::Unknown, Reason::Other, None),
        ];
        for (state, reason, expected) in cases {
            assert_eq!(
                phase(DomainState { state, reason }, &vmi),
                expected,
                "{state:?} {reason:?}"
            );
        }
    }

    #[test]
    fn a_guest_without_acpi_cannot_be_asked() {
        let mut vmi = VirtualMachineInstance::default();
        let acpi = Some(FeatureState {
            enabled: Some(false),
        });
        vmi.spec.domain.features = Some(Features {
            acpi,
            ..Features::default()
        });
        let destroyed = DomainState {
            state: State::ShutOff,
            reason: Reason::Destroyed,
        };
        assert_eq!(phase(destroyed, &vmi), Some(Phase::Succeeded));
    }
}
