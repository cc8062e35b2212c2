use FaultReason::FieldValueInvalid as Invalid;
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check};

/// A guest with processors of its own, changed by a patch.
fn own(patch: Value) -> Value {
    let mut manifest = json!({"domain": {
        "cpu": {"dedicatedCpuPlacement": true, "cores": 2},
        "memory": {"hugepages": {"pageSize": "2Mi"}},
    }});
    super::merge(&mut manifest, &json!({"domain": patch}));
    manifest
}

fn cpu(request: &str, limit: &str) -> Value {
    own(json!({"resources": {"requests": {"cpu": request}, "limits": {"cpu": limit}}}))
}

fn numa() -> Value {
    json!({"guestMappingPassthrough": {}})
}

#[rstest]
#[case::whole(own(json!({"resources": {"requests": {"cpu": 2}}})), own(json!({"resources": {"requests": {"cpu": "1500m"}}})), "resources.requests.cpu", "whole")]
#[case::equal(cpu("2", "2"), cpu("2", "3"), "resources.requests.cpu", "limits.cpu")]
#[case::number(own(json!({"resources": {"limits": {"cpu": "2"}}})), own(json!({"resources": {"limits": {"cpu": "3"}}})), "cpu", "sockets x cores x threads")]
#[case::memory(own(json!({"resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "1Gi"}}})), own(json!({"resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "2Gi"}}})), "resources.requests.memory", "limits.memory")]
#[case::threads(own(json!({"cpu": {"threads": 2}})), own(json!({"cpu": {"threads": 4}})), "cpu.threads", "at most 2")]
#[case::emulator(own(json!({"cpu": {"isolateEmulatorThread": true}})), own(json!({"cpu": {"dedicatedCpuPlacement": null, "isolateEmulatorThread": true}})), "cpu.isolateEmulatorThread", "dedicatedCpuPlacement")]
#[case::topology(own(json!({"cpu": {"numa": numa()}})), own(json!({"cpu": {"dedicatedCpuPlacement": false, "numa": numa()}})), "cpu.numa.guestMappingPassthrough", "dedicatedCpuPlacement")]
#[case::topology_pages(own(json!({"cpu": {"numa": {}}})), own(json!({"memory": {"hugepages": null}, "cpu": {"numa": numa()}})), "cpu.numa.guestMappingPassthrough", "huge pages")]
#[case::real_time(own(json!({"cpu": {"numa": numa(), "realtime": {"mask": "0"}}})), own(json!({"cpu": {"realtime": {}}})), "cpu.realtime", "numa.guestMappingPassthrough")]
#[case::sockets(json!({"domain": {"cpu": {"sockets": 4, "maxSockets": 4}}}), json!({"domain": {"cpu": {"sockets": 4, "maxSockets": 2}}}), "cpu.sockets", "maxSockets")]
fn rules(#[case] good: Value, #[case] bad: Value, #[case] field: &str, #[case] message: &str) {
    let field = format!("spec.domain.{field}");
    check(&good, &bad, &field, Invalid, message);
}

#[test]
fn threads_of_arm() {
    let guest = |threads: u32| {
        let mut manifest = own(json!({"cpu": {"threads": threads}}));
        manifest["architecture"] = "arm64".into();
        manifest
    };
    let field = "spec.domain.cpu.threads";
    check(&guest(1), &guest(2), field, Invalid, "at most 1");
}

#[test]
fn real_time_without_processors_of_its_own() {
    let guest = own(json!({"cpu": {"dedicatedCpuPlacement": null, "realtime": {}}}));
    let faults = super::faults_with(&guest, &super::config(json!({})));
    let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["spec.domain.cpu.realtime"; 2]);
}
