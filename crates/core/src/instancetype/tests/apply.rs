//! What an instancetype decides, and what it may not find decided.

use rstest::rstest;
use serde_json::{Value, json};

use super::{config, expanded, instancetype, preference, template};
use crate::defaults::default_vmi_spec;
use crate::instancetype::{Conflict, Selection, check_requirements, expand, expand_instance};
use crate::validation::Fault;

fn only(more: Value) -> Selection {
    Selection {
        instancetype: instancetype(more),
        preference: None,
    }
}

#[rstest]
#[case::processors(json!({}), "/spec/domain/cpu", json!({"sockets": 2, "cores": 1, "threads": 1}))]
#[case::memory(json!({}), "/spec/domain/memory", json!({"guest": "1Gi"}))]
#[case::model(json!({"cpu": {"model": "Haswell"}}), "/spec/domain/cpu/model", json!("Haswell"))]
#[case::dedicated(json!({"cpu": {"dedicatedCPUPlacement": true, "isolateEmulatorThread": true}}), "/spec/domain/cpu/dedicatedCpuPlacement", json!(true))]
#[case::isolated(json!({"cpu": {"isolateEmulatorThread": true}}), "/spec/domain/cpu/isolateEmulatorThread", json!(true))]
#[case::numa(json!({"cpu": {"numa": {"guestMappingPassthrough": {}}}}), "/spec/domain/cpu/numa", json!({"guestMappingPassthrough": {}}))]
#[case::real_time(json!({"cpu": {"realtime": {"mask": "0"}}}), "/spec/domain/cpu/realtime", json!({"mask": "0"}))]
#[case::most_sockets(json!({"cpu": {"maxSockets": 8}}), "/spec/domain/cpu/maxSockets", json!(8))]
#[case::most_memory(json!({"memory": {"maxGuest": "4Gi"}}), "/spec/domain/memory/maxGuest", json!("4Gi"))]
#[case::huge_pages(json!({"memory": {"hugepages": {"pageSize": "2Mi"}}}), "/spec/domain/memory/hugepages", json!({"pageSize": "2Mi"}))]
#[case::overcommit(json!({"memory": {"overcommitPercent": 25}}), "/spec/domain/resources/requests", json!({"memory": "768Mi"}))]
#[case::io_threads_policy(json!({"ioThreadsPolicy": "auto"}), "/spec/domain/ioThreadsPolicy", json!("auto"))]
#[case::io_threads(json!({"ioThreads": {"supplementalPoolThreadCount": 2}}), "/spec/domain/ioThreads", json!({"supplementalPoolThreadCount": 2}))]
#[case::launch_security(json!({"launchSecurity": {"sev": {}}}), "/spec/domain/launchSecurity", json!({"sev": {}}))]
#[case::gpus(json!({"gpus": [{"name": "g", "deviceName": "v/g"}]}), "/spec/domain/devices/gpus", json!([{"name": "g", "deviceName": "v/g"}]))]
#[case::host_devices(json!({"hostDevices": [{"name": "h", "deviceName": "v/h"}]}), "/spec/domain/devices/hostDevices", json!([{"name": "h", "deviceName": "v/h"}]))]
#[case::node_selector(json!({"nodeSelector": {"a": "b"}}), "/spec/nodeSelector", json!({"a": "b"}))]
#[case::scheduler(json!({"schedulerName": "mine"}), "/spec/schedulerName", json!("mine"))]
#[case::annotations(json!({"annotations": {"a": "b"}}), "/metadata/annotations", json!({"a": "b"}))]
fn an_instancetype_decides(#[case] says: Value, #[case] pointer: &str, #[case] expected: Value) {
    let template = expanded(json!({}), &only(says)).unwrap();
    assert_eq!(
        template.pointer(pointer).unwrap_or(&Value::Null),
        &expected,
        "{pointer}"
    );
}

