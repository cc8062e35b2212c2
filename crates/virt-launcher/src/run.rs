//! The loop: waits, tells the supervisor what happened and does what it says.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::Signal;
use signal_hook::consts::{SIGCHLD, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::low_level::pipe;

use crate::args::Arguments;
use crate::children::{Children, signal};
use crate::connection::{Connection, Listener};
use crate::disks;
use crate::failure::Failure;
use crate::guest::GuestFile;
use crate::layout::Layout;
use crate::libvirt::{Home, make_directory};
use crate::supervisor::{Action, Event, Supervisor};

/// While libvirtd starts: it takes some 30 ms.
const DAEMON_POLL: Duration = Duration::from_millis(3);
/// While no guest is known; its end is noticed at once, this is for its start.
const GUEST_POLL: Duration = Duration::from_secs(1);
const IDLE_POLL: Duration = Duration::from_secs(3600);

/// Runs until the guest has ended and says with which status to exit.
pub(crate) fn run(layout: &Layout, arguments: Arguments) -> Result<u8, Failure> {
    let signals = Signals::take()
        .map_err(|error| Failure::new("virt-launcher", format!("cannot take signals: {error}")))?;
    Children::adopt_orphans()
        .map_err(|error| Failure::new("virt-launcher", format!("cannot adopt orphans: {error}")))?;
    let listener = Listener::open(layout)?;
    let home = Home::of_pod(layout);
    make_directories(layout, &arguments)?;
    home.configure(layout)?;

    let children = Children::default();
    let (waker, results) = prepare_disks(layout, &children, &arguments)?;
    let now = Instant::now();
    let mut launcher = Launcher {
        layout,
        guest_file: GuestFile::new(layout, &arguments.domain()),
        supervisor: Supervisor::new(now, arguments.grace_period, arguments.start_timeout),
        domain: arguments.domain(),
        home,
        children,
        connection: None,
        daemon: None,
        guest: None,
        last_guest: None,
        exit: None,
    };
    launcher.serve(&signals, &listener, waker, &results)
}

/// Each becomes readable after its signals. Handlers, not a blocked mask and a signalfd: a mask would go on to libvirtd and
/// QEMU, which then could not be ended.
struct Signals {
    child: UnixStream,
    terminate: UnixStream,
}

impl Signals {
    fn take() -> io::Result<Self> {
        let (child, for_child) = UnixStream::pair()?;
        let (terminate, for_terminate) = UnixStream::pair()?;
        pipe::register(SIGCHLD, for_child)?;
        for signal in [SIGTERM, SIGINT, SIGQUIT] {
            pipe::register(signal, for_terminate.try_clone()?)?;
        }
        child.set_nonblocking(true)?;
        terminate.set_nonblocking(true)?;
        Ok(Self { child, terminate })
    }
}

/// Empties a pipe of [`Signals`]; how often the signal came does not matter.
fn drain(mut stream: &UnixStream) {
    let mut buffer = [0; 256];
    while matches!(stream.read(&mut buffer), Ok(length) if length == buffer.len()) {}
}

fn make_directories(layout: &Layout, arguments: &Arguments) -> Result<(), Failure> {
    let run = layout.runtime().join("libvirt/qemu/run");
    make_directory(&layout.private().join(&arguments.uid), 0o750)?;
    make_directory(&layout.private().join("vmi-disks"), 0o750)?;
    make_directory(&run, 0o700)
}

/// Prepares the disks on a thread. The stream becomes readable when the result is there.
fn prepare_disks(
    layout: &Layout,
    children: &Children,
    arguments: &Arguments,
) -> Result<(UnixStream, mpsc::Receiver<Result<(), Failure>>), Failure> {
    let failed =
        |error: io::Error| Failure::new("virt-launcher", format!("cannot start a thread: {error}"));
    let (sender, receiver) = mpsc::channel();
    let (waker, mut wake) = UnixStream::pair().map_err(failed)?;
    let (layout, children, list) = (layout.clone(), children.clone(), arguments.disks.clone());
    std::thread::Builder::new()
        .name("disks".to_owned())
        .stack_size(128 * 1024)
        .spawn(move || {
            let result = disks::prepare(&layout, &children, &list);
            // The other end lives as long as the process.
            let _ = sender.send(result);
            let _ = wake.write_all(b"x");
        })
        .map_err(failed)?;
    Ok((waker, receiver))
}

struct Launcher<'a> {
    layout: &'a Layout,
    home: Home,
    domain: String,
    children: Children,
    guest_file: GuestFile,
    supervisor: Supervisor,
    connection: Option<Connection>,
    daemon: Option<i32>,
    guest: Option<i32>,
    /// The last guest that ended: its number may stand in libvirt's file a little longer.
    last_guest: Option<i32>,
    exit: Option<u8>,
}

