//! What a connection reports by itself.

use virt_sys as sys;

/// News of a connection. Names and UUIDs are the peer's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A domain was defined, started, stopped and so on.
    Lifecycle {
        /// The domain's name.
        domain: String,
        /// Its UUID in text form.
        uuid: String,
        /// What happened.
        kind: LifecycleKind,
        /// How it came about.
        detail: LifecycleDetail,
    },
    /// The guest agent's channel was opened or closed by the guest.
    AgentLifecycle {
        /// The domain's name.
        domain: String,
        /// Its UUID in text form.
        uuid: String,
        /// True when an agent listens now.
        connected: bool,
    },
    /// The guest rebooted.
    Reboot {
        /// The domain's name.
        domain: String,
        /// Its UUID in text form.
        uuid: String,
    },
    /// Events came faster than they were taken and some are lost: look at the domains' state.
    Missed,
    /// The connection is over; nothing follows.
    Closed(CloseReason),
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// Reading or writing failed, or the peer broke the protocol.
    Error,
    /// The peer closed it, as a rule because the daemon ended.
    EndOfFile,
    /// The peer does not answer keep-alive messages.
    KeepAlive,
    /// This side closed it.
    Client,
    /// A call did not return in time.
    Timeout,
}

/// What happened to a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LifecycleKind {
    /// Its configuration was stored.
    Defined,
    /// Its configuration was removed.
    Undefined,
    /// It runs now.
    Started,
    /// It is paused.
    Suspended,
    /// It runs again.
    Resumed,
    /// It is off.
    Stopped,
    /// The guest has shut down; QEMU is about to end.
    Shutdown,
    /// The guest sent itself to sleep.
    PmSuspended,
    /// The guest crashed.
    Crashed,
    /// Not known to this program.
    Unknown,
}

/// How it came about; which can occur depends on the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LifecycleDetail {
    /// Not given, or not known to this program.
    Unknown,
    /// Defined: new.
    Added,
    /// Defined: replaces an older configuration.
    Updated,
    /// Defined or undefined: was renamed.
    Renamed,
    /// Undefined: deleted.
    Removed,
    /// Started from power-off.
    Booted,
    /// By a migration.
    Migrated,
    /// From a saved state.
    Restored,
    /// By a snapshot.
    FromSnapshot,
    /// Woke up.
    Wakeup,
    /// Paused on request.
    Paused,
    /// Paused by a failing disk.
    IoError,
    /// Paused by the watchdog.
    Watchdog,
    /// Paused by a failing call into libvirt.
    ApiError,
    /// In the post-copy phase of a migration.
    PostCopy,
    /// The post-copy phase failed.
    PostCopyFailed,
    /// Resumed on request.
    Unpaused,
    /// Stopped: the guest powered off.
    Shutdown,
    /// Stopped: forced.
    Destroyed,
    /// Stopped: QEMU died or the guest crashed.
    Crashed,
    /// Stopped: saved to a file.
    Saved,
    /// Stopped: could not start.
    Failed,
    /// Shutdown: complete.
    Finished,
    /// Shutdown: the guest's own wish.
    Guest,
    /// Shutdown: asked for from outside, or QEMU got a signal.
    Host,
    /// Sleeps with its state in memory.
    Memory,
    /// Sleeps with its state on disk.
    Disk,
    /// Crashed: the guest reported a panic.
    Panicked,
    /// Crashed: the guest loaded its crash kernel.
    CrashLoaded,
}

