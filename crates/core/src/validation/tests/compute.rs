use FaultReason::{
    FieldValueDuplicate as Duplicate, FieldValueInvalid as Invalid,
    FieldValueNotSupported as NotSupported, FieldValueRequired as Required,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check, check_gate, check_with, config, faults_with};

#[rstest]
#[case::architecture(json!({"architecture": "amd64"}), json!({"architecture": "sparc"}), "spec.architecture", NotSupported, "amd64, arm64")]
#[case::hostname(json!({"hostname": "web-1"}), json!({"hostname": "web.1"}), "spec.hostname", Invalid, "DNS label")]
#[case::subdomain(json!({"subdomain": "web"}), json!({"subdomain": "Web"}), "spec.subdomain", Invalid, "DNS label")]
#[case::start_strategy(json!({"startStrategy": "Paused"}), json!({"startStrategy": "Running"}), "spec.startStrategy", NotSupported, "Paused")]
#[case::eviction(json!({"evictionStrategy": "LiveMigrate"}), json!({"evictionStrategy": "Migrate"}), "spec.evictionStrategy", NotSupported, "LiveMigrate, LiveMigrateIfPossible, External")]
#[case::eviction_unknown(json!({"evictionStrategy": "External"}), json!({"evictionStrategy": "Never"}), "spec.evictionStrategy", NotSupported, "use one of None")]
#[case::reboot(json!({"domain": {"rebootPolicy": "Terminate"}}), json!({"domain": {"rebootPolicy": "Halt"}}), "spec.domain.rebootPolicy", NotSupported, "Reboot, Terminate")]
#[case::paused_and_probed(json!({"livenessProbe": {"guestAgentPing": {}}}), json!({"startStrategy": "Paused", "livenessProbe": {"guestAgentPing": {}}}), "spec.startStrategy", Invalid, "livenessProbe")]
#[case::grace(json!({"terminationGracePeriodSeconds": 0}), json!({"terminationGracePeriodSeconds": -1}), "spec.terminationGracePeriodSeconds", Invalid, "use 0")]
#[case::machine(json!({"domain": {"machine": {"type": "pc-q35-10.0"}}}), json!({"domain": {"machine": {"type": "pc"}}}), "spec.domain.machine.type", NotSupported, "q35*, pc-q35*")]
#[case::io_threads(json!({"domain": {"ioThreadsPolicy": "auto"}}), json!({"domain": {"ioThreadsPolicy": "some"}}), "spec.domain.ioThreadsPolicy", NotSupported, "shared, auto, supplementalPool")]
#[case::io_pool(json!({"domain": {"ioThreadsPolicy": "supplementalPool", "ioThreads": {"supplementalPoolThreadCount": 2}}}), json!({"domain": {"ioThreadsPolicy": "supplementalPool", "ioThreads": {"supplementalPoolThreadCount": 0}}}), "spec.domain.ioThreads.supplementalPoolThreadCount", Required, "at least 1")]
#[case::io_pool_size(json!({}), json!({"domain": {"ioThreadsPolicy": "supplementalPool"}}), "spec.domain.ioThreads.supplementalPoolThreadCount", Required, "at least 1")]
#[case::zone(json!({"domain": {"clock": {"timezone": "Etc/GMT+5"}}}), json!({"domain": {"clock": {"timezone": "a<b"}}}), "spec.domain.clock.timezone", Invalid, "time zone")]
#[case::rtc(json!({"domain": {"clock": {"timer": {"rtc": {"tickPolicy": "catchup", "track": "guest"}}}}}), json!({"domain": {"clock": {"timer": {"rtc": {"tickPolicy": "merge"}}}}}), "spec.domain.clock.timer.rtc.tickPolicy", NotSupported, "delay, catchup")]
#[case::rtc_track(json!({}), json!({"domain": {"clock": {"timer": {"rtc": {"track": "moon"}}}}}), "spec.domain.clock.timer.rtc.track", NotSupported, "guest, wall")]
#[case::pit(json!({"domain": {"clock": {"timer": {"pit": {"tickPolicy": "discard"}}}}}), json!({"domain": {"clock": {"timer": {"pit": {"tickPolicy": "merge"}}}}}), "spec.domain.clock.timer.pit.tickPolicy", NotSupported, "discard")]
#[case::hpet(json!({"domain": {"clock": {"timer": {"hpet": {"tickPolicy": "merge"}}}}}), json!({"domain": {"clock": {"timer": {"hpet": {"tickPolicy": "x"}}}}}), "spec.domain.clock.timer.hpet.tickPolicy", NotSupported, "merge")]
fn rules(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    check(&good, &bad, field, reason, message);
}