impl Launcher<'_> {
    fn serve(
        &mut self,
        signals: &Signals,
        listener: &Listener,
        waker: UnixStream,
        results: &mpsc::Receiver<Result<(), Failure>>,
    ) -> Result<u8, Failure> {
        let mut waker = Some(waker);
        loop {
            let ready = self.wait(signals, listener, waker.as_ref())?;
            self.look_for_guest();
            if ready.disks && waker.take().is_some() {
                let gone = || Failure::new("virt-launcher", "preparing the disks ended early");
                let result = results.try_recv().unwrap_or_else(|_| Err(gone()));
                self.happens(Event::DisksDone(result));
            }
            if ready.child {
                drain(&signals.child);
                self.reap();
            }
            if ready.terminate {
                drain(&signals.terminate);
                self.happens(Event::Sigterm);
            }
            if ready.connection {
                self.read_connection();
            }
            if ready.listener
                && let Some(connection) = listener.accept()
            {
                self.connection = Some(connection);
                self.happens(Event::Connected);
            }
            if self.supervisor.awaits_daemon() && self.daemon.is_some() && self.home.accepts() {
                self.happens(Event::DaemonReady);
            }
            self.happens(Event::Tick);
            if let Some(code) = self.exit {
                return Ok(code);
            }
        }
    }

    fn wait(
        &self,
        signals: &Signals,
        listener: &Listener,
        waker: Option<&UnixStream>,
    ) -> Result<Ready, Failure> {
        let mut limit = match self.supervisor.deadline() {
            Some(deadline) => deadline.saturating_duration_since(Instant::now()),
            None => IDLE_POLL,
        };
        if self.supervisor.awaits_daemon() {
            limit = limit.min(DAEMON_POLL);
        } else if self.daemon.is_some() && !self.supervisor.guest_runs() {
            limit = limit.min(GUEST_POLL);
        }
        // Rounded up, so that the deadline has passed when the wait is over.
        let limit = limit.min(IDLE_POLL) + Duration::from_micros(1);
        let timeout = Timespec::try_from(limit).map_err(|error| {
            Failure::new("virt-launcher", format!("cannot wait {limit:?}: {error}"))
        })?;
        let mut fds = vec![
            PollFd::new(&signals.child, PollFlags::IN),
            PollFd::new(&signals.terminate, PollFlags::IN),
            PollFd::new(listener, PollFlags::IN),
        ];
        let connection = self.connection.as_ref().map(|connection| {
            let mut flags = PollFlags::IN;
            flags.set(PollFlags::OUT, connection.wants_to_write());
            fds.push(PollFd::from_borrowed_fd(connection.as_fd(), flags));
            fds.len() - 1
        });
        let disks = waker.map(|waker| {
            fds.push(PollFd::new(waker, PollFlags::IN));
            fds.len() - 1
        });
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(errno) => {
                return Err(Failure::new(
                    "virt-launcher",
                    format!("cannot wait: {errno}"),
                ));
            }
        }
        let is_ready = |index: usize| fds.get(index).is_some_and(|fd| !fd.revents().is_empty());
        Ok(Ready {
            child: is_ready(0),
            terminate: is_ready(1),
            listener: is_ready(2),
            connection: connection.is_some_and(is_ready),
            disks: disks.is_some_and(is_ready),
        })
    }

    /// Before anything is reaped: libvirt removes its file when QEMU is gone for good.
    fn look_for_guest(&mut self) {
        if let Some(pid) = self.guest {
            // Not a child of ours after all: nobody tells its end.
            if !crate::guest::exists(pid) {
                self.guest = None;
                self.last_guest = Some(pid);
                self.happens(Event::GuestExited(255));
            }
            return;
        }
        if self.daemon.is_none() {
            return;
        }
        if let Some(pid) = self
            .guest_file
            .read()
            .filter(|pid| Some(*pid) != self.last_guest)
        {
            self.guest = Some(pid);
            self.happens(Event::GuestSeen(pid));
        }
    }

    fn reap(&mut self) {
        for exit in self.children.reap() {
            if self.guest == Some(exit.pid) {
                self.guest = None;
                self.last_guest = Some(exit.pid);
                self.happens(Event::GuestExited(exit.status));
            } else if self.daemon == Some(exit.pid) {
                self.daemon = None;
                self.happens(Event::DaemonExited(exit.status));
            }
        }
    }

    fn read_connection(&mut self) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        match connection.flush().and_then(|()| connection.read()) {
            Ok(lines) => {
                for line in lines {
                    self.happens(Event::Line(line));
                }
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::UnexpectedEof {
                    eprintln!("virt-launcher: virt-handler's connection is closed: {error}");
                }
                self.disconnect();
            }
        }
    }

    fn disconnect(&mut self) {
        self.connection = None;
        self.happens(Event::Disconnected);
    }

    fn happens(&mut self, event: Event) {
        let actions = self.supervisor.on(Instant::now(), event);
        for action in actions {
            self.act(action);
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Send(line) => {
                if let Some(connection) = &mut self.connection
                    && connection.send(&line).is_err()
                {
                    self.disconnect();
                }
            }
            Action::StartDaemon => self.start_daemon(),
            Action::StopDaemon { kill } => stop(self.daemon, kill),
            Action::StopGuest { kill } => stop(self.guest, kill),
            Action::AskGuest => {
                let domain = self.domain.clone();
                self.virsh(&["shutdown", &domain, "--mode", "acpi"]);
            }
            Action::DestroyGuest => {
                let domain = self.domain.clone();
                self.virsh(&["destroy", &domain]);
            }
            Action::Log(text) => eprintln!("virt-launcher: {text}"),
            Action::Exit(code) => self.exit = Some(code),
        }
    }

    fn start_daemon(&mut self) {
        let mut command = self.home.libvirtd(self.layout);
        match self.children.spawn(&mut command) {
            Ok(pid) => self.daemon = Some(pid),
            Err(error) => {
                let path = self.layout.libvirtd();
                let message = format!("cannot run {}: {error}", path.display());
                self.happens(Event::DaemonFailed(Failure::new("libvirtd", message)));
            }
        }
    }

    fn virsh(&self, arguments: &[&str]) {
        eprintln!("virt-launcher: virsh {}", arguments.join(" "));
        let mut command = self.home.virsh(self.layout, arguments);
        if let Err(error) = self.children.spawn(&mut command) {
            eprintln!("virt-launcher: cannot run virsh: {error}");
        }
    }
}

fn stop(pid: Option<i32>, kill: bool) {
    if let Some(pid) = pid {
        signal(pid, if kill { Signal::KILL } else { Signal::TERM });
    }
}

/// What [`poll`] found.
#[derive(Debug, Clone, Copy)]
struct Ready {
    child: bool,
    terminate: bool,
    listener: bool,
    connection: bool,
    disks: bool,
}
