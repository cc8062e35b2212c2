//! Guests that have ended.

use rstest::rstest;
use serde_json::json;

use super::expect;
use super::objects::*;
use crate::commands::why::diagnosis::State::*;
use crate::commands::why::facts::Facts;

fn ended(strategy: &str, phase: &str) -> Facts {
    Facts {
        vmi: Some(vmi(phase)),
        ..machine(strategy)
    }
}

fn told(level: &str, reason: &str, message: &str) -> serde_json::Value {
    event("VirtualMachineInstance", "vm1", level, reason, message)
}

#[rstest]
#[case(
    "GuestCrashed",
    "The guest crashed: QEMU ended without a shutdown",
    "GuestCrashed",
    "the guest crashed"
)]
#[case(
    "",
    "The VirtualMachineInstance crashed.",
    "GuestCrashed",
    "the guest crashed"
)]
#[case(
    "GuestLost",
    "QEMU ended, and libvirt does not say how",
    "GuestLost",
    "nothing tells how it ended"
)]
#[case(
    "LauncherEnded",
    "The launcher pod ended with exit code 1 while the guest ran",
    "LauncherEnded",
    "exit code 1"
)]
#[case(
    "NodeUnresponsive",
    "node node2 does not respond and the launcher pod is gone, the guest with it",
    "NodeLost",
    "does not respond"
)]
#[case(
    "LauncherEnded",
    "The launcher pod ended with exit code 137 (OOMKilled) while the guest ran",
    "OutOfMemory",
    "limits.memory"
)]
fn a_failure_is_named(
    #[case] reason: &str,
    #[case] message: &str,
    #[case] cause: &str,
    #[case] words: &str,
) {
    let mut facts = ended("Manual", "Failed");
    facts.vmi.as_mut().unwrap()["status"]["reason"] = json!(reason);
    facts.events.push(told("Warning", "Stopped", message));
    expect(facts, Failed, cause, &[words, "virtctl -n team start vm1"]);
}

#[test]
fn a_failure_is_followed_by_a_start_when_the_strategy_says_so() {
    let mut facts = ended("RerunOnFailure", "Failed");
    facts.vmi.as_mut().unwrap()["status"]["reason"] = json!("GuestCrashed");
    expect(facts, Blocked, "GuestCrashed", &["started again by itself"]);
}

#[test]
fn out_of_memory_by_the_containers_status() {
    let mut facts = ended("Manual", "Failed");
    let mut launcher = pod("Failed", "node2");
    launcher["status"]["containerStatuses"] = json!([{"name": "compute", "state": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}]);
    facts.pods.push(launcher);
    expect(
        facts,
        Failed,
        "OutOfMemory",
        &["container compute was killed"],
    );
}

#[test]
fn an_instance_without_a_machine_stays_ended() {
    let facts = Facts {
        vmi: Some(vmi("Failed")),
        ..nothing()
    };
    expect(facts, Failed, "Failed", &["delete it and create it anew"]);
}

#[test]
fn the_back_off_tells_the_next_try_and_the_last_failure() {
    let mut facts = machine("Always");
    facts.vm.as_mut().unwrap()["status"]["startFailure"] =
        json!({"consecutiveFailCount": 3, "retryAfterTimestamp": "2026-11-24T19:20:42Z"});
    facts.events.push(told(
        "Warning",
        "SyncFailed",
        "volume root: /disk in the image is empty",
    ));
    facts.events.push(told(
        "Warning",
        "Stopped",
        "Stopped before the guest was started",
    ));
    expect(
        facts,
        Blocked,
        "CrashLoopBackOff",
        &[
            "its last 3 starts failed, the next try is in 42s",
            "the last failure: volume root: /disk in the image is empty",
        ],
    );
}

#[test]
fn a_start_that_goes_on_after_failures_is_no_back_off() {
    let mut facts = instance("Scheduled");
    facts.vm.as_mut().unwrap()["status"]["startFailure"] = json!({"consecutiveFailCount": 3});
    expect(facts, Waiting, "GuestStarting", &[]);
}

