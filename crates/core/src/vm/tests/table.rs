//! Contract 2.1, 2.2 and 2.4, row by row.

use k8s_openapi::jiff::SignedDuration;
use kubevirt_api::{
    Condition, StateChangeRequestAction as Request, VirtualMachineInstancePhase as Phase,
    VirtualMachinePrintableStatus as Printable,
};
use rstest::rstest;

use super::fixture::World;
use crate::vm::{Action, Failure, has_recorded};

#[test]
fn a_start_takes_two_writes_until_the_guest_is_starting() {
    let mut world = World::new("Always");
    world.settle();
    assert_eq!(world.made, 1);
    assert_eq!(world.writes, 2, "POST of the instance and one status");
    assert_eq!(world.events.len(), 1);
    assert_eq!(
        world.events[0].message,
        "Started the virtual machine by creating the new virtual machine instance gold"
    );
    let instance = world.instance.clone().unwrap();
    assert_eq!(instance.metadata.labels.unwrap()["a"], "b");
    assert_eq!(
        instance.metadata.annotations.unwrap()["kubevirt.io/vm-generation"],
        "1"
    );
    assert_eq!(
        instance.metadata.finalizers.unwrap(),
        ["kubevirt.io/virtualMachineControllerFinalize"]
    );
    assert_eq!(instance.metadata.owner_references.unwrap()[0].uid, "m");
    let status = world.status();
    assert_eq!((status.created, status.ready), (Some(true), Some(false)));
    assert_eq!(status.run_strategy.as_deref(), Some("Always"));
    assert_eq!(
        (status.observed_generation, status.desired_generation),
        (Some(1), Some(1))
    );
    assert_eq!(status.printable_status, Printable::Starting);
    world.enter(Phase::Running);
    world.condition("Ready", true, "");
    world.condition("LiveMigratable", true, "");
    world.settle();
    assert_eq!(world.writes, 3, "and one when the guest runs");
    let status = world.status();
    assert_eq!(
        (status.ready, status.printable_status),
        (Some(true), Printable::Running)
    );
    assert!(Condition::is_true(&status.conditions, "LiveMigratable"));
}

#[test]
fn a_machine_from_before_it_had_an_identity_gets_that_of_its_name_first() {
    let mut world = World::new("Always");
    world.machine.spec.template.spec.domain.firmware = None;
    world.settle();
    let instance = world.instance.clone().unwrap();
    let firmware = |firmware: Option<kubevirt_api::Firmware>| firmware.unwrap().uuid.unwrap();
    let stored = firmware(world.machine.spec.template.spec.domain.firmware.clone());
    assert_eq!(
        stored,
        crate::defaults::legacy_firmware_uuid("gold").to_string()
    );
    assert_eq!(firmware(instance.spec.domain.firmware), stored);
    assert_eq!(world.writes, 3, "one more than others");
    let mut halted = World::new("Halted");
    halted.machine.spec.template.spec.domain.firmware = None;
    halted.settle();
    assert_eq!(
        halted.machine.spec.template.spec.domain.firmware, None,
        "a machine that does not start is left alone"
    );
}

#[test]
fn the_first_status_waits_for_the_first_news() {
    let mut world = World::new("Always");
    world.step();
    world
        .instance
        .as_mut()
        .unwrap()
        .status
        .as_mut()
        .unwrap()
        .conditions
        .clear();
    let plan = world.plan();
    assert!(plan.actions.is_empty());
    assert_eq!(plan.requeue_after, Some(SignedDuration::from_secs(2)));
    world.pass(2);
    assert!(
        matches!(world.plan().actions[..], [Action::PatchStatus(_)]),
        "but not for ever"
    );
}

