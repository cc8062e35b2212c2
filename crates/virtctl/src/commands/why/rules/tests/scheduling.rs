//! Pods that no node takes.

use rstest::rstest;
use serde_json::{Value, json};

use super::expect;
use super::objects::*;
use crate::commands::why::diagnosis::State::*;
use crate::commands::why::facts::Facts;

const TAIL: &str = ". no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.";

fn homeless(message: &str, selector: &[(&str, &str)]) -> Facts {
    let mut launcher = pod("Pending", "");
    condition(
        &mut launcher,
        "PodScheduled",
        "False",
        "Unschedulable",
        message,
    );
    for (key, value) in selector {
        launcher["spec"]["nodeSelector"][*key] = json!(value);
    }
    Facts {
        nodes: vec![node("node1"), node("node2")],
        ..with_pod("Scheduling", launcher)
    }
}

#[rstest]
#[case(
    "2 Insufficient memory",
    "NotEnoughMemory",
    "asks for 900Gi; the largest node can give 32Gi in all"
)]
#[case("2 Insufficient cpu", "NotEnoughCpu", "the nodes are full")]
#[case("2 Insufficient devices.kubevirt.io/kvm", "NoKvm", "useEmulation")]
#[case(
    "2 Insufficient devices.kubevirt.io/tun",
    "DeviceMissing",
    "virt-handler offers it"
)]
#[case("2 Insufficient hugepages-2Mi", "NotEnoughHugepages", "hugepages")]
#[case(
    "2 Insufficient vendor.example/gpu",
    "DeviceMissing",
    "vendor.example/gpu"
)]
#[case("2 node(s) had untolerated taint(s)", "Taint", "tolerations")]
#[case("2 node(s) were unschedulable", "NodesCordoned", "uncordon")]
#[case(
    "2 node(s) didn't match pod anti-affinity rules",
    "Affinity",
    "spec.affinity"
)]
#[case(
    "2 node(s) didn't match pod topology spread constraints",
    "TopologySpread",
    "topologySpreadConstraints"
)]
#[case(
    "2 node(s) had volume node affinity conflict",
    "VolumeOnOtherNode",
    "node of the volume"
)]
#[case("2 Too many pods", "TooManyPods", "as many pods")]
#[case(
    "2 node(s) have a bad day",
    "Unschedulable",
    "2 of 2 nodes: node(s) have a bad day"
)]
fn the_schedulers_words_are_decoded(#[case] words: &str, #[case] cause: &str, #[case] told: &str) {
    expect(
        homeless(&format!("0/2 nodes are available: {words}{TAIL}"), &[]),
        Blocked,
        cause,
        &[told],
    );
}

const SELECTOR: &str =
    "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. more";

#[rstest]
#[case("disk", "ssd", "NodeSelector", "no node has the label disk=ssd")]
#[case(
    "kubernetes.io/hostname",
    "node9",
    "NodeSelector",
    "there is node1, node2"
)]
#[case(
    "kubernetes.io/arch",
    "arm64",
    "Architecture",
    "of the architecture arm64"
)]
#[case(
    "cpu-model.node.kubevirt.io/EPYC",
    "true",
    "CpuModel",
    "the models Haswell, Penryn"
)]
#[case(
    "cpu-feature.node.kubevirt.io/avx512f",
    "true",
    "CpuFeature",
    "take avx512f out"
)]
#[case(
    "machine-type.node.kubevirt.io/pc-q35-99",
    "true",
    "MachineType",
    "machine type pc-q35-99"
)]
#[case(
    "hyperv.node.kubevirt.io/evmcs",
    "true",
    "Hyperv",
    "Hyper-V feature evmcs"
)]
#[case("kubevirt.io/cpumanager", "true", "CpuManager", "static")]
#[case(
    "kubevirt.io/schedulable",
    "yes",
    "HandlerMissing",
    "virt-handler pods"
)]
fn a_label_that_no_node_has(
    #[case] key: &str,
    #[case] value: &str,
    #[case] cause: &str,
    #[case] told: &str,
) {
    expect(homeless(SELECTOR, &[(key, value)]), Blocked, cause, &[told]);
}

#[test]
fn labels_that_no_node_has_together() {
    let mut facts = homeless(SELECTOR, &[("disk", "ssd"), ("rack", "b")]);
    facts.nodes[0]["metadata"]["labels"]["disk"] = json!("ssd");
    facts.nodes[1]["metadata"]["labels"]["rack"] = json!("b");
    expect(
        facts,
        Blocked,
        "NodeSelector",
        &["none has all the labels", "disk=ssd", "rack=b"],
    );
}

#[test]
fn a_node_affinity_that_fits_nowhere() {
    let mut facts = homeless(SELECTOR, &[]);
    facts.pods[0]["spec"]["affinity"] = json!({"nodeAffinity": {}});
    expect(
        facts,
        Blocked,
        "NodeAffinity",
        &["spec.affinity.nodeAffinity"],
    );
}

#[test]
fn taints_are_shown() {
    let mut facts = homeless(
        "0/2 nodes are available: 2 node(s) had untolerated taint(s). more",
        &[],
    );
    facts.nodes[0]["spec"]["taints"] =
        json!([{"key": "team", "value": "other", "effect": "NoSchedule"}]);
    expect(facts, Blocked, "Taint", &["node1: team=other:NoSchedule"]);
}

#[test]
fn an_unbound_claim_has_its_own_rule() {
    let mut facts = homeless(
        "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. more",
        &[],
    );
    let volumes = facts.vmi.as_mut().unwrap()["spec"]["volumes"]
        .as_array_mut()
        .unwrap();
    volumes.push(json!({"name": "data", "persistentVolumeClaim": {"claimName": "data"}}));
    let claim: Value = json!({"metadata": {"name": "data"}, "spec": {"storageClassName": "fast"}, "status": {"phase": "Pending"}});
    facts.claims = Some(vec![claim]);
    expect(
        facts,
        Waiting,
        "ClaimUnbound",
        &["PersistentVolumeClaim data"],
    );
}

#[test]
fn a_gated_pod_waits_for_whoever_gated_it() {
    let mut launcher = pod("Pending", "");
    condition(
        &mut launcher,
        "PodScheduled",
        "False",
        "SchedulingGated",
        "Scheduling is blocked due to non-empty scheduling gates",
    );
    expect(
        with_pod("Scheduling", launcher),
        Blocked,
        "SchedulingGated",
        &["scheduling gates"],
    );
}

#[test]
fn nodes_that_may_not_be_read_leave_the_schedulers_words() {
    let facts = Facts {
        nodes: Vec::new(),
        ..homeless(
            &format!("0/2 nodes are available: 2 Insufficient memory{TAIL}"),
            &[],
        )
    };
    expect(
        facts,
        Blocked,
        "NotEnoughMemory",
        &["2 of 2 nodes: Insufficient memory"],
    );
}
