//! What a preference fills in, and what it leaves alone.

use rstest::rstest;
use serde_json::{Value, json};

use super::{expanded, preference};
use crate::instancetype::Selection;

const DISK: &str = "/spec/domain/devices/disks/0";
const VOLUME: &str = r#"{"volumes": [{"name": "d", "emptyDisk": {"capacity": "1Gi"}}]}"#;

fn with(preferred: Value, spec: Value) -> Value {
    let selection = Selection {
        instancetype: None,
        preference: preference(preferred),
    };
    expanded(json!({ "spec": spec }), &selection).unwrap()
}

fn devices(preferred: Value) -> Value {
    json!({ "devices": preferred })
}

#[rstest]
#[case("GraphicsDevice", false)]
#[case("MemBalloon", false)]
#[case("PodInterface", false)]
#[case("SerialConsole", false)]
#[case("InputDevice", true)]
fn devices_are_there_as_preferred(#[case] device: &str, #[case] value: bool) {
    let preferred = devices(json!({ format!("preferredAutoattach{device}"): value }));
    let pointer = format!("/spec/domain/devices/autoattach{device}");
    let template = with(preferred.clone(), json!({}));
    assert_eq!(template.pointer(&pointer), Some(&json!(value)));
    let given = json!({"domain": {"devices": { format!("autoattach{device}"): !value }}});
    let template = with(preferred, given);
    assert_eq!(template.pointer(&pointer), Some(&json!(!value)));
}

#[rstest]
#[case::transitional("preferredUseVirtioTransitional", "useVirtioTransitional", json!(true))]
#[case::hotplug("preferredDisableHotplug", "disableHotplug", json!(true))]
#[case::rng("preferredRng", "rng", json!({}))]
#[case::block_queues("preferredBlockMultiQueue", "blockMultiQueue", json!(true))]
#[case::network_queues("preferredNetworkInterfaceMultiQueue", "networkInterfaceMultiqueue", json!(true))]
#[case::tpm("preferredTPM", "tpm", json!({"persistent": true}))]
fn devices_of_the_whole_guest(#[case] preferred: &str, #[case] field: &str, #[case] value: Value) {
    let template = with(devices(json!({ preferred: value.clone() })), json!({}));
    let pointer = format!("/spec/domain/devices/{field}");
    assert_eq!(template.pointer(&pointer), Some(&value));
}

#[rstest]
#[case::bus(json!({"preferredDiskBus": "virtio"}), json!({}), "/disk/bus", json!("virtio"))]
#[case::bus_kept(json!({"preferredDiskBus": "virtio"}), json!({"disk": {"bus": "scsi"}}), "/disk/bus", json!("scsi"))]
#[case::cdrom(json!({"preferredCdromBus": "scsi", "preferredDiskBus": "virtio"}), json!({"cdrom": {}}), "/cdrom/bus", json!("scsi"))]
#[case::lun(json!({"preferredLunBus": "scsi"}), json!({"lun": {}}), "/lun/bus", json!("scsi"))]
#[case::cache(json!({"preferredDiskCache": "none"}), json!({}), "/cache", json!("none"))]
#[case::cache_kept(json!({"preferredDiskCache": "none"}), json!({"cache": "writeback"}), "/cache", json!("writeback"))]
#[case::io(json!({"preferredDiskIO": "native"}), json!({}), "/io", json!("native"))]
#[case::block_size(json!({"preferredDiskBlockSize": {"matchVolume": {}}}), json!({}), "/blockSize", json!({"matchVolume": {}}))]
#[case::io_thread(json!({"preferredDiskDedicatedIoThread": true, "preferredDiskBus": "virtio"}), json!({}), "/dedicatedIOThread", json!(true))]
#[case::no_io_thread(json!({"preferredDiskDedicatedIoThread": true, "preferredDiskBus": "sata"}), json!({}), "/dedicatedIOThread", Value::Null)]
fn disks(
    #[case] preferred: Value,
    #[case] mut disk: Value,
    #[case] field: &str,
    #[case] expected: Value,
) {
    let mut spec: Value = serde_json::from_str(VOLUME).unwrap();
    if disk != json!({}) {
        disk["name"] = json!("d");
        spec["domain"] = json!({"devices": {"disks": [disk]}});
    }
    let template = with(devices(preferred), spec);
    let pointer = format!("{DISK}{field}");
    assert_eq!(
        template.pointer(&pointer).unwrap_or(&Value::Null),
        &expected
    );
}