#[rstest]
#[case::cpu_request(json!({"domain": {"resources": {"requests": {"cpu": "1"}}}}), json!({}), "spec.domain.resources.requests[cpu]")]
#[case::cpu_limit(json!({"domain": {"resources": {"limits": {"cpu": "1"}}}}), json!({}), "spec.domain.resources.limits[cpu]")]
#[case::memory_request(json!({"domain": {"resources": {"requests": {"memory": "1Gi"}}}}), json!({}), "spec.domain.resources.requests[memory]")]
#[case::memory_limit(json!({"domain": {"resources": {"limits": {"memory": "1Gi"}}}}), json!({}), "spec.domain.resources.limits[memory]")]
#[case::sockets(json!({"domain": {"cpu": {"sockets": 1}}}), json!({}), "spec.domain.cpu.sockets")]
#[case::cores(json!({"domain": {"cpu": {"cores": 1}}}), json!({}), "spec.domain.cpu.cores")]
#[case::threads(json!({"domain": {"cpu": {"threads": 1}}}), json!({}), "spec.domain.cpu.threads")]
#[case::model(json!({"domain": {"cpu": {"model": "m"}}}), json!({"cpu": {"model": "n"}}), "spec.domain.cpu.model")]
#[case::dedicated(json!({"domain": {"cpu": {"dedicatedCpuPlacement": true}}}), json!({"cpu": {"dedicatedCPUPlacement": true}}), "spec.domain.cpu.dedicatedCpuPlacement")]
#[case::isolated(json!({"domain": {"cpu": {"isolateEmulatorThread": true}}}), json!({"cpu": {"isolateEmulatorThread": false}}), "spec.domain.cpu.isolateEmulatorThread")]
#[case::numa(json!({"domain": {"cpu": {"numa": {}}}}), json!({"cpu": {"numa": {}}}), "spec.domain.cpu.numa")]
#[case::real_time(json!({"domain": {"cpu": {"realtime": {}}}}), json!({"cpu": {"realtime": {}}}), "spec.domain.cpu.realtime")]
#[case::guest(json!({"domain": {"memory": {"guest": "1Gi"}}}), json!({}), "spec.domain.memory.guest")]
#[case::huge_pages(json!({"domain": {"memory": {"hugepages": {}}}}), json!({"memory": {"hugepages": {}}}), "spec.domain.memory.hugepages")]
#[case::most_memory(json!({"domain": {"memory": {"maxGuest": "1Gi"}}}), json!({"memory": {"maxGuest": "2Gi"}}), "spec.domain.memory.maxGuest")]
#[case::io_threads_policy(json!({"domain": {"ioThreadsPolicy": "auto"}}), json!({"ioThreadsPolicy": "shared"}), "spec.domain.ioThreadsPolicy")]
#[case::io_threads(json!({"domain": {"ioThreads": {}}}), json!({"ioThreads": {}}), "spec.domain.ioThreads")]
#[case::launch_security(json!({"domain": {"launchSecurity": {}}}), json!({"launchSecurity": {}}), "spec.domain.launchSecurity")]
#[case::gpus(json!({"domain": {"devices": {"gpus": [{"name": "g"}]}}}), json!({"gpus": [{"name": "h"}]}), "spec.domain.devices.gpus")]
#[case::host_devices(json!({"domain": {"devices": {"hostDevices": [{"name": "g"}]}}}), json!({"hostDevices": [{"name": "h"}]}), "spec.domain.devices.hostDevices")]
#[case::node_selector(json!({"nodeSelector": {"a": "c"}}), json!({"nodeSelector": {"a": "b"}}), "spec.nodeSelector[a]")]
#[case::scheduler(json!({"schedulerName": "his"}), json!({"schedulerName": "mine"}), "spec.schedulerName")]
fn what_both_say_is_a_conflict(#[case] spec: Value, #[case] says: Value, #[case] field: &str) {
    let conflicts = expanded(json!({ "spec": spec }), &only(says)).unwrap_err();
    assert_eq!(conflicts, [format!("spec.template.{field}")]);
}

#[test]
fn all_conflicts_are_told_with_the_words_that_scripts_look_for() {
    let spec = json!({"spec": {"domain": {"cpu": {"cores": 1}, "memory": {"guest": "1Gi"}}}});
    let conflicts = expand(&template(spec), &only(json!({})), &config()).unwrap_err();
    assert_eq!(conflicts.len(), 2);
    let fault = Fault::from(Conflict::clone(&conflicts[0]));
    assert_eq!(fault.field, "spec.template.spec.domain.cpu.cores");
    assert!(fault.message.starts_with(
        "VM field(s) spec.template.spec.domain.cpu.cores conflicts with selected instance type"
    ));
    let other = json!({"metadata": {"annotations": {"a": "c"}}});
    let conflicts = expanded(other, &only(json!({"annotations": {"a": "b"}}))).unwrap_err();
    assert_eq!(conflicts, ["spec.template.metadata.annotations[a]"]);
}

#[rstest]
#[case::nothing_said(json!({}), json!({"nodeSelector": {"a": "b"}, "annotations": {"c": "d"}}))]
#[case::the_same(json!({"metadata": {"annotations": {"c": "d"}}, "spec": {"nodeSelector": {"a": "b"}}}), json!({"nodeSelector": {"a": "b"}, "annotations": {"c": "d"}}))]
#[case::other_fields(json!({"spec": {"domain": {"cpu": {"model": "m"}, "ioThreadsPolicy": "auto"}}}), json!({}))]
#[case::other_resources(json!({"spec": {"domain": {"resources": {"requests": {"hugepages-2Mi": "2Mi"}}}}}), json!({}))]
#[case::off(json!({"spec": {"domain": {"cpu": {"dedicatedCpuPlacement": false}}}}), json!({"cpu": {"dedicatedCPUPlacement": true}}))]
fn what_does_not_contradict_is_no_conflict(#[case] template: Value, #[case] says: Value) {
    expanded(template, &only(says)).unwrap();
}

