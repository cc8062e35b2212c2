use std::time::{Duration, Instant};

use super::{Action, Event, Supervisor};
use crate::failure::Failure;

/// A supervisor with its clock.
struct Stage {
    supervisor: Supervisor,
    now: Instant,
}

impl Stage {
    fn new() -> Self {
        let now = Instant::now();
        let supervisor = Supervisor::new(now, Duration::from_secs(12), Duration::from_secs(300));
        Self { supervisor, now }
    }

    /// libvirtd runs, the disks are there, virt-handler is connected, the guest runs.
    fn running() -> Self {
        let mut stage = Self::new();
        stage.does(Event::DisksDone(Ok(())));
        stage.does(Event::Connected);
        stage.says("start");
        stage.does(Event::DaemonReady);
        stage.does(Event::GuestSeen(7));
        stage
    }

    /// What is done, without the log.
    fn does(&mut self, event: Event) -> Vec<Action> {
        let mut actions = self.supervisor.on(self.now, event);
        actions.retain(|action| !matches!(action, Action::Log(_)));
        actions
    }

    fn says(&mut self, line: &str) -> Vec<Action> {
        self.does(Event::Line(line.to_owned()))
    }

    fn after(&mut self, seconds: u64) -> Vec<Action> {
        self.now += Duration::from_secs(seconds);
        self.does(Event::Tick)
    }
}

fn send(line: &str) -> Action {
    Action::Send(line.to_owned())
}

const STOP_DAEMON: Action = Action::StopDaemon { kill: false };

#[test]
fn start_waits_for_disks_and_libvirtd() {
    let mut stage = Stage::new();
    stage.does(Event::Connected);
    assert_eq!(stage.says("hello 1"), [send("ok 1")]);
    assert_eq!(stage.says("start"), [Action::StartDaemon]);
    assert_eq!(stage.says("start"), [], "once");
    assert_eq!(stage.does(Event::DaemonReady), []);
    assert_eq!(stage.does(Event::DisksDone(Ok(()))), [send("ok")]);
    assert_eq!(stage.says("start"), [send("ok")], "repeating is harmless");
}

#[test]
fn a_failed_disk_is_told() {
    let mut stage = Stage::new();
    stage.does(Event::Connected);
    stage.says("start");
    let failure = Failure::new("volume root", "it is not there");
    let told = stage.does(Event::DisksDone(Err(failure)));
    assert_eq!(told, [send("error volume root: it is not there")]);
}

#[test]
fn an_unknown_line_is_answered() {
    let mut stage = Stage::new();
    let answer = stage.says("hello 2");
    assert!(
        matches!(answer.as_slice(), [Action::Send(text)] if text.starts_with("error protocol: "))
    );
}

#[test]
fn libvirtd_is_started_again_but_not_for_ever() {
    let mut stage = Stage::running();
    for _ in 0..5 {
        let actions = stage.does(Event::DaemonExited(139));
        assert_eq!(
            actions,
            [send("event libvirtd-exited 139"), Action::StartDaemon]
        );
    }
    assert_eq!(
        stage.does(Event::DaemonExited(139)),
        [send("event libvirtd-exited 139")]
    );
    assert_eq!(
        stage.says("start"),
        [Action::StartDaemon],
        "virt-handler may try again"
    );
    stage.does(Event::DaemonReady);
    stage.now += Duration::from_secs(120);
    let actions = stage.does(Event::DaemonExited(139));
    assert!(
        actions.contains(&Action::StartDaemon),
        "rare crashes do not add up"
    );
}

#[test]
fn a_libvirtd_that_never_listens_is_killed() {
    let mut stage = Stage::new();
    stage.does(Event::DisksDone(Ok(())));
    stage.does(Event::Connected);
    stage.says("start");
    assert_eq!(stage.after(61), [Action::StopDaemon { kill: true }]);
}

#[test]
fn virt_handler_shuts_down() {
    let mut stage = Stage::running();
    assert_eq!(stage.does(Event::Sigterm), [send("event sigterm")]);
    assert_eq!(stage.says("handling"), [send("ok")]);
    assert_eq!(stage.after(10), []);
    assert_eq!(stage.does(Event::Sigterm), [], "a second one is the same");
    assert_eq!(
        stage.does(Event::GuestExited(0)),
        [send("event qemu-exited 0")]
    );
    assert_eq!(stage.says("exit"), [send("ok"), STOP_DAEMON]);
    assert_eq!(stage.does(Event::DaemonExited(0)), [Action::Exit(0)]);
}