#[test]
fn a_machine_from_before_the_webhook_gets_its_finalizer_before_its_instance() {
    let mut world = World::new("Always");
    world.machine.metadata.finalizers = None;
    world.step();
    assert_eq!(world.made, 0);
    assert_eq!(
        world.machine.metadata.finalizers.clone().unwrap(),
        ["kubevirt.io/virtualMachineControllerFinalize"]
    );
    world.settle();
    assert_eq!(world.made, 1);
}

#[rstest]
// Without an instance: is one made? And with a start request?
#[case("Always", true, true)]
#[case("Once", true, true)]
#[case("RerunOnFailure", true, true)]
#[case("Manual", false, true)]
#[case("Halted", false, true)]
#[case("", false, false)]
fn without_an_instance(#[case] strategy: &str, #[case] plain: bool, #[case] requested: bool) {
    let mut world = World::new(strategy);
    world.settle();
    assert_eq!(world.instance.is_some(), plain);
    let mut world = World::new(strategy);
    world.request(Request::Start, None);
    world.settle();
    assert_eq!(world.instance.is_some(), requested);
    if requested {
        assert!(
            world.status().state_change_requests.is_empty(),
            "carried out"
        );
    }
}

#[rstest]
// How the run ends: is the instance deleted, and is it made anew after that?
#[case("Always", Phase::Succeeded, true, true)]
#[case("Always", Phase::Failed, true, true)]
#[case("RerunOnFailure", Phase::Succeeded, true, false)]
#[case("RerunOnFailure", Phase::Failed, true, true)]
#[case("Manual", Phase::Succeeded, false, false)]
#[case("Manual", Phase::Failed, false, false)]
#[case("Once", Phase::Succeeded, false, false)]
#[case("Once", Phase::Failed, false, false)]
fn after_the_end(
    #[case] strategy: &str,
    #[case] end: Phase,
    #[case] deleted: bool,
    #[case] again: bool,
) {
    let mut world = World::with_instance(strategy, Phase::Running);
    world.settle();
    world.enter(end);
    world.settle();
    assert_eq!(world.is_going(), deleted);
    if !deleted {
        return;
    }
    let instance = world.instance.clone().unwrap();
    assert!(has_recorded(&world.machine, &instance), "it may go");
    world.vanish();
    world.settle();
    assert_eq!(world.instance.is_some(), again);
    assert_eq!(
        world.printable(),
        if again {
            Printable::Starting
        } else {
            Printable::Stopped
        }
    );
}

#[rstest]
// A stop of the running instance: does the strategy start a new one?
#[case("Always", true)]
#[case("Once", true)]
#[case("RerunOnFailure", false)]
#[case("Manual", false)]
fn a_stop_deletes_the_instance(#[case] strategy: &str, #[case] again: bool) {
    let mut world = World::with_instance(strategy, Phase::Running);
    world.settle();
    world.request(Request::Stop, Some("i1"));
    world.settle();
    assert!(world.is_going());
    assert_eq!(world.printable(), Printable::Stopping);
    assert_eq!(world.events[0].reason, "SuccessfulDelete");
    world.vanish();
    world.settle();
    assert!(world.status().state_change_requests.is_empty());
    assert_eq!(world.instance.is_some(), again);
}

#[rstest]
#[case("Always")]
#[case("RerunOnFailure")]
#[case("Manual")]
fn a_restart_is_a_stop_and_a_start(#[case] strategy: &str) {
    let mut world = World::with_instance(strategy, Phase::Running);
    world.settle();
    world.request(Request::Stop, Some("i1"));
    world.request(Request::Start, None);
    world.settle();
    assert!(world.is_going());
    world.vanish();
    world.settle();
    assert_eq!(world.uid().as_deref(), Some("i2"));
    assert!(world.status().state_change_requests.is_empty());
}

#[rstest]
#[case::another_instance(Some("i0"))]
#[case::no_instance(None)]
fn stops_that_are_not_about_the_instance_are_dropped(#[case] uid: Option<&str>) {
    let mut world = World::with_instance("Manual", Phase::Running);
    world.request(Request::Stop, uid);
    world.settle();
    assert!(!world.is_going());
    assert!(world.status().state_change_requests.is_empty());
}

