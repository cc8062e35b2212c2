//! What a supervisor does next. Pure: time is an argument.

use std::time::{Duration, Instant};

use kubevirt_api::VirtualMachineInstancePhase as Phase;

/// How long after one ACPI signal the next is sent.
pub(super) const SIGNAL_INTERVAL: Duration = Duration::from_secs(5);

/// What is seen of the launcher pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pod {
    /// Its processes may run.
    Alive,
    /// It has a deletion timestamp; its processes may run.
    Deleting,
    /// No process of it runs any more.
    Ended,
    /// The object is gone, too.
    Gone,
}

/// What is seen of the VirtualMachineInstance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instance {
    /// Not asked yet.
    Unknown,
    /// There is none with the UID that the pod names.
    Gone,
    /// It exists.
    Present {
        phase: Phase,
        /// It has a deletion timestamp.
        deleting: bool,
        /// It was handed over to this node and this pod.
        ours: bool,
    },
}

/// What is seen of virt-launcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Launcher {
    /// No connection.
    Apart,
    /// Connected.
    Connected,
}

/// What is seen of the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Domain {
    /// Not looked at since something happened.
    Unknown,
    /// There is none, or it has not run yet.
    NotStarted,
    /// QEMU runs.
    Active,
    /// QEMU ran and is gone.
    Ended,
}

/// How far a shutdown is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stopping {
    /// When the domain is destroyed.
    pub(super) deadline: Instant,
    /// When the guest is signalled (again).
    pub(super) next_signal: Instant,
}

/// All that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Observed {
    pub(super) pod: Pod,
    pub(super) instance: Instance,
    pub(super) launcher: Launcher,
    /// virt-launcher got SIGTERM.
    pub(super) terminated: bool,
    /// Disks, network and libvirtd are there, as far as this process has seen.
    pub(super) prepared: bool,
    pub(super) domain: Domain,
    /// The instance's status says what the domain's state calls for.
    pub(super) reported: bool,
    /// Set when the shutdown began.
    pub(super) stopping: Option<Stopping>,
    /// A failure that the instance does not tell yet.
    pub(super) untold_failure: bool,
    /// After a failure: when the next attempt may be made.
    pub(super) retry_at: Option<Instant>,
    /// virt-launcher was told to exit.
    pub(super) exit_told: bool,
}

/// The next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing to do before something changes, or before a point in time.
    Wait(Option<Instant>),
    /// Connect to virt-launcher.
    Connect,
    /// Make disks and network and have libvirtd started.
    Prepare,
    /// Look at the domain's state.
    Look,
    /// Define and start the domain.
    Start,
    /// Bring the instance's status up to the domain's.
    Report,
    /// Tell a failure in the instance's status.
    Tell,
    /// Begin to shut down: set the deadline, tell the event.
    BeginStop,
    /// Ask the guest by ACPI.
    Signal,
    /// Take the guest's power.
    Destroy,
    /// Write the final phase.
    Finish,
    /// Tell virt-launcher to exit.
    Exit,
    /// End the supervisor.
    Forget,
}

impl Observed {
    /// Whether somebody wants the guest down.
    pub(super) fn down(&self) -> bool {
        let instance = match self.instance {
            Instance::Gone => true,
            Instance::Present { deleting, .. } => deleting,
            Instance::Unknown => false,
        };
        instance || self.terminated || matches!(self.pod, Pod::Deleting | Pod::Ended | Pod::Gone)
    }

    /// Whether the final phase is ours to write, and not written.
    fn unfinished(&self) -> bool {
        matches!(self.instance, Instance::Present { phase, ours: true, .. } if !phase.is_final())
    }
}

/// Decides the next step.
pub(super) fn plan(seen: &Observed, now: Instant) -> Step {
    let paused = seen.retry_at.filter(|at| *at > now);
    // Whatever happens, no more often than the pauses allow.
    let unless_paused = |step| paused.map_or(step, |at| Step::Wait(Some(at)));
    match seen.pod {
        Pod::Gone => return Step::Forget,
        Pod::Ended if seen.unfinished() => return unless_paused(Step::Finish),
        Pod::Ended => return Step::Wait(None),
        Pod::Alive | Pod::Deleting => {}
    }
    if seen.launcher == Launcher::Apart {
        if seen.exit_told {
            return Step::Wait(None);
        }
        // Even when all are to go down: the guest may run, and virt-launcher alone cannot write the final phase.
        return unless_paused(Step::Connect);
    }
    if seen.domain == Domain::Ended
        || matches!(seen.instance, Instance::Present { phase, .. } if phase.is_final())
    {
        return end(seen, unless_paused);
    }
    if seen.down() {
        return stop(seen, now, unless_paused);
    }
    let Instance::Present { phase, ours, .. } = seen.instance else {
        return Step::Wait(None);
    };
    if seen.untold_failure && ours {
        return Step::Tell;
    }
    if !seen.prepared {
        return unless_paused(Step::Prepare);
    }
    if !ours {
        return Step::Wait(paused);
    }
    match seen.domain {
        Domain::Unknown => unless_paused(Step::Look),
        Domain::NotStarted if phase == Phase::Running => unless_paused(Step::Finish),
        Domain::NotStarted => unless_paused(Step::Start),
        Domain::Active if seen.reported => Step::Wait(None),
        Domain::Active => unless_paused(Step::Report),
        Domain::Ended => end(seen, unless_paused),
    }
}

/// The guest is to go down and may run.
fn stop(seen: &Observed, now: Instant, unless_paused: impl Fn(Step) -> Step) -> Step {
    match seen.domain {
        // libvirtd was not asked for by this process: it runs only if an earlier one did so, and Look finds that out.
        Domain::Unknown => unless_paused(Step::Look),
        Domain::NotStarted | Domain::Ended => end(seen, unless_paused),
        Domain::Active => match seen.stopping {
            None => Step::BeginStop,
            Some(stopping) if now >= stopping.deadline => unless_paused(Step::Destroy),
            Some(stopping) if now >= stopping.next_signal => Step::Signal,
            Some(stopping) => Step::Wait(Some(stopping.deadline.min(stopping.next_signal))),
        },
    }
}

/// No QEMU runs and none will.
fn end(seen: &Observed, unless_paused: impl Fn(Step) -> Step) -> Step {
    if seen.unfinished() {
        unless_paused(Step::Finish)
    } else if seen.exit_told {
        Step::Wait(None)
    } else {
        Step::Exit
    }
}

#[cfg(test)]
mod tests;