#[test]
fn the_guest_has_shut_itself_down() {
    let stopped = || told("Normal", "Stopped", "The guest shut down");
    let mut facts = ended("Once", "Succeeded");
    facts.events.push(stopped());
    expect(
        facts,
        Stopped,
        "GuestShutDown",
        &["the guest has shut itself down 60s ago", "Once"],
    );
    let mut facts = ended("Manual", "Succeeded");
    facts.events.push(stopped());
    expect(
        facts,
        Stopped,
        "GuestShutDown",
        &["virtctl -n team start vm1"],
    );
    let mut facts = machine("RerunOnFailure");
    facts.events.push(stopped());
    expect(
        facts,
        Stopped,
        "GuestShutDown",
        &["RerunOnFailure, which does not start it again then"],
    );
    let mut facts = ended("Always", "Succeeded");
    facts.events.push(stopped());
    expect(facts, Waiting, "Restarting", &["started again"]);
}

#[test]
fn a_stop_by_its_user_is_not_the_guests_doing() {
    let mut facts = machine("RerunOnFailure");
    facts
        .events
        .push(told("Normal", "ShuttingDown", "signaled graceful shutdown"));
    expect(
        facts,
        Stopped,
        "NotStarted",
        &["it was stopped through Kubernetes, 60s ago"],
    );
}

#[rstest]
#[case("EvictionByEvictionAPI", "somebody drains the node")]
#[case("PreemptionByScheduler", "higher priority")]
#[case("TerminationByKubelet", "runs short")]
fn evicted(#[case] reason: &str, #[case] words: &str) {
    let mut launcher = pod("Running", "node2");
    condition(&mut launcher, "DisruptionTarget", "True", reason, "");
    expect(with_pod("Running", launcher), Blocked, "Evicted", &[words]);
}

#[test]
fn evicted_by_kubelet_and_not_started_again() {
    let mut facts = ended("Manual", "Failed");
    let mut launcher = pod("Failed", "node2");
    launcher["status"]["reason"] = json!("Evicted");
    launcher["status"]["message"] = json!("The node was low on resource: memory.");
    facts.pods.push(launcher);
    expect(
        facts,
        Failed,
        "Evicted",
        &["low on resource: memory", "virtctl -n team start vm1"],
    );
}

#[test]
fn its_node_is_gone_or_does_not_answer() {
    let facts = Facts {
        node_is_missing: true,
        ..instance("Running")
    };
    expect(
        facts,
        Blocked,
        "NodeLost",
        &["node2, which does not exist any more"],
    );
    let mut facts = instance("Running");
    let mut lost = node("node2");
    lost["status"]["conditions"] = json!([{"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown",
        "message": "Kubelet stopped posting node status.", "lastTransitionTime": "2026-11-24T19:15:00Z"}]);
    facts.nodes = vec![lost];
    expect(
        facts,
        Blocked,
        "NodeNotReady",
        &["since 5m", "Kubelet stopped posting node status."],
    );
}

#[test]
fn virt_handler_is_missing_on_its_node() {
    let facts = Facts {
        handlers: Some(Vec::new()),
        nodes: vec![node("node2")],
        ..instance("Scheduled")
    };
    expect(
        facts,
        Blocked,
        "HandlerMissing",
        &["there is no virt-handler pod on it"],
    );
    let mut handler = json!({"metadata": {"name": "virt-handler-1", "namespace": "kubevirt"},
        "spec": {"nodeName": "node2"}, "status": {"phase": "Running", "conditions": []}});
    condition(&mut handler, "Ready", "False", "ContainersNotReady", "");
    let facts = Facts {
        handlers: Some(vec![handler]),
        nodes: vec![node("node2")],
        ..instance("Running")
    };
    expect(
        facts,
        Running,
        "HandlerMissing",
        &["nobody looks after it", "virt-handler-1 is not ready"],
    );
}

#[test]
fn a_volume_migration_was_cut_short() {
    let mut facts = machine("Always");
    condition(
        facts.vm.as_mut().unwrap(),
        "ManualRecoveryRequired",
        "True",
        "",
        "the volume migration was interrupted",
    );
    expect(
        facts,
        Failed,
        "ManualRecoveryRequired",
        &["was interrupted"],
    );
}