#[test]
fn nobody_handles_sigterm() {
    let mut stage = Stage::running();
    stage.does(Event::Disconnected);
    let first = stage.does(Event::Sigterm);
    assert_eq!(first, [send("event sigterm"), Action::AskGuest]);
    assert_eq!(stage.after(4), []);
    assert_eq!(stage.after(1), [Action::AskGuest]);
    assert_eq!(stage.after(5), [Action::AskGuest]);
    assert_eq!(
        stage.after(2),
        [Action::DestroyGuest],
        "after the grace period"
    );
    assert_eq!(stage.after(5), [Action::DestroyGuest]);
    assert_eq!(stage.after(5), [Action::StopGuest { kill: true }]);
    let end = stage.does(Event::GuestExited(137));
    assert_eq!(end, [send("event qemu-exited 137"), STOP_DAEMON]);
    assert_eq!(stage.does(Event::DaemonExited(0)), [Action::Exit(1)]);
}

#[test]
fn virt_handler_is_silent_or_goes_away() {
    let mut stage = Stage::running();
    stage.does(Event::Sigterm);
    assert_eq!(stage.after(1), []);
    assert_eq!(stage.after(1), [Action::AskGuest], "no answer for 2 s");
    // One that comes back takes over.
    stage.does(Event::Connected);
    stage.says("handling");
    assert_eq!(stage.after(5), []);
    assert_eq!(stage.does(Event::Disconnected), [Action::AskGuest]);
}

#[test]
fn virt_handler_takes_for_ever() {
    let mut stage = Stage::running();
    stage.does(Event::Sigterm);
    stage.says("handling");
    assert_eq!(stage.after(12 + 14), []);
    let late = stage.after(1);
    assert!(!late.is_empty(), "15 s after the grace period");
}

#[test]
fn the_guest_ends_and_nobody_says_exit() {
    for (status, code) in [(0, 0), (1, 1), (137, 1)] {
        let mut stage = Stage::running();
        stage.does(Event::GuestExited(status));
        assert_eq!(stage.after(29), []);
        // A virt-handler that was away hears it.
        let told = stage.does(Event::Connected);
        assert_eq!(told, [send(&format!("event qemu-exited {status}"))]);
        assert_eq!(stage.after(1), [STOP_DAEMON]);
        assert_eq!(
            stage.after(5),
            [Action::Exit(code)],
            "libvirtd takes too long"
        );
    }
}

#[test]
fn a_guest_that_is_started_again_lives() {
    let mut stage = Stage::running();
    stage.does(Event::GuestExited(1));
    stage.does(Event::GuestSeen(8));
    assert_eq!(stage.after(100), []);
}

#[test]
fn no_guest_in_time() {
    let mut stage = Stage::new();
    assert_eq!(stage.after(299), []);
    assert_eq!(stage.after(1), [Action::Exit(1)]);
}

#[test]
fn sigterm_without_a_guest() {
    let mut alone = Stage::new();
    let actions = alone.does(Event::Sigterm);
    assert_eq!(actions, [send("event sigterm"), Action::Exit(0)]);

    let mut watched = Stage::new();
    watched.does(Event::Connected);
    assert_eq!(watched.does(Event::Sigterm), [send("event sigterm")]);
    let refused = watched.says("start");
    assert!(matches!(refused.as_slice(), [Action::Send(text)] if text.starts_with("error pod: ")));
    assert_eq!(watched.after(2), [Action::Exit(0)]);
}

#[test]
fn exit_lets_a_running_guest_write_out_what_it_has() {
    let mut stage = Stage::running();
    assert_eq!(
        stage.says("exit"),
        [send("ok"), Action::StopGuest { kill: false }]
    );
    let end = stage.does(Event::GuestExited(0));
    assert_eq!(end, [send("event qemu-exited 0"), STOP_DAEMON]);
    assert_eq!(stage.does(Event::DaemonExited(0)), [Action::Exit(0)]);
}

/// Whatever happens in whatever order: no tick is asked for in the past twice, so that the loop never spins.
#[test]
fn the_deadline_moves_on() {
    let mut random = 88_172_645_463_325_252_u64;
    for _ in 0..3000 {
        let mut stage = Stage::new();
        for _ in 0..40 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let event = match random % 12 {
                0 => Event::Sigterm,
                1 => Event::Connected,
                2 => Event::Disconnected,
                3 | 4 => Event::Line("start".to_owned()),
                5 => Event::Line("handling".to_owned()),
                6 => Event::DisksDone(Ok(())),
                7 => Event::DaemonReady,
                8 => Event::DaemonExited(1),
                9 => Event::GuestSeen(7),
                10 => Event::GuestExited(1),
                _ => Event::Tick,
            };
            let mut ended = stage.does(event);
            stage.now += Duration::from_millis(random % 9000);
            ended.extend(stage.does(Event::Tick));
            if ended.iter().any(|action| matches!(action, Action::Exit(_))) {
                break;
            }
            let deadline = stage.supervisor.deadline();
            assert!(
                deadline.is_none_or(|deadline| deadline > stage.now),
                "{:?}",
                stage.supervisor
            );
        }
    }
}
