use k8s_openapi::jiff::Timestamp;
use kubevirt_core::vmi::{ConditionFacts, LauncherPod};
use serde_json::{Value, json};

use super::*;
use kubevirt_domain::{LiveDisk, LiveInterface};

fn instance(binding: &str) -> VirtualMachineInstance {
    serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": { "name": "vm", "namespace": "ns" },
        "spec": {
            "domain": { "devices": { "interfaces": [{ "name": "default", binding: {} }] } },
            "networks": [{ "name": "default", "pod": {} }],
            "volumes": [
                { "name": "root", "containerDisk": { "image": "i" } },
                { "name": "ci", "cloudInitNoCloud": { "userData": "x" } },
            ],
        },
        "status": {
            "phase": "Scheduled", "nodeName": "n",
            "conditions": [{ "type": "Ready", "status": "False", "reason": "GuestNotRunning" }],
            "volumeStatus": [{ "name": "ci", "target": "" }, { "name": "root", "target": "" }],
        },
    }))
    .unwrap()
}

fn facts() -> LiveDomain {
    let disk = |name: &str, target: &str| LiveDisk {
        name: name.to_owned(),
        target: target.to_owned(),
        ..LiveDisk::default()
    };
    let interface = LiveInterface {
        name: "default".to_owned(),
        mac: "02:00:00:00:00:01".to_owned(),
        ..LiveInterface::default()
    };
    LiveDomain {
        machine: Some("pc-q35-10.0".to_owned()),
        disks: vec![disk("root", "vda"), disk("ci", "vdb")],
        interfaces: vec![interface],
        ..LiveDomain::default()
    }
}

fn pod(ready: bool) -> PodFacts {
    let ready = ConditionFacts {
        status: if ready { "True" } else { "False" }.to_owned(),
        reason: String::new(),
        message: String::new(),
    };
    PodFacts {
        pod: LauncherPod {
            ready: Some(ready),
            ..LauncherPod::default()
        },
        namespace: "ns".to_owned(),
        ips: vec!["10.88.2.12".parse().unwrap()],
    }
}

fn now() -> Time {
    Time(Timestamp::from_second(1_800_000_000).unwrap())
}

fn written(
    instance: &VirtualMachineInstance,
    pod: &PodFacts,
    paused: Option<(&'static str, &'static str)>,
) -> Value {
    let domain = facts();
    let seen = Running {
        agent: View::Unknown,
        domain: &domain,
        pod,
        addresses: &[],
        cloud_init_size: Some(1_048_576),
        paused,
        now: now(),
    };
    serde_json::to_value(running(instance, &seen)).unwrap()
}

#[test]
fn one_write_carries_everything() {
    let status = written(&instance("masquerade"), &pod(true), None);
    assert_eq!(status["phase"], "Running");
    assert_eq!(status["machine"]["type"], "pc-q35-10.0");
    assert_eq!(
        status["interfaces"],
        json!([{
            "name": "default", "mac": "02:00:00:00:00:01", "ipAddress": "10.88.2.12", "ipAddresses": ["10.88.2.12"],
            "infoSource": "domain", "podInterfaceName": "eth0", "queueCount": 1, "linkState": "up",
        }])
    );
    assert_eq!(
        status["volumeStatus"],
        json!([{ "name": "ci", "size": 1_048_576, "target": "vdb" }, { "name": "root", "target": "vda" }])
    );
    let conditions: Vec<_> = status["conditions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|all| format!("{}={}", all["type"], all["status"]))
        .collect();
    assert_eq!(
        conditions,
        [
            r#""Ready"="True""#,
            r#""LiveMigratable"="True""#,
            r#""StorageLiveMigratable"="True""#
        ]
    );
    assert_eq!(status["phaseTransitionTimestamps"][0]["phase"], "Running");
}

#[test]
fn the_same_again_changes_nothing() {
    let mut instance = instance("masquerade");
    let first = written(&instance, &pod(true), None);
    instance.status = Some(serde_json::from_value(first.clone()).unwrap());
    assert_eq!(written(&instance, &pod(true), None), first);
}

#[test]
fn an_unready_pod_leaves_ready_to_the_controller() {
    let status = written(&instance("masquerade"), &pod(false), None);
    assert_eq!(status["conditions"][0]["status"], "False");
}

#[test]
fn pausing_shows_and_goes() {
    let mut instance = instance("masquerade");
    let paused = written(&instance, &pod(true), Some(("PausedByUser", "paused")));
    let conditions: Vec<Condition> = serde_json::from_value(paused["conditions"].clone()).unwrap();
    assert!(Condition::is_true(&conditions, "Paused"));
    instance.status = Some(serde_json::from_value(paused).unwrap());
    let resumed = written(&instance, &pod(true), None);
    let conditions: Vec<Condition> = serde_json::from_value(resumed["conditions"].clone()).unwrap();
    assert!(Condition::find(&conditions, "Paused").is_none());
}

#[test]
fn a_bridge_on_the_pod_network_does_not_move() {
    let status = written(&instance("bridge"), &pod(true), None);
    let conditions: Vec<Condition> = serde_json::from_value(status["conditions"].clone()).unwrap();
    let live = Condition::find(&conditions, "LiveMigratable").unwrap();
    assert_eq!(
        (live.status, live.reason.as_deref()),
        (ConditionStatus::False, Some("InterfaceNotLiveMigratable"))
    );
    let storage = Condition::find(&conditions, "StorageLiveMigratable").unwrap();
    assert_eq!(
        (storage.status, storage.reason.as_deref()),
        (ConditionStatus::False, Some("NotMigratable"))
    );
}

#[test]
fn the_end_keeps_what_was_and_takes_ready() {
    let mut instance = instance("masquerade");
    instance.status = Some(serde_json::from_value(written(&instance, &pod(true), None)).unwrap());
    let status = ended(&instance, Phase::Succeeded, None, &now());
    assert_eq!(status.phase, Phase::Succeeded);
    assert_eq!(status.interfaces.len(), 1);
    let ready = Condition::find(&status.conditions, "Ready").unwrap();
    assert_eq!(
        (ready.status, ready.reason.as_deref()),
        (ConditionStatus::False, Some("GuestNotRunning"))
    );
}

#[test]
fn trouble_is_told_and_forgotten() {
    let mut instance = instance("masquerade");
    let status = troubled(&instance, "SyncFailed", "no disk", &now());
    let trouble = Condition::find(&status.conditions, "Synchronized").unwrap();
    assert_eq!(
        (trouble.reason.as_deref(), trouble.message.as_deref()),
        (Some("SyncFailed"), Some("no disk"))
    );
    instance.status = Some(status);
    let running = written(&instance, &pod(true), None);
    let conditions: Vec<Condition> = serde_json::from_value(running["conditions"].clone()).unwrap();
    assert!(Condition::find(&conditions, "Synchronized").is_none());
}
