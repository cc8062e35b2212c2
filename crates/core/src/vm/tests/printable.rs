//! Contract 2.3: the first rule that holds.

use kubevirt_api::{
    VirtualMachineInstancePhase as Phase, VirtualMachinePrintableStatus as Printable,
};
use rstest::rstest;

use super::fixture::World;
use crate::launcher_pod::Claim;

#[rstest]
#[case(Phase::Pending, &[], Printable::Starting)]
#[case(Phase::Scheduling, &[], Printable::Starting)]
#[case(Phase::Scheduled, &[], Printable::Starting)]
#[case(Phase::Running, &[], Printable::Running)]
#[case(Phase::Running, &[("Paused", true, "PausedByUser")], Printable::Paused)]
#[case(Phase::Running, &[("Synchronized", false, "FailedPvcNotFound")], Printable::Running)]
#[case(Phase::Pending, &[("Synchronized", false, "FailedPvcNotFound"), ("PodScheduled", false, "Unschedulable")], Printable::ErrorPvcNotFound)]
#[case(Phase::Scheduling, &[("PodScheduled", false, "Unschedulable"), ("Synchronized", false, "ErrImagePull")], Printable::ErrorUnschedulable)]
#[case(Phase::Scheduling, &[("Synchronized", false, "ErrImagePull")], Printable::ErrImagePull)]
#[case(Phase::Scheduling, &[("Synchronized", false, "ImagePullBackOff")], Printable::ImagePullBackOff)]
#[case(Phase::Pending, &[("Synchronized", false, "FailedCreate")], Printable::Starting)]
#[case(Phase::Succeeded, &[("Synchronized", false, "ErrImagePull")], Printable::Stopped)]
#[case(Phase::Unknown, &[], Printable::Unknown)]
fn of_an_instance(
    #[case] phase: Phase,
    #[case] conditions: &[(&str, bool, &str)],
    #[case] expected: Printable,
) {
    let mut world = World::with_instance("Manual", phase);
    for (kind, holds, reason) in conditions {
        world.condition(kind, *holds, reason);
    }
    world.settle();
    assert_eq!(world.printable(), expected);
}

#[rstest]
#[case(false, Printable::WaitingForVolumeBinding)]
#[case(true, Printable::Starting)]
fn of_claims(#[case] bound: bool, #[case] expected: Printable) {
    let mut world = World::with_instance("Always", Phase::Scheduling);
    world.claims.insert(
        "disk".into(),
        Claim {
            bound,
            ..Claim::default()
        },
    );
    world.settle();
    assert_eq!(world.printable(), expected);
}

#[test]
fn of_an_instance_that_goes() {
    let mut world = World::with_instance("Manual", Phase::Running);
    world.settle();
    world.instance.as_mut().unwrap().metadata.deletion_timestamp = Some(
        k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(world.now),
    );
    world.settle();
    assert_eq!(world.printable(), Printable::Stopping);
    world.enter(Phase::Succeeded);
    world.settle();
    assert_eq!(world.printable(), Printable::Stopped);
}

#[test]
fn of_a_machine_that_was_started_once_and_failed() {
    let mut world = World::with_instance("Once", Phase::Failed);
    world.settle();
    assert_eq!(world.printable(), Printable::CrashLoopBackOff);
}