#[rstest]
#[case::none(json!({}), json!({"domain": {"memory": null}}), "spec.domain.memory.guest", Required, "1Gi")]
#[case::of_request(json!({"domain": {"memory": null, "resources": {"requests": {"memory": "64Mi"}}}}), json!({"domain": {"memory": null, "resources": {"requests": {"cpu": "1"}}}}), "spec.domain.memory.guest", Required, "request memory")]
#[case::zero(json!({}), json!({"domain": {"memory": {"guest": "0"}}}), "spec.domain.memory.guest", Invalid, "more than 0")]
#[case::unit(json!({"domain": {"memory": {"guest": "1M"}}}), json!({"domain": {"memory": {"guest": "512"}}}), "spec.domain.memory.guest", Invalid, "give a unit")]
#[case::not_an_amount(json!({}), json!({"domain": {"memory": {"guest": "1GB"}}}), "spec.domain.memory.guest", Invalid, "not an amount")]
#[case::request_without_unit(json!({"domain": {"resources": {"requests": {"memory": "1Gi"}}}}), json!({"domain": {"resources": {"requests": {"memory": "64"}}}}), "spec.domain.resources.requests.memory", Invalid, "give a unit")]
#[case::request_over_limit(json!({"domain": {"resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "1Gi"}}}}), json!({"domain": {"resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}}}), "spec.domain.resources.requests.memory", Invalid, "more than the limit")]
#[case::cpu_over_limit(json!({"domain": {"resources": {"requests": {"cpu": "500m"}, "limits": {"cpu": "1"}}}}), json!({"domain": {"resources": {"requests": {"cpu": 2}, "limits": {"cpu": "1"}}}}), "spec.domain.resources.requests.cpu", Invalid, "more than the limit")]
#[case::negative(json!({}), json!({"domain": {"resources": {"requests": {"cpu": "-1"}}}}), "spec.domain.resources.requests.cpu", Invalid, "negative")]
#[case::page_missing(json!({"domain": {"memory": {"hugepages": {"pageSize": "2Mi"}}}}), json!({"domain": {"memory": {"hugepages": {}}}}), "spec.domain.memory.hugepages.pageSize", Required, "2Mi")]
#[case::page_size(json!({}), json!({"domain": {"memory": {"hugepages": {"pageSize": "2MB"}}}}), "spec.domain.memory.hugepages.pageSize", Invalid, "not an amount")]
#[case::page_zero(json!({}), json!({"domain": {"memory": {"hugepages": {"pageSize": "0"}}}}), "spec.domain.memory.hugepages.pageSize", Invalid, "size of pages")]
#[case::page_too_large(json!({"domain": {"memory": {"hugepages": {"pageSize": "1Gi"}}}}), json!({"domain": {"memory": {"guest": "512Mi", "hugepages": {"pageSize": "1Gi"}}}}), "spec.domain.memory.hugepages.pageSize", Invalid, "larger than")]
#[case::page_multiple(json!({}), json!({"domain": {"memory": {"guest": "65Mi", "hugepages": {"pageSize": "2Mi"}}}}), "spec.domain.memory.hugepages.pageSize", Invalid, "multiple")]
fn memory(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    check(&good, &bad, field, reason, message);
}

