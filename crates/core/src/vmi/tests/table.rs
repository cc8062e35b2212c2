//! Contract 3.1 and 3.3, row by row.

use k8s_openapi::jiff::SignedDuration;
use kubevirt_api::VirtualMachineInstancePhase as Phase;
use rstest::rstest;

use super::fixture::{World, ended_pod, facts, pod, running_pod, waiting_pod};
use crate::launcher_pod::Claim;
use crate::vmi::{Action, Cluster, CreateFailure, FINALIZERS, LauncherPod, NodeState, Owner};

#[test]
fn the_road_to_the_hand_over_takes_three_writes() {
    let mut world = World::new(Phase::Pending);
    world.settle();
    assert_eq!(world.phase(), Phase::Scheduling);
    assert_eq!(world.short("Ready"), "False/GuestNotRunning");
    let name = world.pods[0].name.clone();
    let uid = world.pods[0].uid.clone();
    world.pods[0] = LauncherPod {
        name,
        uid: uid.clone(),
        ..running_pod()
    };
    world.settle();
    assert_eq!(world.phase(), Phase::Scheduled);
    assert_eq!(world.writes, 3, "POST of the pod, Scheduling, Scheduled");
    assert_eq!(world.events.len(), 1);
    assert_eq!(world.events[0].reason, "SuccessfulCreate");
    assert!(
        world.events[0]
            .message
            .starts_with("Created virtual machine pod virt-launcher-gold-")
    );
    let status = world.instance.status.clone().unwrap();
    assert_eq!(status.node_name.as_deref(), Some("node1"));
    assert_eq!(
        world.instance.metadata.labels.clone().unwrap()["kubevirt.io/nodeName"],
        "node1"
    );
    assert_eq!(status.active_pods[&uid], "node1");
    assert_eq!(status.qos_class.as_deref(), Some("Burstable"));
    assert_eq!(status.runtime_user, Some(107));
    assert_eq!(status.memory.unwrap().memory_overhead.unwrap().0, "60Mi");
    let phases: Vec<_> = status
        .phase_transition_timestamps
        .iter()
        .map(|entry| entry.phase)
        .collect();
    assert_eq!(
        phases,
        [Phase::Pending, Phase::Scheduling, Phase::Scheduled]
    );
}

#[test]
fn an_object_from_before_the_webhook_gets_its_finalizer() {
    let mut world = World::new(Phase::Unset);
    world.instance.metadata.finalizers = None;
    world.settle();
    assert_eq!(world.finalizers(), [FINALIZERS[0]]);
    assert_eq!(world.phase(), Phase::Scheduling);
}

#[rstest]
#[case::no_pod(Phase::Scheduling, None, Phase::Failed, "False/PodNotExists")]
#[case::pod_going(Phase::Scheduling, Some(LauncherPod { deleting: true, ..pod() }), Phase::Failed, "False/PodTerminating")]
#[case::pod_ended(Phase::Scheduling, Some(ended_pod(0, World::new(Phase::Unset).now)), Phase::Failed, "False/GuestNotRunning")]
#[case::pod_ended_at_once(Phase::Pending, Some(ended_pod(0, World::new(Phase::Unset).now)), Phase::Failed, "False/GuestNotRunning")]
#[case::handed_over_and_lost(Phase::Scheduled, None, Phase::Failed, "False/PodNotExists")]
#[case::running_and_lost(Phase::Running, None, Phase::Failed, "False/PodNotExists")]
#[case::running(Phase::Running, Some(running_pod()), Phase::Running, "True/")]
#[case::handed_over(
    Phase::Scheduled,
    Some(running_pod()),
    Phase::Scheduled,
    "False/GuestNotRunning"
)]
#[case::running_and_pod_going(Phase::Running, Some(LauncherPod { deleting: true, ..running_pod() }), Phase::Running, "False/PodTerminating")]
#[case::running_not_ready(Phase::Running, Some(LauncherPod { ready: Some(facts("False", "ContainersNotReady")), ..running_pod() }), Phase::Running, "False/ContainersNotReady")]
#[case::running_unsaid(Phase::Running, Some(LauncherPod { ready: None, ..running_pod() }), Phase::Running, "False/PodConditionMissing")]
#[case::ended_just_now(Phase::Running, Some(ended_pod(5, World::new(Phase::Unset).now)), Phase::Running, "")]
#[case::ended_long_ago(Phase::Running, Some(ended_pod(61, World::new(Phase::Unset).now)), Phase::Failed, "False/GuestNotRunning")]
fn phases(
    #[case] before: Phase,
    #[case] pod: Option<LauncherPod>,
    #[case] after: Phase,
    #[case] ready: &str,
) {
    let mut world = World::new(before).with(|world| world.pods = pod.into_iter().collect());
    world.settle();
    assert_eq!(world.phase(), after);
    assert_eq!(world.short("Ready"), ready);
    assert_eq!(world.finalizers().len(), 1, "only a deletion releases");
}