#[rstest]
#[case::model(json!({"preferredInterfaceModel": "e1000e"}), json!({}), json!({"name": "default", "bridge": {}, "model": "e1000e"}))]
#[case::masquerade(json!({"preferredInterfaceMasquerade": {}}), json!({}), json!({"name": "default", "masquerade": {}}))]
#[case::bound(json!({"preferredInterfaceMasquerade": {}}), json!({"networks": [{"name": "a", "pod": {}}], "domain": {"devices": {"interfaces": [{"name": "a", "bridge": {}}]}}}), json!({"name": "a", "bridge": {}}))]
#[case::unbound(json!({"preferredInterfaceMasquerade": {}}), json!({"networks": [{"name": "a", "pod": {}}], "domain": {"devices": {"interfaces": [{"name": "a"}]}}}), json!({"name": "a", "masquerade": {}}))]
#[case::other_network(json!({"preferredInterfaceMasquerade": {}}), json!({"networks": [{"name": "a", "multus": {"networkName": "n"}}], "domain": {"devices": {"interfaces": [{"name": "a"}]}}}), json!({"name": "a"}))]
#[case::no_model_of_hardware(json!({"preferredInterfaceModel": "e1000e"}), json!({"networks": [{"name": "a", "multus": {"networkName": "n"}}], "domain": {"devices": {"interfaces": [{"name": "a", "sriov": {}}]}}}), json!({"name": "a", "sriov": {}}))]
fn interfaces(#[case] preferred: Value, #[case] spec: Value, #[case] expected: Value) {
    let template = with(devices(preferred), spec);
    assert_eq!(
        template.pointer("/spec/domain/devices/interfaces/0"),
        Some(&expected)
    );
}

#[rstest]
#[case::sound(json!({"preferredSoundModel": "ac97"}), json!({"sound": {"name": "s"}}), "/sound/model", json!("ac97"))]
#[case::no_sound(json!({"preferredSoundModel": "ac97"}), json!({}), "/sound", Value::Null)]
#[case::input(json!({"preferredInputBus": "virtio", "preferredInputType": "keyboard"}), json!({"inputs": [{"name": "i", "type": ""}]}), "/inputs/0", json!({"name": "i", "bus": "virtio", "type": "keyboard"}))]
#[case::attached_input(json!({"preferredAutoattachInputDevice": true, "preferredInputBus": "virtio"}), json!({}), "/inputs/0/bus", json!("virtio"))]
#[case::video(json!({"preferredVideoType": "virtio"}), json!({}), "/video/type", json!("virtio"))]
#[case::video_kept(json!({"preferredVideoType": "virtio"}), json!({"video": {"type": "vga"}}), "/video/type", json!("vga"))]
#[case::no_display(json!({"preferredVideoType": "virtio"}), json!({"autoattachGraphicsDevice": false}), "/video", Value::Null)]
#[case::panic(json!({"preferredPanicDeviceModel": "isa"}), json!({"panicDevices": [{}]}), "/panicDevices/0/model", json!("isa"))]
#[case::gpu(json!({"preferredVirtualGPUOptions": {"display": {"enabled": false}}}), json!({"gpus": [{"name": "g", "deviceName": "v/g"}]}), "/gpus/0/virtualGPUOptions", json!({"display": {"enabled": false}}))]
fn other_devices(
    #[case] preferred: Value,
    #[case] given: Value,
    #[case] field: &str,
    #[case] expected: Value,
) {
    let template = with(devices(preferred), json!({"domain": {"devices": given}}));
    let pointer = format!("/spec/domain/devices{field}");
    assert_eq!(
        template.pointer(&pointer).unwrap_or(&Value::Null),
        &expected
    );
}