#[rstest]
#[case::many(json!({"domain": {"cpu": {"sockets": 2, "cores": 8, "threads": 2}}}), json!({"domain": {"cpu": {"sockets": 4294967295_u32, "cores": 2}}}), "spec.domain.cpu", Invalid, "at most 512")]
#[case::model(json!({"domain": {"cpu": {"model": "Skylake-Client-IBRS"}}}), json!({"domain": {"cpu": {"model": "Core i7"}}}), "spec.domain.cpu.model", Invalid, "host-model")]
#[case::policy(json!({"domain": {"cpu": {"features": [{"name": "vmx", "policy": "forbid"}]}}}), json!({"domain": {"cpu": {"features": [{"name": "vmx", "policy": "demand"}]}}}), "spec.domain.cpu.features[0].policy", NotSupported, "force, require")]
#[case::feature(json!({}), json!({"domain": {"cpu": {"features": [{"name": ""}]}}}), "spec.domain.cpu.features[0].name", Invalid, "such as vmx")]
#[case::feature_twice(json!({"domain": {"cpu": {"features": [{"name": "vmx"}, {"name": "aes"}]}}}), json!({"domain": {"cpu": {"features": [{"name": "vmx"}, {"name": "vmx"}]}}}), "spec.domain.cpu.features[1].name", Duplicate, "given twice")]
#[case::synic(json!({"domain": {"features": {"hyperv": {"synic": {}}}}}), json!({"domain": {"features": {"hyperv": {"synic": {}, "vpindex": {"enabled": false}}}}}), "spec.domain.features.hyperv.synic", Invalid, "vpindex")]
#[case::synictimer(json!({"domain": {"features": {"hyperv": {"synictimer": {}}}}}), json!({"domain": {"features": {"hyperv": {"synictimer": {}, "synic": {"enabled": false}}}}}), "spec.domain.features.hyperv.synictimer", Invalid, "synic")]
#[case::tlbflush(json!({"domain": {"features": {"hyperv": {"tlbflush": {}}}}}), json!({"domain": {"features": {"hyperv": {"tlbflush": {}, "vpindex": {"enabled": false}}}}}), "spec.domain.features.hyperv.tlbflush", Invalid, "vpindex")]
#[case::ipi(json!({"domain": {"features": {"hyperv": {"ipi": {}}}}}), json!({"domain": {"features": {"hyperv": {"ipi": {}, "vpindex": {"enabled": false}}}}}), "spec.domain.features.hyperv.ipi", Invalid, "vpindex")]
#[case::evmcs(json!({"domain": {"features": {"hyperv": {"evmcs": {}}}}}), json!({"domain": {"features": {"hyperv": {"evmcs": {}, "vapic": {"enabled": false}}}}}), "spec.domain.features.hyperv.evmcs", Invalid, "vapic")]
#[case::vendor(json!({"domain": {"features": {"hyperv": {"vendorid": {"vendorid": "MyVendor"}}}}}), json!({"domain": {"features": {"hyperv": {"vendorid": {"vendorid": "MuchTooLongVendor"}}}}}), "spec.domain.features.hyperv.vendorid.vendorid", Invalid, "12 characters")]
#[case::spinlocks(json!({"domain": {"features": {"hyperv": {"spinlocks": {"spinlocks": 8191}}}}}), json!({"domain": {"features": {"hyperv": {"spinlocks": {"spinlocks": 8}}}}}), "spec.domain.features.hyperv.spinlocks.spinlocks", Invalid, "4095")]
#[case::passthrough(json!({"domain": {"features": {"hypervPassthrough": {}}}}), json!({"domain": {"features": {"hypervPassthrough": {}, "hyperv": {"relaxed": {}}}}}), "spec.domain.features.hypervPassthrough", Invalid, "take one of the two out")]
#[case::passthrough_off(json!({"domain": {"features": {"hypervPassthrough": {"enabled": false}, "hyperv": {"relaxed": {}}}}}), json!({"domain": {"features": {"hypervPassthrough": {"enabled": true}, "hyperv": {}}}}), "spec.domain.features.hypervPassthrough", Invalid, "take one of the two out")]
fn processors(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    check(&good, &bad, field, reason, message);
}