#[test]
fn a_lost_pod_is_confirmed_before_the_instance_fails() {
    for phase in [Phase::Scheduling, Phase::Scheduled, Phase::Running] {
        assert_eq!(World::new(phase).plan().actions[0], Action::ConfirmNoPod);
    }
}

#[test]
fn virt_handler_gets_a_minute_to_say_how_the_guest_ended() {
    let mut world = World::new(Phase::Running);
    world.pods = vec![ended_pod(20, world.now)];
    assert_eq!(
        world.plan().requeue_after,
        Some(SignedDuration::from_secs(40))
    );
}

#[test]
fn a_silent_node_is_named() {
    let mut world = World::new(Phase::Running).with(|world| world.node = NodeState::Unresponsive);
    world.settle();
    assert_eq!(
        world.instance.status.clone().unwrap().reason.as_deref(),
        Some("NodeUnresponsive")
    );
    assert_eq!(world.events[0].reason, "NodeUnresponsive");
    // While the pod is there, the guest may run.
    let mut world = World::new(Phase::Running).with(|world| {
        world.node = NodeState::Unresponsive;
        world.pods = vec![running_pod()];
    });
    world.settle();
    assert_eq!(world.phase(), Phase::Running);
}

#[rstest]
#[case("ErrImagePull", "False/ErrImagePull", "gone")]
#[case("ImagePullBackOff", "False/ImagePullBackOff", "gone")]
#[case("InvalidImageName", "False/ErrImagePull", "InvalidImageName: gone")]
#[case(
    "CreateContainerError",
    "False/FailedCreate",
    "CreateContainerError: gone"
)]
#[case("ContainerCreating", "", "")]
fn images_that_cannot_be_pulled(
    #[case] reason: &str,
    #[case] condition: &str,
    #[case] message: &str,
) {
    let mut world =
        World::new(Phase::Scheduling).with(|world| world.pods = vec![waiting_pod(reason, "gone")]);
    world.settle();
    assert_eq!(world.short("Synchronized"), condition);
    assert_eq!(
        world
            .condition("Synchronized")
            .map(|(_, _, text)| text)
            .unwrap_or_default(),
        message
    );
    world.pods = vec![waiting_pod("ContainerCreating", "")];
    world.settle();
    assert_eq!(world.short("Synchronized"), "", "forgotten when it is over");
}

#[rstest]
#[case::plain(1, 1, false, "message of Unschedulable")]
#[case::no_handler(0, 0, false, "no node runs a working virt-handler")]
#[case::no_kvm(
    2,
    0,
    false,
    "no node offers devices.kubevirt.io/kvm: enable hardware virtualization or set"
)]
#[case::emulation(2, 0, true, "message of Unschedulable")]
fn plain_words_for_pods_that_no_node_takes(
    #[case] schedulable_nodes: usize,
    #[case] kvm_nodes: usize,
    #[case] use_emulation: bool,
    #[case] begins: &str,
) {
    let mut world = World::new(Phase::Scheduling).with(|world| {
        world.cluster = Cluster {
            schedulable_nodes,
            kvm_nodes,
        };
        world.config.use_emulation = use_emulation;
        world.pods = vec![LauncherPod {
            not_scheduled: Some(facts("False", "Unschedulable")),
            ..pod()
        }];
    });
    world.settle();
    let (status, reason, message) = world.condition("PodScheduled").unwrap();
    assert_eq!(
        (status.as_str(), reason.as_str()),
        ("False", "Unschedulable")
    );
    assert!(message.starts_with(begins), "{message}");
    assert!(
        message.contains("message of Unschedulable"),
        "the scheduler's words are kept: {message}"
    );
    world.pods[0].not_scheduled = None;
    world.settle();
    assert_eq!(world.short("PodScheduled"), "");
}

#[test]
fn a_missing_claim_is_waited_for() {
    let mut world = World::new(Phase::Pending).with(|world| {
        let volume = r#"{"name": "d", "persistentVolumeClaim": {"claimName": "disk"}}"#;
        world.instance.spec.volumes = vec![serde_json::from_str(volume).unwrap()];
    });
    world.settle();
    assert!(world.pods.is_empty());
    assert_eq!(world.short("Synchronized"), "False/FailedPvcNotFound");
    assert_eq!(world.short("PodScheduled"), "False/Unschedulable");
    assert!(
        world
            .condition("Synchronized")
            .unwrap()
            .2
            .contains("PersistentVolumeClaim disk of volume d does not exist")
    );
    assert_eq!(world.events.len(), 1);
    assert_eq!(
        (world.events[0].warning, world.events[0].reason),
        (true, "FailedPvcNotFound")
    );
    world.claims.insert("disk".into(), Claim::default());
    world.settle();
    assert_eq!(world.pods.len(), 1);
    assert_eq!(world.short("Synchronized"), "");
    assert_eq!(world.phase(), Phase::Scheduling);
}

