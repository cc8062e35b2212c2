use super::*;

fn present(phase: Phase, ours: bool) -> Instance {
    Instance::Present {
        phase,
        deleting: false,
        ours,
    }
}

/// A running guest, all reported.
fn running() -> Observed {
    Observed {
        pod: Pod::Alive,
        instance: present(Phase::Running, true),
        launcher: Launcher::Connected,
        terminated: false,
        prepared: true,
        domain: Domain::Active,
        reported: true,
        stopping: None,
        untold_failure: false,
        retry_at: None,
        exit_told: false,
    }
}

/// A launcher pod that was just bound to the node.
fn fresh() -> Observed {
    Observed {
        instance: present(Phase::Scheduling, false),
        launcher: Launcher::Apart,
        prepared: false,
        domain: Domain::Unknown,
        reported: false,
        ..running()
    }
}

#[test]
fn the_road_to_running() {
    let now = Instant::now();
    let mut seen = fresh();
    assert_eq!(plan(&seen, now), Step::Connect);
    seen.launcher = Launcher::Connected;
    assert_eq!(plan(&seen, now), Step::Prepare);
    seen.prepared = true;
    assert_eq!(plan(&seen, now), Step::Wait(None), "not handed over");
    seen.instance = present(Phase::Scheduled, true);
    assert_eq!(plan(&seen, now), Step::Look);
    seen.domain = Domain::NotStarted;
    assert_eq!(plan(&seen, now), Step::Start);
    seen.domain = Domain::Active;
    assert_eq!(plan(&seen, now), Step::Report);
    seen.reported = true;
    seen.instance = present(Phase::Running, true);
    assert_eq!(plan(&seen, now), Step::Wait(None));
}

#[test]
fn nothing_is_prepared_for_an_unknown_instance() {
    let seen = Observed {
        instance: Instance::Unknown,
        launcher: Launcher::Connected,
        ..fresh()
    };
    assert_eq!(plan(&seen, Instant::now()), Step::Wait(None));
}

#[test]
fn each_wish_to_go_down_is_heard() {
    let now = Instant::now();
    let deleting = Instance::Present {
        phase: Phase::Running,
        deleting: true,
        ours: true,
    };
    let wishes = [
        Observed {
            instance: deleting,
            ..running()
        },
        Observed {
            instance: Instance::Gone,
            ..running()
        },
        Observed {
            pod: Pod::Deleting,
            ..running()
        },
        Observed {
            terminated: true,
            ..running()
        },
    ];
    for seen in wishes {
        assert_eq!(plan(&seen, now), Step::BeginStop, "{seen:?}");
    }
}

#[test]
fn a_shutdown_signals_again_and_destroys_in_the_end() {
    let now = Instant::now();
    let second = |seconds| now + Duration::from_secs(seconds);
    let stopping = |deadline, next_signal| {
        Some(Stopping {
            deadline: second(deadline),
            next_signal: second(next_signal),
        })
    };
    let seen = |stopping| Observed {
        terminated: true,
        stopping,
        ..running()
    };
    for (stopping, expected) in [
        (stopping(30, 0), Step::Signal),
        (stopping(30, 5), Step::Wait(Some(second(5)))),
        (stopping(3, 5), Step::Wait(Some(second(3)))),
        (stopping(0, 0), Step::Destroy),
        (stopping(0, 5), Step::Destroy),
    ] {
        assert_eq!(plan(&seen(stopping), now), expected, "{stopping:?}");
    }
}

#[test]
fn the_end_is_written_once_and_then_the_launcher_exits() {
    let now = Instant::now();
    let mut seen = Observed {
        domain: Domain::Ended,
        reported: false,
        ..running()
    };
    assert_eq!(plan(&seen, now), Step::Finish);
    seen.instance = present(Phase::Succeeded, true);
    assert_eq!(plan(&seen, now), Step::Exit);
    seen.exit_told = true;
    assert_eq!(plan(&seen, now), Step::Wait(None));
    seen.launcher = Launcher::Apart;
    assert_eq!(
        plan(&seen, now),
        Step::Wait(None),
        "a launcher that was told to exit is not looked for"
    );
    seen.pod = Pod::Gone;
    assert_eq!(plan(&seen, now), Step::Forget);
}

#[test]
fn a_guest_without_an_instance_goes_down_without_a_write() {
    let now = Instant::now();
    let seen = Observed {
        instance: Instance::Gone,
        domain: Domain::Ended,
        ..running()
    };
    assert_eq!(plan(&seen, now), Step::Exit);
}

#[test]
fn deleted_before_the_hand_over_nothing_is_written() {
    let now = Instant::now();
    let seen = Observed {
        pod: Pod::Deleting,
        launcher: Launcher::Connected,
        domain: Domain::NotStarted,
        ..fresh()
    };
    assert_eq!(plan(&seen, now), Step::Exit);
}

#[test]
fn a_pod_that_ended_leaves_only_the_final_phase() {
    let now = Instant::now();
    let seen = Observed {
        pod: Pod::Ended,
        launcher: Launcher::Apart,
        domain: Domain::Unknown,
        ..running()
    };
    assert_eq!(plan(&seen, now), Step::Finish);
    assert_eq!(
        plan(
            &Observed {
                instance: present(Phase::Scheduling, false),
                ..seen
            },
            now
        ),
        Step::Wait(None)
    );
    assert_eq!(
        plan(
            &Observed {
                instance: Instance::Gone,
                ..seen
            },
            now
        ),
        Step::Wait(None)
    );
}

#[test]
fn a_running_instance_whose_domain_is_not_there_has_ended() {
    let seen = Observed {
        domain: Domain::NotStarted,
        ..running()
    };
    assert_eq!(plan(&seen, Instant::now()), Step::Finish);
}

#[test]
fn a_restarted_handler_looks_before_it_writes() {
    let now = Instant::now();
    let mut seen = Observed {
        launcher: Launcher::Apart,
        prepared: false,
        domain: Domain::Unknown,
        reported: false,
        ..running()
    };
    assert_eq!(plan(&seen, now), Step::Connect);
    seen.launcher = Launcher::Connected;
    assert_eq!(plan(&seen, now), Step::Prepare);
    seen.prepared = true;
    assert_eq!(plan(&seen, now), Step::Look);
    // A guest that ended meanwhile is not started again.
    seen.domain = Domain::Ended;
    assert_eq!(plan(&seen, now), Step::Finish);
}

#[test]
fn failures_are_told_and_pause_the_next_attempt_but_not_the_end() {
    let now = Instant::now();
    let later = now + Duration::from_secs(7);
    let failed = Observed {
        instance: present(Phase::Scheduled, true),
        domain: Domain::NotStarted,
        reported: false,
        untold_failure: true,
        retry_at: Some(later),
        ..running()
    };
    assert_eq!(plan(&failed, now), Step::Tell);
    let told = Observed {
        untold_failure: false,
        ..failed
    };
    assert_eq!(plan(&told, now), Step::Wait(Some(later)));
    assert_eq!(plan(&told, later), Step::Start);
    let unowned = Observed {
        instance: present(Phase::Scheduling, false),
        prepared: false,
        ..failed
    };
    assert_eq!(
        plan(&unowned, now),
        Step::Wait(Some(later)),
        "before the hand-over nothing is written"
    );
    let dying = Observed {
        domain: Domain::Active,
        terminated: true,
        ..failed
    };
    assert_eq!(plan(&dying, now), Step::BeginStop);
}
