//! How a guest ended: the final phase, and the words for it.

use kubevirt_api::names::reason;
use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstancePhase as Phase};
use kubevirt_libvirt::{DomainState, Reason, State};
use kubevirt_node::paths::{Access, Beneath};

/// The part of QEMU's log that is looked at, in bytes.
const LOG_TAIL: u64 = 2048;
/// Lines of it that are told.
const LOG_LINES: usize = 3;

/// The end of a guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) phase: Phase,
    /// One word for `status.reason`, for ends that are failures.
    pub(super) reason: Option<&'static str>,
    /// A sentence for the event.
    pub(super) message: String,
    /// Something went wrong.
    pub(super) warning: bool,
}

/// What is known when the final phase is written.
pub(super) enum Known<'a> {
    /// libvirt says how the domain ended. `asked`: virt-handler had begun to shut it down.
    Domain { state: DomainState, asked: bool },
    /// The domain never ran and will not.
    NeverStarted,
    /// libvirt has no running domain though the guest is said to run.
    Vanished,
    /// The launcher pod's container ended: its exit code and kubelet's reason, and whether a guest had been started in it.
    PodEnded {
        exit_code: Option<i32>,
        reason: Option<&'a str>,
        started: bool,
    },
}

/// The end that what is known amounts to.
pub(super) fn ending(instance: &VirtualMachineInstance, known: &Known<'_>) -> Ending {
    let ended = |phase, message: &str| Ending {
        phase,
        reason: None,
        message: message.to_owned(),
        warning: false,
    };
    let failed = |reason, message: String| Ending {
        phase: Phase::Failed,
        reason: Some(reason),
        message,
        warning: true,
    };
    match known {
        Known::Domain { state, asked } => {
            let phase = super::adapter::final_phase(*state, instance);
            match state.reason {
                Reason::Crashed | Reason::Panicked => failed(
                    reason::GUEST_CRASHED,
                    "The guest crashed: QEMU ended without a shutdown".to_owned(),
                ),
                Reason::Failed | Reason::Daemon | Reason::Unknown if phase == Phase::Failed => {
                    failed(
                        reason::GUEST_LOST,
                        "QEMU ended, and libvirt does not say how".to_owned(),
                    )
                }
                Reason::Destroyed if *asked => Ending {
                    phase,
                    ..ended(phase, "The guest was switched off")
                },
                Reason::Destroyed => Ending {
                    phase,
                    ..ended(phase, "The guest was switched off from within its pod")
                },
                _ if state.state == State::Crashed => {
                    failed(reason::GUEST_CRASHED, "The guest crashed".to_owned())
                }
                _ => ended(phase, "The guest shut down"),
            }
        }
        Known::NeverStarted => ended(Phase::Failed, "Stopped before the guest was started"),
        Known::Vanished => failed(
            reason::GUEST_LOST,
            "libvirt does not know the guest any more".to_owned(),
        ),
        // virt-launcher exits with 0 only after a clean end of the guest.
        Known::PodEnded {
            exit_code: Some(0), ..
        } => ended(
            Phase::Succeeded,
            "The guest shut down while virt-handler was away",
        ),
        Known::PodEnded {
            exit_code,
            reason: why,
            started,
        } => {
            let code = exit_code.map_or_else(String::new, |code| format!(" with exit code {code}"));
            let why = why.map_or_else(String::new, |why| format!(" ({why})"));
            let when = if *started {
                "while the guest ran"
            } else {
                "before the guest was started"
            };
            failed(
                reason::LAUNCHER_ENDED,
                format!("The launcher pod ended{code}{why} {when}"),
            )
        }
    }
}

/// The last lines of QEMU's log of a domain, for the event; empty when there are none. `private` is the pod's emptyDir.
pub(super) fn log_tail(private: &Beneath, domain: &str) -> String {
    let path = format!("libvirt/qemu/log/{domain}.log");
    let Ok(file) = private.open_file(path, Access::Read) else {
        return String::new();
    };
    tail(file).unwrap_or_default()
}

/// The last lines of a log, without libvirt's own.
fn tail(mut file: std::fs::File) -> std::io::Result<String> {
    use std::io::{Read, Seek, SeekFrom};
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL)))?;
    let mut bytes = Vec::new();
    file.take(LOG_TAIL).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    // libvirt writes the command line with its lines continued, and when it starts and stops QEMU.
    let said = |line: &&str| {
        let line = line.trim();
        !line.is_empty()
            && !line.ends_with('\\')
            && !line.contains(": shutting down, reason=")
            && !line.contains(": starting up")
            && !line.starts_with("-msg ")
    };
    let lines: Vec<&str> = text.lines().filter(said).map(str::trim).collect();
    let first = lines.len().saturating_sub(LOG_LINES);
    Ok(lines.get(first..).unwrap_or_default().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance() -> VirtualMachineInstance {
        VirtualMachineInstance::default()
    }

    #[test]
    fn ends_by_what_is_known() {
        let domain = |reason, asked| Known::Domain {
            state: DomainState {
                state: State::ShutOff,
                reason,
            },
            asked,
        };
        for (known, phase, warning, words) in [
            (
                domain(Reason::Shutdown, false),
                Phase::Succeeded,
                false,
                "The guest shut down",
            ),
            (
                domain(Reason::Crashed, false),
                Phase::Failed,
                true,
                "crashed",
            ),
            (
                domain(Reason::Destroyed, true),
                Phase::Failed,
                false,
                "switched off",
            ),
            (Known::Vanished, Phase::Failed, true, "does not know"),
            (
                Known::PodEnded {
                    exit_code: Some(0),
                    reason: None,
                    started: true,
                },
                Phase::Succeeded,
                false,
                "shut down",
            ),
            (
                Known::PodEnded {
                    exit_code: Some(137),
                    reason: Some("OOMKilled"),
                    started: true,
                },
                Phase::Failed,
                true,
                "exit code 137 (OOMKilled)",
            ),
            (
                Known::PodEnded {
                    exit_code: None,
                    reason: None,
                    started: true,
                },
                Phase::Failed,
                true,
                "The launcher pod ended while the guest ran",
            ),
            (
                Known::PodEnded {
                    exit_code: Some(1),
                    reason: Some("Error"),
                    started: false,
                },
                Phase::Failed,
                true,
                "ended with exit code 1 (Error) before the guest was started",
            ),
        ] {
            let end = ending(&instance(), &known);
            assert_eq!((end.phase, end.warning), (phase, warning), "{end:?}");
            assert!(end.message.contains(words), "{end:?}");
        }
    }

    #[test]
    fn the_log_tells_what_qemu_said_last() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("libvirt/qemu/log");
        std::fs::create_dir_all(&folder).unwrap();
        let text = "2026-01-01 00:00:00.000+0000: starting up libvirt version: 11.3\nQEMU_AUDIO_DRV=none \\\n-name guest=x \\\n-msg timestamp=on\n\
                    qemu-system-x86_64: cannot set up guest memory\n2026-01-01 00:00:01.000+0000: shutting down, reason=crashed\n";
        std::fs::write(folder.join("ns_vm.log"), text).unwrap();
        let root = Beneath::open_root(root.path()).unwrap();
        assert_eq!(
            log_tail(&root, "ns_vm"),
            "qemu-system-x86_64: cannot set up guest memory"
        );
        assert_eq!(log_tail(&root, "ns_other"), "");
    }
}
