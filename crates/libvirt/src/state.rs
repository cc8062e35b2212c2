//! A domain's state and why it is in it.

use virt_sys as sys;

/// What libvirt says of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DomainState {
    /// The state.
    pub state: State,
    /// Why it is in that state.
    pub reason: Reason,
}

/// libvirt's `virDomainState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// No state, or one that this program does not know.
    Unknown,
    /// Runs.
    Running,
    /// Runs and waits for a resource.
    Blocked,
    /// Paused.
    Paused,
    /// Is shutting down.
    ShuttingDown,
    /// Defined, not running.
    ShutOff,
    /// Crashed.
    Crashed,
    /// The guest sent itself to sleep.
    PmSuspended,
}

/// The reasons of all states; which can occur depends on the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Not given, or not known to this program.
    Unknown,
    /// Running: started from power-off.
    Booted,
    /// Running or shut off: by migration.
    Migrated,
    /// Running: from a saved state.
    Restored,
    /// Running, paused or shut off: reverted to a snapshot.
    FromSnapshot,
    /// Running: was resumed.
    Unpaused,
    /// Running: a migration was given up.
    MigrationCanceled,
    /// Running: saving was given up.
    SaveCanceled,
    /// Running: woke up.
    Wakeup,
    /// Running or paused: after a guest crash. Shut off: QEMU died or the guest crashed.
    Crashed,
    /// Running or paused: in the post-copy phase of a migration.
    PostCopy,
    /// Running or paused: the post-copy phase failed.
    PostCopyFailed,
    /// Paused or shutting down: someone asked for it.
    User,
    /// Paused: for a migration.
    Migration,
    /// Paused: while saving.
    Save,
    /// Paused: while dumping memory.
    Dump,
    /// Paused: a disk failed.
    IoError,
    /// Paused: by the watchdog.
    Watchdog,
    /// Paused: after the guest's shutdown.
    ShuttingDown,
    /// Paused: while a snapshot is made.
    Snapshot,
    /// Paused: is being started.
    StartingUp,
    /// Paused: a call into libvirt failed.
    ApiError,
    /// Shut off: the guest powered off.
    Shutdown,
    /// Shut off: forced.
    Destroyed,
    /// Shut off: saved to a file.
    Saved,
    /// Shut off: could not start.
    Failed,
    /// Shut off: the daemon restarted and did not find it running.
    Daemon,
    /// Crashed: the guest reported a panic.
    Panicked,
}

impl DomainState {
    /// From the two numbers of `virDomainGetState`.
    pub(crate) fn from_raw(state: i32, reason: i32) -> Self {
        let reason = u32::try_from(reason).unwrap_or(0);
        let (state, reason) = match u32::try_from(state).unwrap_or(sys::VIR_DOMAIN_NOSTATE) {
            sys::VIR_DOMAIN_RUNNING => (State::Running, running(reason)),
            sys::VIR_DOMAIN_BLOCKED => (State::Blocked, Reason::Unknown),
            sys::VIR_DOMAIN_PAUSED => (State::Paused, paused(reason)),
            sys::VIR_DOMAIN_SHUTDOWN => (State::ShuttingDown, shutting_down(reason)),
            sys::VIR_DOMAIN_SHUTOFF => (State::ShutOff, shut_off(reason)),
            sys::VIR_DOMAIN_CRASHED => (State::Crashed, crashed(reason)),
            sys::VIR_DOMAIN_PMSUSPENDED => (State::PmSuspended, Reason::Unknown),
            _ => (State::Unknown, Reason::Unknown),
        };
        Self { state, reason }
    }
}

fn running(reason: u32) -> Reason {
    match reason {
        sys::VIR_DOMAIN_RUNNING_BOOTED => Reason::Booted,
        sys::VIR_DOMAIN_RUNNING_MIGRATED => Reason::Migrated,
        sys::VIR_DOMAIN_RUNNING_RESTORED => Reason::Restored,
        sys::VIR_DOMAIN_RUNNING_FROM_SNAPSHOT => Reason::FromSnapshot,
        sys::VIR_DOMAIN_RUNNING_UNPAUSED => Reason::Unpaused,
        sys::VIR_DOMAIN_RUNNING_MIGRATION_CANCELED => Reason::MigrationCanceled,
        sys::VIR_DOMAIN_RUNNING_SAVE_CANCELED => Reason::SaveCanceled,
        sys::VIR_DOMAIN_RUNNING_WAKEUP => Reason::Wakeup,
        sys::VIR_DOMAIN_RUNNING_CRASHED => Reason::Crashed,
        sys::VIR_DOMAIN_RUNNING_POSTCOPY => Reason::PostCopy,
        sys::VIR_DOMAIN_RUNNING_POSTCOPY_FAILED => Reason::PostCopyFailed,
        _ => Reason::Unknown,
    }
}

