//! Requests about volumes become part of the template and go.

use k8s_openapi::jiff::SignedDuration;
use kubevirt_api::VirtualMachineInstancePhase as Phase;
use kubevirt_api::names::reason::HOT_PLUG_VOLUME_ERROR;
use serde_json::{Value, json};

use super::fixture::World;
use crate::vm::{Action, Failure};

fn add(name: &str, claim: &str) -> Value {
    json!({ "addVolumeOptions": {
        "name": name,
        "disk": { "name": name, "disk": { "bus": "scsi" } },
        "volumeSource": { "persistentVolumeClaim": { "claimName": claim, "hotpluggable": true } },
    } })
}

fn remove(name: &str) -> Value {
    json!({ "removeVolumeOptions": { "name": name } })
}

fn ask(world: &mut World, requests: &[Value]) {
    let requests = requests.iter().cloned();
    let requests = requests.map(|request| serde_json::from_value(request).unwrap());
    world.status_mut().volume_requests = requests.collect();
}

fn volumes(world: &World) -> Vec<String> {
    let spec = &world.machine.spec.template.spec;
    let disks: Vec<_> = spec
        .domain
        .devices
        .disks
        .iter()
        .map(|disk| &disk.name)
        .collect();
    let volumes: Vec<_> = spec.volumes.iter().map(|volume| &volume.name).collect();
    assert_eq!(volumes, disks);
    volumes.into_iter().cloned().collect()
}

/// A settled machine, and no write counted yet.
fn settled(strategy: &str) -> World {
    let mut world = World::new(strategy);
    world.settle();
    world.writes = 0;
    world.events.clear();
    world
}

#[test]
fn a_volume_is_added_and_removed_in_two_writes_each() {
    let mut world = settled("Halted");
    ask(&mut world, &[add("data", "claim")]);
    world.settle();
    assert_eq!(volumes(&world), ["data"]);
    assert!(world.status().volume_requests.is_empty());
    assert_eq!(world.writes, 2, "the template, then the status");
    let volume = &world.machine.spec.template.spec.volumes[0];
    let claim = volume.persistent_volume_claim.as_ref().unwrap();
    assert_eq!(claim.hotpluggable, Some(true));
    world.settle();
    assert_eq!(world.writes, 2, "nothing more is to be done");
    ask(&mut world, &[remove("data")]);
    world.settle();
    assert!(volumes(&world).is_empty());
    assert!(world.status().volume_requests.is_empty());
    assert_eq!(world.writes, 4);
    assert!(world.events.is_empty());
}

#[test]
fn several_requests_are_one_write() {
    let mut world = settled("Halted");
    ask(&mut world, &[add("a", "a"), add("b", "b"), remove("c")]);
    world.settle();
    assert_eq!(volumes(&world), ["a", "b"]);
    assert_eq!(world.writes, 2);
}

#[test]
fn the_next_guest_has_what_was_asked_before_its_start() {
    let mut world = World::new("Always");
    ask(&mut world, &[add("data", "claim")]);
    world.settle();
    let instance = world.instance.as_ref().unwrap();
    assert_eq!(instance.spec.volumes[0].name, "data");
}

#[test]
fn a_running_guest_stays_as_it_is() {
    let mut world = World::with_instance("Always", Phase::Running);
    world.settle();
    world.writes = 0;
    ask(&mut world, &[add("data", "claim")]);
    world.settle();
    assert_eq!(volumes(&world), ["data"]);
    assert!(world.instance.as_ref().unwrap().spec.volumes.is_empty());
    assert_eq!(world.writes, 2);
}

#[test]
fn what_is_there_already_is_done() {
    let mut world = settled("Halted");
    ask(&mut world, &[add("data", "claim")]);
    world.settle();
    world.writes = 0;
    ask(&mut world, &[add("data", "claim"), remove("gone")]);
    world.settle();
    assert_eq!(volumes(&world), ["data"]);
    assert!(world.status().volume_requests.is_empty());
    assert_eq!(world.writes, 1, "the status alone");
}

#[test]
fn what_can_never_be_is_told_once_and_dropped() {
    let mut world = settled("Halted");
    ask(&mut world, &[add("data", "claim")]);
    world.settle();
    ask(&mut world, &[add("data", "other"), json!({})]);
    world.settle();
    assert!(world.status().volume_requests.is_empty());
    assert_eq!(world.events.len(), 2);
    let told = &world.events[0];
    assert!(told.warning && told.reason == HOT_PLUG_VOLUME_ERROR);
    assert!(told.message.contains("another volume"), "{}", told.message);
}

#[test]
fn a_refused_change_is_told_waits_and_does_not_keep_the_guest_from_starting() {
    let mut world = World::new("Always");
    ask(&mut world, &[add("data", "claim")]);
    let refused = |world: &World, seconds| Failure {
        reason: HOT_PLUG_VOLUME_ERROR,
        message: "the template is not valid".to_owned(),
        retry_at: world
            .now
            .checked_add(SignedDuration::from_secs(seconds))
            .unwrap(),
    };
    world.failure = Some(refused(&world, 5));
    world.settle();
    assert_eq!(world.made, 1, "the guest starts without it");
    assert!(volumes(&world).is_empty());
    assert_eq!(world.status().volume_requests.len(), 1);
    let conditions = &world.status().conditions;
    let failure = kubevirt_api::Condition::find(conditions, "Failure").unwrap();
    assert_eq!(failure.reason.as_deref(), Some(HOT_PLUG_VOLUME_ERROR));
    assert!(world.plan().requeue_after.is_some());
    world.pass(5);
    assert!(matches!(
        world.plan().actions.as_slice(),
        [Action::ChangeVolumes(_)]
    ));
    // The request is withdrawn: what was refused is of no interest any more.
    ask(&mut world, &[]);
    world.settle();
    let conditions = &world.status().conditions;
    assert!(kubevirt_api::Condition::find(conditions, "Failure").is_none());
}
