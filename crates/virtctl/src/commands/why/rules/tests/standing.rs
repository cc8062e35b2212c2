//! Machines that run, that are not wanted to, or that are not there.

use serde_json::json;

use super::expect;
use super::objects::*;
use crate::commands::why::diagnosis::State::{self, *};
use crate::commands::why::facts::Facts;

#[test]
fn kubevirt_is_not_installed() {
    let facts = Facts {
        not_installed: true,
        ..nothing()
    };
    expect(
        facts,
        NotFound,
        "NotInstalled",
        &["KubeVirt is not installed"],
    );
}

#[test]
fn a_wrong_name_suggests_the_near_one() {
    let facts = Facts {
        neighbours: vec!["vm-1".into(), "database".into()],
        ..nothing()
    };
    expect(
        facts,
        NotFound,
        "NotFound",
        &["does not exist in namespace team", "did you mean vm-1?"],
    );
}

#[test]
fn halted_by_either_field() {
    expect(
        machine("Halted"),
        Stopped,
        "Halted",
        &["virtctl -n team start vm1"],
    );
    let mut facts = machine("");
    facts.vm.as_mut().unwrap()["spec"]["running"] = json!(false);
    expect(facts, Stopped, "Halted", &["spec.running is false"]);
}

#[test]
fn a_strategy_that_starts_nothing() {
    expect(
        machine("Manual"),
        Stopped,
        "NotStarted",
        &["Manual", "virtctl -n team start vm1"],
    );
    expect(
        machine("RerunOnFailure"),
        Stopped,
        "NotStarted",
        &["RerunOnFailure"],
    );
    expect(
        machine("WaitAsReceiver"),
        Waiting,
        "WaitingForReceiver",
        &[],
    );
}

#[test]
fn a_requested_start_is_on_its_way() {
    let mut facts = machine("Manual");
    facts.vm.as_mut().unwrap()["status"]["stateChangeRequests"] = json!([{"action": "Start"}]);
    expect(
        facts,
        Waiting,
        "Starting",
        &["virt-controller makes its instance"],
    );
}

#[test]
fn steps_of_a_start() {
    expect(machine("Always"), Waiting, "Starting", &[]);
    expect(instance("Pending"), Waiting, "Starting", &["makes its pod"]);
    expect(
        with_pod("Scheduling", pod("Pending", "")),
        Waiting,
        "Scheduling",
        &["a node is being chosen"],
    );
    let mut facts = with_pod("Scheduling", pod("Pending", "node2"));
    facts.events.push(event(
        "Pod",
        "virt-launcher-vm1-x",
        "Normal",
        "Pulling",
        "Pulling image \"registry.example/guest:1\"",
    ));
    expect(facts, Waiting, "Pulling", &["registry.example/guest:1"]);
    expect(
        with_pod("Scheduling", pod("Pending", "node2")),
        Waiting,
        "PodStarting",
        &[],
    );
    expect(
        with_pod("Scheduled", pod("Running", "node2")),
        Waiting,
        "GuestStarting",
        &["node2"],
    );
}

fn runs() -> Facts {
    let mut facts = with_pod("Running", pod("Running", "node2"));
    facts.nodes = vec![node("node2")];
    condition(facts.vmi.as_mut().unwrap(), "Ready", "True", "", "");
    facts
}

#[test]
fn it_runs_well() {
    let mut facts = runs();
    condition(
        facts.vmi.as_mut().unwrap(),
        "AgentConnected",
        "True",
        "",
        "",
    );
    expect(
        facts,
        Running,
        "Running",
        &["runs since 2m (from 2026-11-24T19:18:00Z) on node node2, address 10.88.2.12"],
    );
}

#[test]
fn it_runs_without_its_agent() {
    expect(
        runs(),
        Running,
        "RunningWithoutAgent",
        &["the guest agent is not connected"],
    );
}

#[test]
fn changes_wait_for_a_restart() {
    let mut facts = runs();
    condition(
        facts.vm.as_mut().unwrap(),
        "RestartRequired",
        "True",
        "",
        "a non-live-updatable field was changed",
    );
    expect(
        facts,
        Running,
        "RunningWithoutAgent",
        &["changes wait for a restart", "virtctl -n team restart vm1"],
    );
}

#[test]
fn it_runs_and_is_not_ready() {
    let mut facts = with_pod("Running", pod("Running", "node2"));
    let vmi = facts.vmi.as_mut().unwrap();
    vmi["spec"]["readinessProbe"] = json!({"tcpSocket": {"port": 80}});
    condition(
        vmi,
        "Ready",
        "False",
        "ContainersNotReady",
        "containers with unready status: [compute]",
    );
    facts.events.push(event(
        "Pod",
        "virt-launcher-vm1-x",
        "Warning",
        "Unhealthy",
        "Readiness probe failed: connection refused",
    ));
    expect(
        facts,
        Running,
        "NotReady",
        &["readiness probe", "connection refused"],
    );
}