#[test]
fn halted_deletes_and_stays() {
    let mut world = World::with_instance("Always", Phase::Running);
    world.settle();
    world.machine.spec.run_strategy = Some("Halted".into());
    world.settle();
    assert!(world.is_going());
    world.vanish();
    world.settle();
    let status = world.status();
    assert_eq!(
        (status.created, status.printable_status),
        (Some(false), Printable::Stopped)
    );
    assert_eq!(status.run_strategy.as_deref(), Some("Halted"));
    let ready = Condition::find(&status.conditions, "Ready").unwrap();
    assert_eq!(ready.reason.as_deref(), Some("VMINotExists"));
}

#[rstest]
#[case(true)]
#[case(false)]
fn a_paused_start_of_a_halted_machine(#[case] by_strategy: bool) {
    let mut world = World::new("Halted");
    if !by_strategy {
        world.machine.spec.run_strategy = None;
        world.machine.spec.running = Some(false);
    }
    world.request(Request::Start, None);
    world.status_mut().state_change_requests[0]
        .data
        .insert("paused".into(), "true".into());
    world.settle();
    if by_strategy {
        assert_eq!(world.machine.spec.run_strategy.as_deref(), Some("Always"));
    } else {
        assert_eq!(world.machine.spec.running, Some(true));
    }
    assert_eq!(
        world
            .instance
            .clone()
            .unwrap()
            .spec
            .start_strategy
            .as_deref(),
        Some("Paused")
    );
    assert!(world.status().state_change_requests.is_empty());
}

#[test]
fn switching_to_rerun_on_failure_starts_once() {
    let mut world = World::new("Halted");
    world.settle();
    world.machine.spec.run_strategy = Some("RerunOnFailure".into());
    world.settle();
    assert_eq!(world.made, 1);
    assert_eq!(
        world.status().run_strategy.as_deref(),
        Some("RerunOnFailure")
    );
    world.enter(Phase::Succeeded);
    world.settle();
    world.vanish();
    world.settle();
    assert_eq!(world.made, 1);
}

#[rstest]
#[case("Always")]
#[case("RerunOnFailure")]
fn failed_starts_back_off(#[case] strategy: &str) {
    let mut world = World::new(strategy);
    for (count, wait) in [
        (1, 10),
        (2, 40),
        (3, 90),
        (4, 160),
        (5, 250),
        (6, 300),
        (7, 300),
    ] {
        world.settle();
        assert!(world.instance.is_some(), "start {count}");
        world.enter(Phase::Failed);
        world.settle();
        let failure = world.status().start_failure.unwrap();
        assert_eq!(failure.consecutive_fail_count, Some(count));
        assert_eq!(failure.last_failed_vmi_uid, world.uid());
        assert_eq!(
            failure
                .retry_after_timestamp
                .unwrap()
                .0
                .duration_since(world.now)
                .as_secs(),
            wait
        );
        assert!(has_recorded(
            &world.machine,
            &world.instance.clone().unwrap()
        ));
        world.vanish();
        world.settle();
        assert!(world.instance.is_none(), "waits");
        assert_eq!(world.printable(), Printable::CrashLoopBackOff);
        assert_eq!(
            world.plan().requeue_after,
            Some(SignedDuration::from_secs(wait))
        );
        world.pass(wait);
    }
    world.settle();
    world.enter(Phase::Running);
    world.settle();
    assert_eq!(
        world.status().start_failure,
        None,
        "cleared when the guest runs"
    );
}

#[test]
fn an_instance_may_not_go_before_its_failure_is_noted() {
    let mut world = World::with_instance("Always", Phase::Failed);
    let instance = world.instance.clone().unwrap();
    assert!(!has_recorded(&world.machine, &instance));
    let plan = world.plan();
    assert!(matches!(
        plan.actions[..],
        [
            Action::PatchStatus(_),
            Action::DeleteInstance { .. },
            Action::Notify(_)
        ]
    ));
    world.settle();
    assert!(has_recorded(&world.machine, &instance));
}

