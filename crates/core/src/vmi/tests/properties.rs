//! What holds whatever happens.

use kubevirt_api::VirtualMachineInstancePhase as Phase;
use proptest::prelude::*;

use super::fixture::{World, facts};
use crate::vmi::{ComputeState, CreateFailure, NodeState, PodPhase};

/// Something that happens to the world.
#[derive(Clone, Debug)]
enum Happening {
    PodBound,
    PodUnschedulable,
    PodWaits,
    PodRuns,
    PodEnds,
    PodDeletedByUser,
    PodGone,
    HandlerSays(Phase),
    Deleted,
    NodeSilent,
    Refused,
    TimePasses,
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::*;
    prop_oneof![
        1 => Just(PodBound),
        1 => Just(PodUnschedulable),
        1 => Just(PodWaits),
        3 => Just(PodRuns),
        1 => Just(PodEnds),
        1 => Just(PodDeletedByUser),
        1 => Just(PodGone),
        2 => Just(HandlerSays(Phase::Running)),
        1 => Just(HandlerSays(Phase::Succeeded)),
        1 => Just(HandlerSays(Phase::Failed)),
        1 => Just(Deleted),
        1 => Just(NodeSilent),
        1 => Just(Refused),
        1 => Just(TimePasses),
    ]
}

fn happen(world: &mut World, happening: &Happening) {
    let now = world.now;
    let phase = world.phase();
    if let Some(pod) = world.pods.first_mut() {
        match happening {
            Happening::PodBound => pod.node = Some("node1".into()),
            Happening::PodUnschedulable if pod.node.is_none() => {
                pod.not_scheduled = Some(facts("False", "Unschedulable"))
            }
            Happening::PodWaits => {
                pod.compute = ComputeState::Waiting {
                    reason: "ErrImagePull".into(),
                    message: "no".into(),
                };
            }
            Happening::PodRuns => {
                pod.node = Some("node1".into());
                pod.not_scheduled = None;
                pod.phase = PodPhase::Running;
                pod.compute = ComputeState::Running;
                pod.ready = Some(facts("True", ""));
            }
            Happening::PodEnds => {
                pod.phase = PodPhase::Ended;
                pod.compute = ComputeState::Terminated {
                    exit_code: 0,
                    reason: "Completed".into(),
                    finished_at: Some(now),
                };
            }
            Happening::PodDeletedByUser => pod.deleting = true,
            // A pod goes only when it was deleted.
            Happening::PodGone if pod.deleting => world.pods.clear(),
            _ => {}
        }
    }
    match happening {
        Happening::HandlerSays(end) if matches!(phase, Phase::Scheduled | Phase::Running) => {
            let status = world.instance.status.get_or_insert_default();
            status.phase = *end;
        }
        Happening::Deleted => world.deleting(),
        Happening::NodeSilent => world.node = NodeState::Unresponsive,
        Happening::Refused => {
            let retry_at = now
                .checked_add(k8s_openapi::jiff::SignedDuration::from_secs(5))
                .unwrap();
            world.create_failure = Some(CreateFailure {
                message: "quota".into(),
                retry_at,
            });
        }
        Happening::TimePasses => {
            world.now = now
                .checked_add(k8s_openapi::jiff::SignedDuration::from_secs(100))
                .unwrap();
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn plans_come_to_rest_and_one_pod_runs(happenings in prop::collection::vec(happening(), 0..24), rushed in any::<bool>()) {
        let mut world = World::new(Phase::Pending);
        let mut made = 0;
        let mut ended = false;
        for happening in &happenings {
            let before = world.pods.len();
            // Either each plan has its effect before the next thing happens, or things happen in between.
            if rushed { world.step(); } else { world.settle(); }
            made += world.pods.len().saturating_sub(before);
            prop_assert!(world.pods.len() <= 1, "two pods");
            prop_assert!(made <= 1, "a pod was replaced");
            prop_assert!(!ended || world.phase().is_final(), "a final phase was left");
            ended = world.phase().is_final();
            happen(&mut world, happening);
        }
        // Whatever it was, afterwards there is nothing left to write.
        world.settle();
        prop_assert!(world.plan().actions.is_empty());
        let gone = world.finalizers().is_empty();
        prop_assert!(!gone || (world.pods.is_empty() && world.phase().is_final()), "released too early");
    }

    #[test]
    fn a_deleted_instance_is_released_once_its_pod_is_gone(happenings in prop::collection::vec(happening(), 0..16)) {
        let mut world = World::new(Phase::Pending);
        for happening in &happenings {
            world.settle();
            happen(&mut world, happening);
        }
        world.deleting();
        world.settle();
        prop_assert!(world.pods.iter().all(|pod| pod.deleting));
        world.pods.clear();
        world.settle();
        prop_assert!(world.finalizers().is_empty());
        prop_assert!(world.phase().is_final());
    }
}