#[test]
fn a_claim_that_is_being_filled_is_waited_for() {
    let mut world = World::new(Phase::Pending).with(|world| {
        let volume = r#"{"name": "d", "dataVolume": {"name": "disk"}}"#;
        world.instance.spec.volumes = vec![serde_json::from_str(volume).unwrap()];
        let filling = Claim {
            filling: true,
            ..Claim::default()
        };
        world.claims.insert("disk".into(), filling);
    });
    world.settle();
    assert!(world.pods.is_empty());
    assert_eq!(world.short("Synchronized"), "");
    assert_eq!(world.short("Ready"), "False/PodNotExists");
    let message = world.condition("Ready").unwrap().2;
    assert!(
        message.contains("PersistentVolumeClaim disk of volume d is still being filled"),
        "{message}"
    );
    world.claims.insert("disk".into(), Claim::default());
    world.settle();
    assert_eq!(world.pods.len(), 1);
}

#[test]
fn what_the_guest_cannot_do_without_is_named_once() {
    let mut world = World::new(Phase::Pending).with(|world| {
        let gpu = r#"{"name": "g", "deviceName": "vendor.example/gpu"}"#;
        world.instance.spec.domain.devices.gpus = vec![serde_json::from_str(gpu).unwrap()];
    });
    world.settle();
    assert!(world.pods.is_empty());
    assert_eq!(world.phase(), Phase::Pending);
    assert_eq!(world.short("Synchronized"), "False/FailedCreate");
    let message = world.condition("Synchronized").unwrap().2;
    assert!(
        message.starts_with("spec.domain.devices.gpus[0]: accepted, not acted on yet"),
        "{message}"
    );
    assert_eq!(world.events.len(), 1);
}

#[test]
fn a_refused_pod_is_told_once_and_tried_again_later() {
    let mut world = World::new(Phase::Pending);
    world.create_failure = Some(CreateFailure {
        message: "exceeded quota: small".into(),
        retry_at: world.now.checked_add(SignedDuration::from_secs(8)).unwrap(),
    });
    world.settle();
    assert_eq!(world.short("Synchronized"), "False/FailedCreate");
    assert!(
        world
            .condition("Synchronized")
            .unwrap()
            .2
            .ends_with("exceeded quota: small")
    );
    assert_eq!(world.events.len(), 1);
    assert_eq!(
        world.plan().requeue_after,
        Some(SignedDuration::from_secs(8))
    );
    world.now = world.now.checked_add(SignedDuration::from_secs(8)).unwrap();
    assert!(matches!(
        world.plan().actions[..],
        [Action::CreatePod(_), Action::Notify(_)]
    ));
    world.settle();
    assert_eq!(world.short("Synchronized"), "");
}

#[test]
fn deletion_deletes_the_pod_and_releases_when_it_is_gone() {
    let mut world = World::new(Phase::Running).with(|world| world.pods = vec![running_pod()]);
    world.settle();
    world.deleting();
    world.settle();
    assert!(world.pods[0].deleting);
    assert_eq!(
        world.phase(),
        Phase::Running,
        "virt-handler says how it ends"
    );
    assert_eq!(
        world.events[0].message,
        "Deleted virtual machine pod virt-launcher-gold-abcde"
    );
    world.instance.status.as_mut().unwrap().phase = Phase::Succeeded;
    world.settle();
    assert_eq!(world.finalizers().len(), 1, "the pod is still there");
    world.pods.clear();
    world.settle();
    assert!(world.finalizers().is_empty());
    assert_eq!(world.phase(), Phase::Succeeded);
}

#[rstest]
#[case(Phase::Pending)]
#[case(Phase::Scheduling)]
#[case(Phase::Running)]
fn deletion_without_a_pod_ends_in_one_write(#[case] phase: Phase) {
    let mut world = World::new(phase).with(World::deleting);
    world.settle();
    assert_eq!(world.phase(), Phase::Failed);
    assert!(world.finalizers().is_empty());
    assert_eq!(world.writes, 1);
}

#[rstest]
#[case(Owner::None, 0)]
#[case(Owner::Missing, 0)]
#[case(Owner::HasRecorded, 0)]
#[case(Owner::HasNotRecorded, 2)]
fn the_virtual_machine_notes_the_end_first(#[case] owner: Owner, #[case] finalizers: usize) {
    let mut world = World::new(Phase::Failed).with(World::deleting);
    world.owner = owner;
    let names = [
        "kubevirt.io/virtualMachineControllerFinalize",
        FINALIZERS[1],
    ];
    world.instance.metadata.finalizers = Some(names.map(str::to_owned).to_vec());
    world.settle();
    assert_eq!(world.finalizers().len(), finalizers);
}

#[test]
fn other_finalizers_stay() {
    let mut world = World::new(Phase::Succeeded).with(World::deleting);
    world
        .instance
        .metadata
        .finalizers
        .as_mut()
        .unwrap()
        .push("example.org/mine".into());
    world.settle();
    assert_eq!(world.finalizers(), ["example.org/mine"]);
}

#[test]
fn a_final_phase_stays_and_keeps_its_pod() {
    let mut world =
        World::new(Phase::Succeeded).with(|world| world.pods = vec![ended_pod(1, world.now)]);
    world.settle();
    assert_eq!(world.writes, 0);
}