#[rstest]
#[case::none(json!({}), 4, [4, 1, 1])]
#[case::sockets(json!({"cpu": {"preferredCPUTopology": "sockets"}}), 4, [4, 1, 1])]
#[case::cores(json!({"cpu": {"preferredCPUTopology": "cores"}}), 4, [1, 4, 1])]
#[case::threads(json!({"cpu": {"preferredCPUTopology": "threads"}}), 4, [1, 1, 4])]
#[case::any(json!({"cpu": {"preferredCPUTopology": "any"}}), 4, [4, 1, 1])]
#[case::older_name(json!({"cpu": {"preferredCPUTopology": "preferCores"}}), 4, [1, 4, 1])]
#[case::spread(json!({"cpu": {"preferredCPUTopology": "spread"}}), 6, [3, 2, 1])]
#[case::older_spread(json!({"cpu": {"preferredCPUTopology": "preferSpread"}, "preferSpreadSocketToCoreRatio": 3}), 6, [2, 3, 1])]
#[case::ratio(json!({"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"ratio": 4}}}), 8, [2, 4, 1])]
#[case::cores_threads(json!({"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "CoresThreads"}}}), 6, [1, 3, 2])]
#[case::all_three(json!({"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "SocketsCoresThreads"}}}), 8, [2, 2, 2])]
#[case::all_three_ratio(json!({"cpu": {"preferredCPUTopology": "spread", "spreadOptions": {"across": "SocketsCoresThreads", "ratio": 4}}}), 16, [2, 4, 2])]
#[case::one(json!({"cpu": {"preferredCPUTopology": "spread"}}), 1, [1, 1, 1])]
fn processors_are_arranged_as_preferred(
    #[case] says: Value,
    #[case] guest: u32,
    #[case] expected: [u32; 3],
) {
    let selection = Selection {
        instancetype: instancetype(json!({"cpu": {"guest": guest}})),
        preference: preference(says),
    };
    let template = expand(&template(json!({})), &selection, &config()).unwrap();
    let cpu = template.spec.domain.cpu.unwrap();
    let [sockets, cores, threads] = expected.map(Some);
    assert_eq!(
        (cpu.sockets, cpu.cores, cpu.threads),
        (sockets, cores, threads)
    );
}

#[rstest]
#[case::enough(json!({"cpu": {"guest": 2}, "memory": {"guest": "1Gi"}, "architecture": "amd64"}), json!({}), &[])]
#[case::processors(json!({"cpu": {"guest": 3}}), json!({}), &["spec.instancetype: insufficient CPU resources of 2 vCPU provided by instance type, preference requires 3 vCPU"])]
#[case::memory(json!({"memory": {"guest": "2Gi"}}), json!({}), &["spec.instancetype: insufficient Memory resources of 1Gi provided by instance type, preference requires 2Gi"])]
#[case::architecture(json!({"architecture": "arm64"}), json!({}), &["spec.template.spec.architecture: preference requires architecture arm64 but amd64 is being requested"])]
fn a_preference_requires(#[case] requires: Value, #[case] spec: Value, #[case] expected: &[&str]) {
    let selection = Selection {
        instancetype: instancetype(json!({})),
        preference: preference(json!({"requirements": requires})),
    };
    assert_eq!(unmet(spec, &selection), expected);
}

fn unmet(spec: Value, selection: &Selection) -> Vec<String> {
    let expanded = expand(&template(json!({ "spec": spec })), selection, &config()).unwrap();
    let mut completed = expanded.spec;
    default_vmi_spec(&mut completed, &config());
    check_requirements(&completed, selection)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[rstest]
#[case::product(json!({"domain": {"cpu": {"sockets": 2, "cores": 2}, "memory": {"guest": "2Gi"}}}), 0)]
#[case::too_few(json!({"domain": {"cpu": {"cores": 3}, "memory": {"guest": "2Gi"}}}), 1)]
#[case::nothing(json!({}), 2)]
fn without_an_instancetype_the_machine_itself_must_have_it(
    #[case] spec: Value,
    #[case] faults: usize,
) {
    let requires = json!({"requirements": {"cpu": {"guest": 4}, "memory": {"guest": "1Gi"}}});
    let selection = Selection {
        instancetype: None,
        preference: preference(requires),
    };
    let unmet = unmet(spec, &selection);
    assert_eq!(unmet.len(), faults, "{unmet:?}");
    assert!(
        unmet
            .iter()
            .all(|fault| fault.starts_with("spec.template.spec.domain."))
    );
}

#[test]
fn processors_that_cannot_be_spread_are_told() {
    let selection = Selection {
        instancetype: instancetype(json!({"cpu": {"guest": 3}})),
        preference: preference(json!({"cpu": {"preferredCPUTopology": "spread"}})),
    };
    let faults = unmet(json!({}), &selection);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("spec.instancetype: has 3 virtual processors"));
}

#[test]
fn an_instance_says_what_it_was_made_with() {
    let selection = Selection {
        instancetype: instancetype(json!({})),
        preference: preference(json!({})),
    };
    let mut instance = kubevirt_api::VirtualMachineInstance::default();
    expand_instance(&mut instance, &selection, &config()).unwrap();
    let annotations = instance.metadata.annotations.unwrap();
    assert_eq!(
        annotations["kubevirt.io/cluster-instancetype-name"],
        "small"
    );
    assert_eq!(annotations["kubevirt.io/preference-name"], "linux");
    assert_eq!(annotations.len(), 2);
    assert_eq!(instance.spec.domain.cpu.unwrap().sockets, Some(2));
}