fn paused(reason: u32) -> Reason {
    match reason {
        sys::VIR_DOMAIN_PAUSED_USER => Reason::User,
        sys::VIR_DOMAIN_PAUSED_MIGRATION => Reason::Migration,
        sys::VIR_DOMAIN_PAUSED_SAVE => Reason::Save,
        sys::VIR_DOMAIN_PAUSED_DUMP => Reason::Dump,
        sys::VIR_DOMAIN_PAUSED_IOERROR => Reason::IoError,
        sys::VIR_DOMAIN_PAUSED_WATCHDOG => Reason::Watchdog,
        sys::VIR_DOMAIN_PAUSED_FROM_SNAPSHOT => Reason::FromSnapshot,
        sys::VIR_DOMAIN_PAUSED_SHUTTING_DOWN => Reason::ShuttingDown,
        sys::VIR_DOMAIN_PAUSED_SNAPSHOT => Reason::Snapshot,
        sys::VIR_DOMAIN_PAUSED_CRASHED => Reason::Crashed,
        sys::VIR_DOMAIN_PAUSED_STARTING_UP => Reason::StartingUp,
        sys::VIR_DOMAIN_PAUSED_POSTCOPY => Reason::PostCopy,
        sys::VIR_DOMAIN_PAUSED_POSTCOPY_FAILED => Reason::PostCopyFailed,
        sys::VIR_DOMAIN_PAUSED_API_ERROR => Reason::ApiError,
        _ => Reason::Unknown,
    }
}

fn shutting_down(reason: u32) -> Reason {
    match reason {
        sys::VIR_DOMAIN_SHUTDOWN_USER => Reason::User,
        _ => Reason::Unknown,
    }
}

fn shut_off(reason: u32) -> Reason {
    match reason {
        sys::VIR_DOMAIN_SHUTOFF_SHUTDOWN => Reason::Shutdown,
        sys::VIR_DOMAIN_SHUTOFF_DESTROYED => Reason::Destroyed,
        sys::VIR_DOMAIN_SHUTOFF_CRASHED => Reason::Crashed,
        sys::VIR_DOMAIN_SHUTOFF_MIGRATED => Reason::Migrated,
        sys::VIR_DOMAIN_SHUTOFF_SAVED => Reason::Saved,
        sys::VIR_DOMAIN_SHUTOFF_FAILED => Reason::Failed,
        sys::VIR_DOMAIN_SHUTOFF_FROM_SNAPSHOT => Reason::FromSnapshot,
        sys::VIR_DOMAIN_SHUTOFF_DAEMON => Reason::Daemon,
        _ => Reason::Unknown,
    }
}

fn crashed(reason: u32) -> Reason {
    match reason {
        sys::VIR_DOMAIN_CRASHED_PANICKED => Reason::Panicked,
        _ => Reason::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_names() {
        let state = |state, reason| DomainState::from_raw(state, reason);
        assert_eq!(
            state(1, 1),
            DomainState {
                state: State::Running,
                reason: Reason::Booted
            }
        );
        assert_eq!(
            state(3, 5),
            DomainState {
                state: State::Paused,
                reason: Reason::IoError
            }
        );
        assert_eq!(
            state(5, 1),
            DomainState {
                state: State::ShutOff,
                reason: Reason::Shutdown
            }
        );
        assert_eq!(
            state(5, 2),
            DomainState {
                state: State::ShutOff,
                reason: Reason::Destroyed
            }
        );
        assert_eq!(
            state(5, 3),
            DomainState {
                state: State::ShutOff,
                reason: Reason::Crashed
            }
        );
        assert_eq!(
            state(6, 1),
            DomainState {
                state: State::Crashed,
                reason: Reason::Panicked
            }
        );
    }

    #[test]
    fn a_newer_peers_numbers_do_no_harm() {
        assert_eq!(
            DomainState::from_raw(77, 77),
            DomainState {
                state: State::Unknown,
                reason: Reason::Unknown
            }
        );
        assert_eq!(
            DomainState::from_raw(-1, -1),
            DomainState {
                state: State::Unknown,
                reason: Reason::Unknown
            }
        );
        assert_eq!(
            DomainState::from_raw(1, 99),
            DomainState {
                state: State::Running,
                reason: Reason::Unknown
            }
        );
    }
}