#[test]
fn manual_does_not_count_failed_starts() {
    let mut world = World::with_instance("Manual", Phase::Failed);
    world.settle();
    assert_eq!(world.status().start_failure, None);
}

#[test]
fn another_owners_instance_is_left_alone_and_named() {
    let mut world = World::with_instance("Always", Phase::Running);
    world.instance.as_mut().unwrap().metadata.owner_references = None;
    world.settle();
    assert!(!world.is_going());
    let status = world.status();
    let failure = Condition::find(&status.conditions, "Failure").unwrap();
    assert!(
        failure
            .message
            .clone()
            .unwrap()
            .contains("does not belong to this VirtualMachine")
    );
    assert_eq!(world.events.len(), 1);
}

#[test]
fn a_refusal_is_told_once_and_tried_again_later() {
    let mut world = World::new("Always");
    world.failure = Some(Failure {
        reason: "FailedCreate",
        message: "denied by policy".into(),
        retry_at: world.now.checked_add(SignedDuration::from_secs(4)).unwrap(),
    });
    world.settle();
    assert_eq!(world.made, 0);
    assert_eq!((world.events.len(), world.events[0].warning), (1, true));
    assert_eq!(world.printable(), Printable::Starting);
    let status = world.status();
    let failure = Condition::find(&status.conditions, "Failure").unwrap();
    assert_eq!(
        (failure.reason.as_deref(), failure.message.as_deref()),
        (Some("FailedCreate"), Some("denied by policy"))
    );
    assert_eq!(
        world.plan().requeue_after,
        Some(SignedDuration::from_secs(4))
    );
    world.pass(4);
    world.step();
    assert_eq!(world.made, 1);
    world.failure = None;
    world.settle();
    assert!(Condition::find(&world.status().conditions, "Failure").is_none());
}

#[test]
fn conditions_are_copied_and_taken_away() {
    let mut world = World::with_instance("Always", Phase::Running);
    world.condition("Synchronized", false, "FailedCreate");
    world.condition("AgentConnected", true, "");
    world.settle();
    assert!(Condition::find(&world.status().conditions, "Synchronized").is_some());
    let conditions = &mut world
        .instance
        .as_mut()
        .unwrap()
        .status
        .as_mut()
        .unwrap()
        .conditions;
    Condition::remove(conditions, "AgentConnected");
    world.settle();
    assert!(Condition::find(&world.status().conditions, "AgentConnected").is_none());
    assert!(Condition::find(&world.status().conditions, "Synchronized").is_some());
}

#[test]
fn deletion_takes_the_instance_first() {
    let mut world = World::with_instance("Always", Phase::Running);
    world.settle();
    world.machine.metadata.deletion_timestamp = Some(
        k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(world.now),
    );
    world.settle();
    assert!(world.is_going());
    assert_eq!(world.printable(), Printable::Terminating);
    assert_eq!(world.machine.metadata.finalizers.clone().unwrap().len(), 1);
    world.vanish();
    world.settle();
    assert!(
        world
            .machine
            .metadata
            .finalizers
            .clone()
            .unwrap()
            .is_empty()
    );
    assert_eq!(world.made, 1);
}

#[test]
fn an_orphaned_instance_lives_on() {
    let mut world = World::with_instance("Always", Phase::Running);
    world.settle();
    world.machine.metadata.deletion_timestamp = Some(
        k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(world.now),
    );
    world
        .machine
        .metadata
        .finalizers
        .as_mut()
        .unwrap()
        .push("orphan".into());
    world.settle();
    assert!(!world.is_going());
    assert_eq!(
        world.machine.metadata.finalizers.clone().unwrap(),
        ["orphan"]
    );
}
