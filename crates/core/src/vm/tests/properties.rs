//! What holds whatever happens.

use kubevirt_api::{StateChangeRequestAction as Request, VirtualMachineInstancePhase as Phase};
use proptest::prelude::*;

use super::fixture::World;
use crate::vm::has_recorded;

#[derive(Clone, Debug)]
enum Happening {
    Enters(Phase),
    Vanishes,
    Strategy(&'static str),
    Start,
    Stop,
    Restart,
    TimePasses(i64),
    DeletedByUser,
}

fn happening() -> impl Strategy<Value = Happening> {
    let phases = vec![
        Phase::Scheduling,
        Phase::Scheduled,
        Phase::Running,
        Phase::Succeeded,
        Phase::Failed,
    ];
    prop_oneof![
        3 => prop::sample::select(phases).prop_map(Happening::Enters),
        2 => Just(Happening::Vanishes),
        1 => prop::sample::select(vec!["Always", "Halted", "Manual", "RerunOnFailure", "Once"]).prop_map(Happening::Strategy),
        1 => Just(Happening::Start),
        1 => Just(Happening::Stop),
        1 => Just(Happening::Restart),
        1 => (1..400_i64).prop_map(Happening::TimePasses),
        1 => Just(Happening::DeletedByUser),
    ]
}

fn happen(world: &mut World, happening: &Happening) {
    let phase = world
        .instance
        .as_ref()
        .and_then(|instance| instance.status.as_ref())
        .map(|status| status.phase);
    match happening {
        Happening::Enters(phase_now) if phase.is_some_and(|phase| !phase.is_final()) => {
            world.enter(*phase_now)
        }
        // The instance's own controller lets it go when it has ended and its end was noted.
        Happening::Vanishes if world.is_going() => {
            if phase.is_some_and(|phase| !phase.is_final()) {
                world.enter(Phase::Succeeded);
                world.settle();
            }
            let instance = world.instance.clone().unwrap();
            assert!(has_recorded(&world.machine, &instance), "waits for ever");
            world.vanish();
        }
        Happening::Strategy(strategy) => {
            world.machine.spec.run_strategy = Some((*strategy).to_owned())
        }
        Happening::Start => world.request(Request::Start, None),
        Happening::Stop => {
            let uid = world.uid();
            world.request(Request::Stop, uid.as_deref());
        }
        Happening::Restart => {
            let uid = world.uid();
            world.request(Request::Stop, uid.as_deref());
            world.request(Request::Start, None);
        }
        Happening::TimePasses(seconds) => world.pass(*seconds),
        Happening::DeletedByUser => {
            let now = world.now;
            if let Some(instance) = &mut world.instance {
                instance.metadata.deletion_timestamp =
                    Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(now));
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn plans_come_to_rest(
        strategy in prop::sample::select(vec!["Always", "Halted", "Manual", "RerunOnFailure", "Once"]),
        happenings in prop::collection::vec(happening(), 0..24),
    ) {
        let mut world = World::new(strategy);
        for happening in &happenings {
            world.settle();
            prop_assert!(world.plan().actions.is_empty());
            happen(&mut world, happening);
        }
        world.settle();
        // A halted machine has no instance that stays.
        if world.machine.spec.run_strategy.as_deref() == Some("Halted") {
            prop_assert!(world.instance.is_none() || world.is_going());
        }
    }
}
