//! What virt-launcher does about what happens: a plain state machine without I/O or clock, so that each rule is tested.

mod shutdown;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use crate::failure::Failure;
use shutdown::Shutdown;

/// How long virt-handler has to say `exit` after the guest's end.
const EXIT_WAIT: Duration = Duration::from_secs(30);
/// How long libvirtd and a last guest have to end when we exit.
const STOP_WAIT: Duration = Duration::from_secs(5);
/// How long libvirtd has until it accepts connections.
const DAEMON_WAIT: Duration = Duration::from_secs(60);
/// libvirtd is started again this often within [`RESTART_WINDOW`].
const RESTARTS: usize = 5;
const RESTART_WINDOW: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// kubelet wants the pod gone.
    Sigterm,
    /// A virt-handler has connected, in place of an earlier one.
    Connected,
    Disconnected,
    /// virt-handler's line.
    Line(String),
    /// The ephemeral disks are there, or not.
    DisksDone(Result<(), Failure>),
    /// libvirtd accepts connections.
    DaemonReady,
    /// libvirtd could not be executed.
    DaemonFailed(Failure),
    DaemonExited(i32),
    /// The guest's QEMU runs.
    GuestSeen(i32),
    GuestExited(i32),
    /// Time has passed.
    Tick,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Send a line to virt-handler.
    Send(String),
    StartDaemon,
    /// SIGTERM, or SIGKILL.
    StopDaemon {
        kill: bool,
    },
    /// Let the helper press the guest's power button.
    AskGuest,
    /// Let the helper end the guest.
    DestroyGuest,
    /// SIGTERM, or SIGKILL, to QEMU itself.
    StopGuest {
        kill: bool,
    },
    /// For the log.
    Log(String),
    Exit(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Daemon {
    Off,
    Starting { since: Instant },
    Ready,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guest {
    None,
    Running,
    Exited { status: i32, until: Instant },
}

#[derive(Debug)]
pub(crate) struct Supervisor {
    grace_period: Duration,
    start_deadline: Instant,
    connected: bool,
    disks: Option<Result<(), Failure>>,
    daemon: Daemon,
    daemon_failure: Option<Failure>,
    starts: Vec<Instant>,
    /// virt-handler waits for the answer to `start`.
    start_asked: bool,
    guest: Guest,
    shutdown: Option<Shutdown>,
    ending: Option<Ending>,
}

#[derive(Debug, Clone, Copy)]
struct Ending {
    code: u8,
    until: Instant,
    killed: bool,
}

impl Supervisor {
    pub(crate) fn new(now: Instant, grace_period: Duration, start_timeout: Duration) -> Self {
        Self {
            grace_period,
            start_deadline: now + start_timeout,
            connected: false,
            disks: None,
            daemon: Daemon::Off,
            daemon_failure: None,
            starts: Vec::new(),
            start_asked: false,
            guest: Guest::None,
            shutdown: None,
            ending: None,
        }
    }

    /// libvirtd was started and does not accept connections yet.
    pub(crate) fn awaits_daemon(&self) -> bool {
        matches!(self.daemon, Daemon::Starting { .. }) && self.ending.is_none()
    }

    pub(crate) fn guest_runs(&self) -> bool {
        self.guest == Guest::Running
    }

    pub(crate) fn on(&mut self, now: Instant, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Sigterm => self.sigterm(now, &mut actions),
            Event::Connected => self.connected(now, &mut actions),
            Event::Disconnected => {
                self.connected = false;
                self.start_asked = false;
            }
            Event::Line(line) => self.line(now, &line, &mut actions),
            Event::DisksDone(result) => {
                if let Err(failure) = &result {
                    actions.push(Action::Log(failure.to_string()));
                }
                self.disks = Some(result);
            }
            Event::DaemonReady => {
                if self.awaits_daemon() {
                    self.daemon = Daemon::Ready;
                }
            }
            Event::DaemonFailed(failure) => {
                actions.push(Action::Log(failure.to_string()));
                self.daemon = Daemon::Off;
                self.daemon_failure = Some(failure);
            }
            Event::DaemonExited(status) => self.daemon_exited(now, status, &mut actions),
            Event::GuestSeen(pid) => {
                if self.guest != Guest::Running {
                    actions.push(Action::Log(format!(
                        "the guest runs, QEMU is process {pid}"
                    )));
                    self.guest = Guest::Running;
                }
            }
            Event::GuestExited(status) => {
                actions.push(Action::Log(format!("QEMU has exited with status {status}")));
                actions.push(Action::Send(format!("event qemu-exited {status}")));
                let until = now + EXIT_WAIT;
                self.guest = Guest::Exited { status, until };
            }
            Event::Tick => {}
        }
        self.advance(now, &mut actions);
        actions
    }

    /// When [`Event::Tick`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        if let Some(ending) = self.ending {
            return Some(ending.until);
        }
        let daemon = match self.daemon {
            Daemon::Starting { since } => Some(since + DAEMON_WAIT),
            _ => None,
        };
        let guest = match self.guest {
            Guest::None => Some(self.start_deadline),
            Guest::Running => None,
            Guest::Exited { until, .. } => Some(until),
        };
        // With the guest's end the shutdown is over.
        let shutdown = match self.guest {
            Guest::Exited { .. } => None,
            _ => self.shutdown.as_ref().and_then(Shutdown::deadline),
        };
        [daemon, guest, shutdown].into_iter().flatten().min()
    }

    fn sigterm(&mut self, now: Instant, actions: &mut Vec<Action>) {
        if self.shutdown.is_some() {
            return;
        }
        actions.push(Action::Log("SIGTERM: the guest is to shut down".to_owned()));
        self.shutdown = Some(Shutdown::new(now, self.grace_period, self.connected));
        actions.push(Action::Send("event sigterm".to_owned()));
    }

    /// A virt-handler that was restarted learns what it missed.
    fn connected(&mut self, now: Instant, actions: &mut Vec<Action>) {
        self.connected = true;
        self.start_asked = false;
        if let Some(shutdown) = &mut self.shutdown {
            shutdown.offer(now);
            actions.push(Action::Send("event sigterm".to_owned()));
        }
        if let Guest::Exited { status, .. } = self.guest {
            actions.push(Action::Send(format!("event qemu-exited {status}")));
        }
    }

    fn line(&mut self, now: Instant, line: &str, actions: &mut Vec<Action>) {
        let answer = match line {
            "hello 1" => Some("ok 1".to_owned()),
            "start" => self.start(now, actions),
            "exit" => {
                actions.push(Action::Log("virt-handler says that it is done".to_owned()));
                self.end(now, 0, actions);
                Some("ok".to_owned())
            }
            "handling" => {
                if let Some(shutdown) = &mut self.shutdown {
                    shutdown.taken_over();
                }
                Some("ok".to_owned())
            }
            other => {
                let shown: String = other.chars().take(40).collect();
                Some(format!(
                    "error protocol: virt-launcher speaks version 1 and does not know {shown:?}"
                ))
            }
        };
        if let Some(answer) = answer {
            // Before what follows from it.
            actions.insert(0, Action::Send(answer));
        }
    }

    fn start(&mut self, now: Instant, actions: &mut Vec<Action>) -> Option<String> {
        if self.ending.is_some() || (self.shutdown.is_some() && self.guest != Guest::Running) {
            return Some("error pod: it is being deleted, no guest is started in it".to_owned());
        }
        self.start_asked = true;
        if self.daemon == Daemon::Off {
            self.daemon_failure = None;
            self.starts.clear();
            self.start_daemon(now, actions);
        }
        None
    }

    fn start_daemon(&mut self, now: Instant, actions: &mut Vec<Action>) {
        self.starts.push(now);
        self.daemon = Daemon::Starting { since: now };
        actions.push(Action::StartDaemon);
    }

    fn daemon_exited(&mut self, now: Instant, status: i32, actions: &mut Vec<Action>) {
        self.daemon = Daemon::Off;
        if self.ending.is_some() {
            return;
        }
        actions.push(Action::Log(format!(
            "libvirtd has exited with status {status}"
        )));
        actions.push(Action::Send(format!("event libvirtd-exited {status}")));
        self.starts.retain(|start| now < *start + RESTART_WINDOW);
        if self.starts.len() <= RESTARTS {
            self.start_daemon(now, actions);
        } else {
            self.daemon_failure = Some(Failure::new(
                "libvirtd",
                format!(
                    "it exits again and again, last with status {status}; the log of the container compute says why"
                ),
            ));
        }
    }

    /// What follows from the state and the time.
    fn advance(&mut self, now: Instant, actions: &mut Vec<Action>) {
        self.answer_start(actions);
        if let Daemon::Starting { since } = self.daemon
            && now >= since + DAEMON_WAIT
            && self.ending.is_none()
        {
            self.daemon = Daemon::Starting { since: now };
            actions.push(Action::Log(
                "libvirtd does not accept connections, it is killed".to_owned(),
            ));
            actions.push(Action::StopDaemon { kill: true });
        }
        if self.ending.is_none() {
            self.end_of_guest(now, actions);
        }
        if self.ending.is_none()
            && let Some(shutdown) = &mut self.shutdown
        {
            if self.guest == Guest::Running {
                shutdown.advance(now, self.connected, actions);
            } else if self.guest == Guest::None && !shutdown.awaits_handler(now, self.connected) {
                self.end(now, 0, actions);
            }
        }
        self.finish(now, actions);
    }

    fn answer_start(&mut self, actions: &mut Vec<Action>) {
        if !self.start_asked {
            return;
        }
        let failure = match &self.disks {
            Some(Err(failure)) => Some(failure),
            _ => self.daemon_failure.as_ref(),
        };
        let answer = match (failure, &self.disks, self.daemon) {
            (Some(failure), ..) => format!("error {failure}"),
            (None, Some(Ok(())), Daemon::Ready) => "ok".to_owned(),
            _ => return,
        };
        self.start_asked = false;
        actions.push(Action::Send(answer));
    }

    fn end_of_guest(&mut self, now: Instant, actions: &mut Vec<Action>) {
        match self.guest {
            Guest::None if now >= self.start_deadline => {
                let text = "no guest was started in time, the pod ends";
                actions.push(Action::Log(text.to_owned()));
                self.end(now, 1, actions);
            }
            Guest::Exited { status, until } => {
                // With SIGTERM and nobody connected, nobody will come.
                let alone = self.shutdown.is_some() && !self.connected;
                if now >= until || alone {
                    self.end(now, u8::from(status != 0), actions);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, now: Instant, code: u8, actions: &mut Vec<Action>) {
        if self.ending.is_some() {
            return;
        }
        self.ending = Some(Ending {
            code,
            until: now + STOP_WAIT,
            killed: false,
        });
        if self.guest == Guest::Running {
            // It writes out what it has when it is asked.
            actions.push(Action::StopGuest { kill: false });
        } else if self.daemon != Daemon::Off {
            actions.push(Action::StopDaemon { kill: false });
        }
    }

    /// Ends as soon as QEMU and libvirtd have ended, or their time is up.
    fn finish(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let Some(ending) = &mut self.ending else {
            return;
        };
        let guest_runs = self.guest == Guest::Running;
        if now >= ending.until || (self.daemon == Daemon::Off && !guest_runs) {
            // What is left ends with this process, the first of its PID namespace.
            actions.push(Action::Exit(ending.code));
        } else if !guest_runs && !ending.killed {
            ending.killed = true;
            if !actions.contains(&Action::StopDaemon { kill: false }) {
                actions.push(Action::StopDaemon { kill: false });
            }
        }
    }
}