#[rstest::rstest]
#[case(
    "PausedByUser",
    "the guest was paused by its user",
    "PausedByUser",
    "virtctl -n team unpause vmi vm1"
)]
#[case(
    "PausedIOError",
    "the guest was paused because a disk failed",
    "PausedIOError",
    "make room or repair"
)]
#[case(
    "PausedByMigrationMonitor",
    "",
    "PausedByMigration",
    "wait for the end"
)]
fn paused(#[case] reason: &str, #[case] message: &str, #[case] cause: &str, #[case] words: &str) {
    let mut facts = runs();
    condition(
        facts.vmi.as_mut().unwrap(),
        "Paused",
        "True",
        reason,
        message,
    );
    expect(facts, Paused, cause, &[words]);
}

#[test]
fn a_migration_goes_on() {
    let mut facts = runs();
    facts.vmi.as_mut().unwrap()["status"]["migrationState"] = json!({"startTimestamp": "2026-11-24T19:19:30Z", "sourceNode": "node2", "targetNode": "node1"});
    expect(
        facts,
        Running,
        "Migrating",
        &["from node2 to node1 since 30s", "migrate-cancel"],
    );
    let mut facts = runs();
    facts.migrations = vec![
        json!({"metadata": {"name": "m1", "creationTimestamp": "2026-11-24T19:19:30Z"}, "status": {"phase": "Scheduling"}}),
    ];
    expect(facts, Running, "Migrating", &["Scheduling", "migration m1"]);
    let mut facts = runs();
    facts.migrations = vec![json!({"metadata": {"name": "m1"}, "status": {"phase": "Failed"}})];
    expect(facts, Running, "RunningWithoutAgent", &[]);
}

fn deleted(facts: &mut Facts, at: &str) {
    facts.vm.as_mut().unwrap()["metadata"]["deletionTimestamp"] = json!(at);
}

#[test]
fn a_deletion_takes_its_time_or_hangs() {
    let mut facts = runs();
    deleted(&mut facts, "2026-11-24T19:19:50Z");
    expect(
        facts,
        Waiting,
        "Deleting",
        &["since 10s", "30s to shut down", "--grace-period=0"],
    );
    let mut facts = runs();
    deleted(&mut facts, "2026-11-24T19:10:00Z");
    expect(facts, Blocked, "Deleting", &["that should be over"]);
    let mut facts = machine("Always");
    deleted(&mut facts, "2026-11-24T19:19:50Z");
    facts.vm.as_mut().unwrap()["metadata"]["finalizers"] = json!(["backup.example/keep"]);
    expect(
        facts,
        Blocked,
        "Deleting",
        &["finalizer backup.example/keep is not KubeVirt's"],
    );
}

#[test]
fn an_instance_is_being_stopped_or_restarted() {
    let mut facts = runs();
    facts.vmi.as_mut().unwrap()["metadata"]["deletionTimestamp"] = json!("2026-11-24T19:19:50Z");
    expect(
        facts,
        Waiting,
        "Stopping",
        &["is being restarted", "10s ago"],
    );
    let mut facts = Facts {
        vmi: Some(vmi("Running")),
        ..machine("Halted")
    };
    facts.vmi.as_mut().unwrap()["metadata"]["deletionTimestamp"] = json!("2026-11-24T19:10:00Z");
    expect(
        facts,
        Blocked,
        "Stopping",
        &["is being stopped", "that should be over"],
    );
}

#[test]
fn kubevirt_itself_does_not_work() {
    let mut facts = machine("Always");
    facts.components = vec![
        json!({"metadata": {"name": "virt-controller", "namespace": "kubevirt"}, "spec": {"replicas": 2}, "status": {}}),
        json!({"metadata": {"name": "virt-api", "namespace": "kubevirt"}, "spec": {"replicas": 2}, "status": {"readyReplicas": 2}}),
    ];
    expect(
        facts,
        Blocked,
        "KubeVirtNotReady",
        &["virt-controller: none of 2 pods is ready"],
    );
    let mut facts = instance("Pending");
    let mut kubevirt = json!({"status": {"conditions": []}});
    condition(
        &mut kubevirt,
        "Available",
        "False",
        "DeploymentInProgress",
        "components are rolled out",
    );
    facts.kubevirts = vec![kubevirt];
    expect(
        facts,
        Blocked,
        "KubeVirtNotReady",
        &["components are rolled out"],
    );
}

#[test]
fn what_could_not_be_read_is_told() {
    let facts = Facts {
        hidden: vec!["its pods: pods is forbidden".into()],
        ..instance("Pending")
    };
    expect(
        facts,
        Waiting,
        "Starting",
        &["unseen its pods: pods is forbidden"],
    );
    let facts = Facts {
        hidden: vec!["its node: nodes is forbidden".into()],
        ..runs()
    };
    let diagnosis = expect(facts, Running, "RunningWithoutAgent", &[]);
    assert!(!crate::commands::why::text(&diagnosis).contains("unseen"));
}

#[test]
fn only_states_that_stay_are_final() {
    let all = [Running, Paused, Waiting, Blocked, Stopped, Failed, NotFound];
    assert_eq!(
        all.into_iter()
            .filter(|state| State::is_final(*state))
            .count(),
        3
    );
}