impl LifecycleKind {
    /// From the two numbers of libvirt's lifecycle callback.
    pub(crate) fn from_raw(event: i32, detail: i32) -> (Self, LifecycleDetail) {
        use LifecycleDetail as D;
        let detail = usize::try_from(detail).unwrap_or(usize::MAX);
        // libvirt numbers the details of each kind from 0 without gaps.
        let pick = |details: &[LifecycleDetail]| details.get(detail).copied().unwrap_or(D::Unknown);
        match u32::try_from(event).unwrap_or(u32::MAX) {
            sys::VIR_DOMAIN_EVENT_DEFINED => (
                Self::Defined,
                pick(&[D::Added, D::Updated, D::Renamed, D::FromSnapshot]),
            ),
            sys::VIR_DOMAIN_EVENT_UNDEFINED => (Self::Undefined, pick(&[D::Removed, D::Renamed])),
            sys::VIR_DOMAIN_EVENT_STARTED => (
                Self::Started,
                pick(&[
                    D::Booted,
                    D::Migrated,
                    D::Restored,
                    D::FromSnapshot,
                    D::Wakeup,
                ]),
            ),
            sys::VIR_DOMAIN_EVENT_SUSPENDED => (
                Self::Suspended,
                pick(&[
                    D::Paused,
                    D::Migrated,
                    D::IoError,
                    D::Watchdog,
                    D::Restored,
                    D::FromSnapshot,
                    D::ApiError,
                    D::PostCopy,
                    D::PostCopyFailed,
                ]),
            ),
            sys::VIR_DOMAIN_EVENT_RESUMED => (
                Self::Resumed,
                pick(&[
                    D::Unpaused,
                    D::Migrated,
                    D::FromSnapshot,
                    D::PostCopy,
                    D::PostCopyFailed,
                ]),
            ),
            sys::VIR_DOMAIN_EVENT_STOPPED => (
                Self::Stopped,
                pick(&[
                    D::Shutdown,
                    D::Destroyed,
                    D::Crashed,
                    D::Migrated,
                    D::Saved,
                    D::Failed,
                    D::FromSnapshot,
                ]),
            ),
            sys::VIR_DOMAIN_EVENT_SHUTDOWN => {
                (Self::Shutdown, pick(&[D::Finished, D::Guest, D::Host]))
            }
            sys::VIR_DOMAIN_EVENT_PMSUSPENDED => (Self::PmSuspended, pick(&[D::Memory, D::Disk])),
            sys::VIR_DOMAIN_EVENT_CRASHED => (Self::Crashed, pick(&[D::Panicked, D::CrashLoaded])),
            _ => (Self::Unknown, D::Unknown),
        }
    }
}

impl CloseReason {
    /// From the number of libvirt's close callback.
    pub(crate) fn from_raw(reason: i32) -> Self {
        match u32::try_from(reason).unwrap_or(sys::VIR_CONNECT_CLOSE_REASON_ERROR) {
            sys::VIR_CONNECT_CLOSE_REASON_EOF => Self::EndOfFile,
            sys::VIR_CONNECT_CLOSE_REASON_KEEPALIVE => Self::KeepAlive,
            sys::VIR_CONNECT_CLOSE_REASON_CLIENT => Self::Client,
            _ => Self::Error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_follow_libvirts_numbers() {
        let raw = |event: u32, detail: u32| LifecycleKind::from_raw(event as i32, detail as i32);
        assert_eq!(
            raw(
                sys::VIR_DOMAIN_EVENT_STOPPED,
                sys::VIR_DOMAIN_EVENT_STOPPED_CRASHED
            ),
            (LifecycleKind::Stopped, LifecycleDetail::Crashed)
        );
        assert_eq!(
            raw(
                sys::VIR_DOMAIN_EVENT_SUSPENDED,
                sys::VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY_FAILED
            ),
            (LifecycleKind::Suspended, LifecycleDetail::PostCopyFailed)
        );
        assert_eq!(
            raw(
                sys::VIR_DOMAIN_EVENT_RESUMED,
                sys::VIR_DOMAIN_EVENT_RESUMED_POSTCOPY
            ),
            (LifecycleKind::Resumed, LifecycleDetail::PostCopy)
        );
        assert_eq!(
            raw(
                sys::VIR_DOMAIN_EVENT_SHUTDOWN,
                sys::VIR_DOMAIN_EVENT_SHUTDOWN_HOST
            ),
            (LifecycleKind::Shutdown, LifecycleDetail::Host)
        );
        assert_eq!(
            LifecycleKind::from_raw(-5, -5),
            (LifecycleKind::Unknown, LifecycleDetail::Unknown)
        );
        assert_eq!(
            LifecycleKind::from_raw(5, 99),
            (LifecycleKind::Stopped, LifecycleDetail::Unknown)
        );
    }
}