#[rstest]
#[case::acpi(json!({"features": {"preferredAcpi": {"enabled": false}}}), json!({"domain": {"features": {"acpi": {"enabled": true}}}}), "/domain/features/acpi", json!({"enabled": false}))]
#[case::apic(json!({"features": {"preferredApic": {"endOfInterrupt": true}}}), json!({}), "/domain/features/apic", json!({"endOfInterrupt": true}))]
#[case::kvm(json!({"features": {"preferredKvm": {"hidden": true}}}), json!({}), "/domain/features/kvm", json!({"hidden": true}))]
#[case::pvspinlock(json!({"features": {"preferredPvspinlock": {"enabled": false}}}), json!({}), "/domain/features/pvspinlock", json!({"enabled": false}))]
#[case::smm(json!({"features": {"preferredSmm": {}}}), json!({}), "/domain/features/smm", json!({}))]
#[case::smm_kept(json!({"features": {"preferredSmm": {}}}), json!({"domain": {"features": {"smm": {"enabled": false}}}}), "/domain/features/smm", json!({"enabled": false}))]
#[case::hyperv(json!({"features": {"preferredHyperv": {"relaxed": {}, "vapic": {}}}}), json!({"domain": {"features": {"hyperv": {"vapic": {"enabled": false}}}}}), "/domain/features/hyperv", json!({"relaxed": {}, "vapic": {"enabled": false}}))]
#[case::efi(json!({"firmware": {"preferredEfi": {"secureBoot": true}}}), json!({}), "/domain/firmware/bootloader", json!({"efi": {"secureBoot": true}}))]
#[case::older_efi(json!({"firmware": {"preferredUseEfi": true, "preferredUseSecureBoot": true}}), json!({}), "/domain/firmware/bootloader", json!({"efi": {"secureBoot": true}}))]
#[case::newer_efi_counts(json!({"firmware": {"preferredEfi": {"persistent": true}, "preferredUseSecureBoot": true}}), json!({}), "/domain/firmware/bootloader", json!({"efi": {"persistent": true}}))]
#[case::bios(json!({"firmware": {"preferredUseBios": true, "preferredUseBiosSerial": true}}), json!({}), "/domain/firmware/bootloader", json!({"bios": {"useSerial": true}}))]
#[case::firmware_kept(json!({"firmware": {"preferredEfi": {}}}), json!({"domain": {"firmware": {"bootloader": {"bios": {}}}}}), "/domain/firmware/bootloader", json!({"bios": {}}))]
#[case::identity_kept(json!({"firmware": {"preferredEfi": {}}}), json!({"domain": {"firmware": {"uuid": "u"}}}), "/domain/firmware/uuid", json!("u"))]
#[case::machine(json!({"machine": {"preferredMachineType": "pc-q35-9.2"}}), json!({}), "/domain/machine/type", json!("pc-q35-9.2"))]
#[case::machine_kept(json!({"machine": {"preferredMachineType": "pc-q35-9.2"}}), json!({"domain": {"machine": {"type": "q35"}}}), "/domain/machine/type", json!("q35"))]
#[case::offset(json!({"clock": {"preferredClockOffset": {"utc": {"offsetSeconds": 60}}}}), json!({}), "/domain/clock/utc", json!({"offsetSeconds": 60}))]
#[case::offset_kept(json!({"clock": {"preferredClockOffset": {"utc": {}}}}), json!({"domain": {"clock": {"timezone": "Europe/Berlin"}}}), "/domain/clock/utc", Value::Null)]
#[case::timer(json!({"clock": {"preferredTimer": {"hpet": {"present": false}}}}), json!({"domain": {"clock": {"utc": {}}}}), "/domain/clock/timer", json!({"hpet": {"present": false}}))]
#[case::cpu_features(json!({"cpu": {"preferredCPUFeatures": [{"name": "vmx", "policy": "require"}, {"name": "aes", "policy": "require"}]}}), json!({"domain": {"cpu": {"features": [{"name": "vmx", "policy": "disable"}]}}}), "/domain/cpu/features", json!([{"name": "vmx", "policy": "disable"}, {"name": "aes", "policy": "require"}]))]
#[case::subdomain(json!({"preferredSubdomain": "d"}), json!({}), "/subdomain", json!("d"))]
#[case::grace(json!({"preferredTerminationGracePeriodSeconds": 5}), json!({}), "/terminationGracePeriodSeconds", json!(5))]
#[case::grace_kept(json!({"preferredTerminationGracePeriodSeconds": 5}), json!({"terminationGracePeriodSeconds": 0}), "/terminationGracePeriodSeconds", json!(0))]
#[case::launch_security(json!({"preferredLaunchSecurity": {"snp": {}}}), json!({}), "/domain/launchSecurity", json!({"snp": {}}))]
#[case::architecture(json!({"preferredArchitecture": "arm64"}), json!({}), "/architecture", json!("arm64"))]
fn the_rest(
    #[case] preferred: Value,
    #[case] spec: Value,
    #[case] field: &str,
    #[case] expected: Value,
) {
    let template = with(preferred, spec);
    let pointer = format!("/spec{field}");
    assert_eq!(
        template.pointer(&pointer).unwrap_or(&Value::Null),
        &expected
    );
}

#[test]
fn annotations_are_added_and_not_replaced() {
    let selection = Selection {
        instancetype: None,
        preference: preference(json!({"annotations": {"a": "preferred", "b": "preferred"}})),
    };
    let given = json!({"metadata": {"annotations": {"a": "given"}, "labels": {"l": "m"}}});
    let template = expanded(given, &selection).unwrap();
    assert_eq!(
        template["metadata"],
        json!({"annotations": {"a": "given", "b": "preferred"}, "labels": {"l": "m"}})
    );
}

#[test]
fn an_empty_preference_adds_only_the_devices_that_defaults_add() {
    let template = with(json!({}), serde_json::from_str(VOLUME).unwrap());
    assert_eq!(
        template["spec"]["domain"]["devices"],
        json!({"disks": [{"name": "d"}], "interfaces": [{"name": "default", "bridge": {}}]})
    );
}