#[rstest]
#[case::bios(json!({"domain": {"firmware": {"bootloader": {"bios": {}}}}}), "spec.domain.firmware.bootloader.bios")]
#[case::secure_boot(json!({"domain": {"features": {"smm": {}}, "firmware": {"bootloader": {"efi": {}}}}}), "spec.domain.firmware.bootloader.efi.secureBoot")]
#[case::model(json!({"domain": {"cpu": {"model": "host-model"}}}), "spec.domain.cpu.model")]
#[case::watchdog(json!({"domain": {"devices": {"watchdog": {"name": "w"}}}}), "spec.domain.devices.watchdog")]
#[case::protection(json!({"domain": {"launchSecurity": {"sev": {}}}}), "spec.domain.launchSecurity")]
#[case::sound(json!({"domain": {"devices": {"sound": {"name": "s"}}}}), "spec.domain.devices.sound")]
#[case::video(json!({"domain": {"devices": {"video": {"type": "vga"}}}}), "spec.domain.devices.video.type")]
#[case::sata(json!({"domain": {"devices": {"disks": [{"name": "root", "disk": {"bus": "sata"}}]}}}), "spec.domain.devices.disks[0].disk.bus")]
#[case::cdrom(json!({"domain": {"devices": {"disks": [{"name": "root", "cdrom": {}}]}}}), "spec.domain.devices.disks[0].cdrom.bus")]
#[case::machine(json!({"domain": {"machine": {"type": "q35"}}}), "spec.domain.machine.type")]
fn arm(#[case] mut bad: Value, #[case] field: &str) {
    assert_eq!(
        faults_with(&json!({"architecture": "arm64"}), &config(json!({}))),
        []
    );
    bad["architecture"] = "arm64".into();
    let faults = faults_with(&bad, &config(json!({})));
    let fields: Vec<_> = faults
        .iter()
        .map(|fault| (fault.field.as_str(), fault.reason))
        .collect();
    assert_eq!(fields, [(field, NotSupported)]);
}

#[test]
fn machine_types_of_the_settings() {
    let config = config(
        json!({"architectureConfiguration": {"amd64": {"machineType": "pc-q35-9.2", "emulatedMachines": ["pc-q35-9.*"]}}}),
    );
    assert_eq!(faults_with(&json!({}), &config), []);
    let faults = faults_with(&json!({"domain": {"machine": {"type": "q35"}}}), &config);
    assert!(faults[0].message.contains("pc-q35-9.*"), "{faults:?}");
}

#[test]
fn reboot_policy_has_a_gate() {
    let manifest = json!({"domain": {"rebootPolicy": "Reboot"}});
    check_gate("RebootPolicy", &manifest, "spec.domain.rebootPolicy");
}

/// Where guests grow it draws a warning only.
#[test]
fn more_memory_than_the_pod_may_have() {
    let guest = |limit: &str| json!({"domain": {"resources": {"limits": {"memory": limit}}}});
    assert_eq!(
        faults_with(&guest("512Mi"), &config(json!({}))),
        [],
        "live update"
    );
    check_with(
        &json!({"vmRolloutStrategy": "Stage"}),
        &guest("1Gi"),
        &guest("512Mi"),
        "spec.domain.memory.guest",
        Invalid,
        "raise the limit",
    );
}

#[test]
fn utc_counts_when_there_is_a_time_zone_too() {
    let clock = json!({"domain": {"clock": {"utc": {}, "timezone": "Europe/Berlin"}}});
    assert_eq!(faults_with(&clock, &config(json!({}))), []);
    let spec = serde_json::from_value(
        json!({"domain": {"devices": {}, "clock": clock["domain"]["clock"]}}),
    )
    .unwrap();
    let warnings = crate::validation::warnings_vmi("spec", &spec);
    assert!(warnings[0].contains("spec.domain.clock"), "{warnings:?}");
}
