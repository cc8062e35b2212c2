use kubevirt_api::{KubeVirt, VirtualMachine, VirtualMachineInstance};
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

fn merge(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(target.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}

fn config(configuration: Value) -> ClusterConfig {
    let settings: KubeVirt = serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": {"name": "kubevirt"},
        "spec": {"configuration": configuration},
    }))
    .unwrap();
    ClusterConfig {
        default_architecture: "amd64".to_owned(),
        ..ClusterConfig::new(Some(&settings))
    }
}

fn counted() -> impl FnMut() -> Uuid {
    let mut next = 0;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

fn now() -> jiff::Timestamp {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

fn instance(spec: Value, config: &ClusterConfig) -> Value {
    let mut whole = json!({"domain": {"devices": {}}});
    merge(&mut whole, &spec);
    let mut vmi: VirtualMachineInstance = serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance", "metadata": {"name": "a"}, "spec": whole,
    }))
    .unwrap();
    default_vmi(&mut vmi, config, now(), &mut counted());
    let once = vmi.clone();
    default_vmi(&mut vmi, config, now(), &mut counted());
    assert_eq!(once, vmi, "defaults of what is complete change something");
    serde_json::to_value(vmi).unwrap()
}

#[rstest]
#[case::architecture(json!({}), "/spec/architecture", json!("amd64"))]
#[case::machine(json!({}), "/spec/domain/machine", json!({"type": "q35"}))]
#[case::machine_of_arm(json!({"architecture": "arm64"}), "/spec/domain/machine", json!({"type": "virt"}))]
#[case::machine_kept(json!({"domain": {"machine": {"type": "pc-q35-9.2"}}}), "/spec/domain/machine", json!({"type": "pc-q35-9.2"}))]
#[case::cpu_limit(json!({"domain": {"resources": {"limits": {"cpu": "1500m"}}}}), "/spec/domain/resources/requests", json!({"cpu": "1500m"}))]
#[case::guest_of_request(json!({"domain": {"resources": {"requests": {"memory": "64Mi"}, "limits": {"memory": "1Gi"}}}}), "/spec/domain/memory", json!({"guest": "64Mi"}))]
#[case::guest_of_limit(json!({"domain": {"resources": {"limits": {"memory": "1Gi"}}}}), "/spec/domain/memory", json!({"guest": "1Gi", "maxGuest": "4Gi"}))]
#[case::guest_of_page(json!({"domain": {"memory": {"hugepages": {"pageSize": "2Mi"}}}}), "/spec/domain/memory/guest", json!("2Mi"))]
#[case::guest_kept(json!({"domain": {"memory": {"guest": "2Gi"}, "resources": {"requests": {"memory": "1Gi"}}}}), "/spec/domain/memory", json!({"guest": "2Gi", "maxGuest": "8Gi"}))]
#[case::topology(json!({}), "/spec/domain/cpu", json!({"sockets": 1, "cores": 1, "threads": 1, "model": "host-model", "maxSockets": 4}))]
#[case::topology_of_limit(json!({"domain": {"resources": {"limits": {"cpu": "2500m"}}}}), "/spec/domain/cpu/sockets", json!(3))]
#[case::topology_kept(json!({"domain": {"cpu": {"cores": 2}}}), "/spec/domain/cpu", json!({"cores": 2, "model": "host-model"}))]
#[case::latest(json!({"volumes": [{"name": "d", "containerDisk": {"image": "r.example:5000/a"}}]}), "/spec/volumes/0/containerDisk/imagePullPolicy", json!("Always"))]
#[case::tag(json!({"volumes": [{"name": "d", "containerDisk": {"image": "r.example:5000/a:1"}}]}), "/spec/volumes/0/containerDisk/imagePullPolicy", json!("IfNotPresent"))]
#[case::digest(json!({"volumes": [{"name": "d", "containerDisk": {"image": "r.example/a@sha256:00"}}]}), "/spec/volumes/0/containerDisk/imagePullPolicy", json!("IfNotPresent"))]
#[case::eviction(json!({}), "/spec/evictionStrategy", json!("None"))]
#[case::cpu_request_and_limit(json!({"domain": {"resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "2"}}}}), "/spec/domain/resources/requests", json!({"cpu": "1"}))]
#[case::eviction_kept(json!({"evictionStrategy": "External"}), "/spec/evictionStrategy", json!("External"))]
#[case::machine_of_s390x(json!({"architecture": "s390x"}), "/spec/domain/machine", json!({"type": "s390-ccw-virtio"}))]
#[case::network(json!({}), "/spec/networks", json!([{"name": "default", "pod": {}}]))]
#[case::interface(json!({}), "/spec/domain/devices/interfaces", json!([{"name": "default", "bridge": {}}]))]
#[case::no_interface(json!({"domain": {"devices": {"autoattachPodInterface": false}}}), "/spec/networks", Value::Null)]
#[case::disk(json!({"volumes": [{"name": "d", "emptyDisk": {"capacity": "1Gi"}}]}), "/spec/domain/devices/disks", json!([{"name": "d", "disk": {"bus": "sata"}}]))]
#[case::disk_of_arm(json!({"architecture": "arm64", "volumes": [{"name": "d", "emptyDisk": {"capacity": "1Gi"}}]}), "/spec/domain/devices/disks/0/disk/bus", json!("virtio"))]
#[case::disk_of_s390x(json!({"architecture": "s390x", "volumes": [{"name": "d", "emptyDisk": {"capacity": "1Gi"}}]}), "/spec/domain/devices/disks/0/disk/bus", json!("virtio"))]
#[case::filesystem(json!({"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "c"}}], "domain": {"devices": {"filesystems": [{"name": "d", "virtiofs": {}}]}}}), "/spec/domain/devices/disks", Value::Null)]
#[case::memory_dump(json!({"volumes": [{"name": "d", "memoryDump": {"claimName": "c"}}]}), "/spec/domain/devices/disks", Value::Null)]
#[case::lun(json!({"domain": {"devices": {"disks": [{"name": "d", "lun": {}}]}}}), "/spec/domain/devices/disks/0/lun", json!({"bus": "sata"}))]
#[case::bus_kept(json!({"domain": {"devices": {"disks": [{"name": "d", "disk": {"bus": "scsi"}}]}}}), "/spec/domain/devices/disks/0/disk", json!({"bus": "scsi"}))]
#[case::cdrom(json!({"domain": {"devices": {"disks": [{"name": "d", "cdrom": {}}]}}}), "/spec/domain/devices/disks/0", json!({"name": "d", "cdrom": {"bus": "sata", "readonly": true, "tray": "closed"}}))]
#[case::input(json!({"domain": {"devices": {"autoattachInputDevice": true}}}), "/spec/domain/devices/inputs", json!([{"name": "default-0", "bus": "usb", "type": "tablet"}]))]
#[case::input_kept(json!({"domain": {"devices": {"autoattachInputDevice": true, "inputs": [{"name": "i", "type": "keyboard", "bus": "virtio"}]}}}), "/spec/domain/devices/inputs", json!([{"name": "i", "bus": "virtio", "type": "keyboard"}]))]
#[case::firmware(json!({}), "/spec/domain/firmware", json!({"uuid": "00000000-0000-0000-0000-000000000001"}))]
#[case::acpi(json!({}), "/spec/domain/features", json!({"acpi": {"enabled": true}}))]
#[case::acpi_off(json!({"domain": {"features": {"acpi": {"enabled": false}}}}), "/spec/domain/features/acpi", json!({"enabled": false}))]
#[case::acpi_of_s390x(json!({"architecture": "s390x"}), "/spec/domain/features", json!({"acpi": {"enabled": false}}))]
#[case::feature_leaves(json!({"domain": {"features": {"smm": {}, "apic": {}, "pvspinlock": {}, "hypervPassthrough": {}, "hyperv": {"relaxed": {}, "vendorid": {"vendorid": "v"}, "vapic": {"enabled": false}}}}}), "/spec/domain/features", json!({
    "acpi": {"enabled": true}, "smm": {"enabled": true}, "apic": {"enabled": true}, "pvspinlock": {"enabled": true}, "hypervPassthrough": {"enabled": true},
    "hyperv": {"relaxed": {"enabled": true}, "vendorid": {"enabled": true, "vendorid": "v"}, "vapic": {"enabled": false}}}))]
#[case::tlbflush(json!({"domain": {"features": {"hyperv": {"tlbflush": {}}}}}), "/spec/domain/features/hyperv", json!({"tlbflush": {"enabled": true}, "vpindex": {"enabled": true}}))]
#[case::ipi(json!({"domain": {"features": {"hyperv": {"ipi": {}}}}}), "/spec/domain/features/hyperv", json!({"ipi": {"enabled": true}, "vpindex": {"enabled": true}}))]
#[case::spinlocks(json!({"domain": {"features": {"hyperv": {"spinlocks": {}}}}}), "/spec/domain/features/hyperv", json!({"spinlocks": {"enabled": true, "spinlocks": 4096}}))]
#[case::synictimer(json!({"domain": {"features": {"hyperv": {"synictimer": {"direct": {}}}}}}), "/spec/domain/features/hyperv", json!({"synictimer": {"enabled": true, "direct": {"enabled": true}}, "synic": {"enabled": true}, "vpindex": {"enabled": true}}))]
#[case::evmcs(json!({"domain": {"features": {"hyperv": {"evmcs": {}}}}}), "/spec/domain/cpu/features", json!([{"name": "vmx", "policy": "require"}]))]
#[case::timer(json!({"domain": {"clock": {"timer": {"hpet": {"present": false}, "rtc": {}}}}}), "/spec/domain/clock/timer", json!({"hpet": {"present": false}, "rtc": {"present": true}}))]
#[case::probe(json!({"livenessProbe": {"tcpSocket": {"port": 22}}}), "/spec/livenessProbe", json!({"tcpSocket": {"port": 22}, "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}))]
#[case::probe_kept(json!({"readinessProbe": {"guestAgentPing": {}, "timeoutSeconds": 5, "periodSeconds": 0}}), "/spec/readinessProbe", json!({"guestAgentPing": {}, "timeoutSeconds": 5, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}))]
#[case::watchdog_of_s390x(json!({"architecture": "s390x", "domain": {"devices": {"watchdog": {"name": "w"}}}}), "/spec/domain/devices/watchdog", json!({"name": "w", "diag288": {"action": "reset"}}))]
#[case::watchdog_of_arm(json!({"architecture": "arm64", "domain": {"devices": {"watchdog": {"name": "w"}}}}), "/spec/domain/devices/watchdog", json!({"name": "w"}))]
#[case::watchdog(json!({"domain": {"devices": {"watchdog": {"name": "w"}}}}), "/spec/domain/devices/watchdog", json!({"name": "w", "i6300esb": {"action": "reset"}}))]
#[case::arm(json!({"architecture": "arm64"}), "/spec/domain/firmware/bootloader", json!({"efi": {"secureBoot": false}}))]
#[case::model_of_arm(json!({"architecture": "arm64"}), "/spec/domain/cpu/model", json!("host-passthrough"))]
#[case::finalizer(json!({}), "/metadata/finalizers", json!(["kubevirt.io/foregroundDeleteVirtualMachine"]))]
#[case::annotations(json!({}), "/metadata/annotations", json!({"kubevirt.io/latest-observed-api-version": "v1", "kubevirt.io/storage-observed-api-version": "v1", "kubevirt.io/pci-topology-version": "v3"}))]
#[case::status(json!({"domain": {"cpu": {"cores": 1}, "memory": {"guest": "64Mi"}}}), "/status", json!({
    "phase": "Pending", "phaseTransitionTimestamps": [{"phase": "Pending", "phaseTransitionTimestamp": "2026-01-02T03:04:05Z"}],
    "currentCPUTopology": {"cores": 1}, "runtimeUser": 107,
    "memory": {"guestAtBoot": "64Mi", "guestCurrent": "64Mi", "guestRequested": "64Mi"}}))]
fn of_an_instance(#[case] spec: Value, #[case] pointer: &str, #[case] expected: Value) {
    let vmi = instance(spec, &config(json!({})));
    assert_eq!(
        vmi.pointer(pointer).unwrap_or(&Value::Null),
        &expected,
        "{pointer}"
    );
}

#[rstest]
#[case::cpu_request(json!({"cpuRequest": "250m"}), "/spec/domain/resources/requests", json!({"cpu": "250m"}))]
#[case::cpu_request_unchanged(json!({"cpuRequest": "100m"}), "/spec/domain/resources", Value::Null)]
#[case::model(json!({"cpuModel": "Haswell"}), "/spec/domain/cpu/model", json!("Haswell"))]
#[case::machine(json!({"architectureConfiguration": {"amd64": {"machineType": "pc-q35-9.2"}}}), "/spec/domain/machine/type", json!("pc-q35-9.2"))]
#[case::eviction(json!({"evictionStrategy": "LiveMigrate"}), "/spec/evictionStrategy", json!("LiveMigrate"))]
#[case::machine_of_all(json!({"machineType": "pc-q35-10.0"}), "/spec/domain/machine/type", json!("pc-q35-10.0"))]
#[case::sockets(json!({"liveUpdateConfiguration": {"maxCpuSockets": 7}}), "/spec/domain/cpu/maxSockets", json!(7))]
#[case::ratio(json!({"liveUpdateConfiguration": {"maxHotplugRatio": 2}}), "/spec/domain/cpu/maxSockets", json!(2))]
#[case::no_live_update(json!({"vmRolloutStrategy": "Stage"}), "/spec/domain/cpu/maxSockets", Value::Null)]
#[case::masquerade(json!({"network": {"defaultNetworkInterface": "masquerade"}}), "/spec/domain/devices/interfaces", json!([{"name": "default", "masquerade": {}}]))]
fn of_an_instance_with_settings(
    #[case] settings: Value,
    #[case] pointer: &str,
    #[case] expected: Value,
) {
    let vmi = instance(json!({}), &config(settings));
    assert_eq!(
        vmi.pointer(pointer).unwrap_or(&Value::Null),
        &expected,
        "{pointer}"
    );
}

#[rstest]
#[case::amd64(json!({}), json!({"memory": {"guest": "1Gi"}}), Some("4Gi"))]
#[case::most(json!({"liveUpdateConfiguration": {"maxGuest": "3Gi"}}), json!({"memory": {"guest": "1Gi"}}), Some("3Gi"))]
#[case::kept(json!({}), json!({"memory": {"guest": "1Gi", "maxGuest": "2Gi"}}), Some("2Gi"))]
#[case::too_small(json!({}), json!({"memory": {"guest": "1022Mi"}}), None)]
#[case::between_pages(json!({}), json!({"memory": {"guest": "1025Mi"}}), None)]
#[case::huge_pages(json!({}), json!({"memory": {"guest": "1026Mi", "hugepages": {"pageSize": "1Gi"}}}), None)]
#[case::real_time(json!({}), json!({"memory": {"guest": "1Gi"}, "cpu": {"realtime": {}}}), None)]
#[case::numa(json!({}), json!({"memory": {"guest": "1Gi"}, "cpu": {"numa": {"guestMappingPassthrough": {}}}}), None)]
#[case::protected(json!({}), json!({"memory": {"guest": "1Gi"}, "launchSecurity": {"sev": {}}}), None)]
#[case::less_than_it_has(json!({"liveUpdateConfiguration": {"maxGuest": "1Gi"}}), json!({"memory": {"guest": "2Gi"}}), None)]
#[case::staged(json!({"vmRolloutStrategy": "Stage"}), json!({"memory": {"guest": "1Gi"}}), None)]
fn room_for_memory(#[case] settings: Value, #[case] domain: Value, #[case] expected: Option<&str>) {
    let vmi = instance(json!({ "domain": domain }), &config(settings));
    assert_eq!(
        vmi.pointer("/spec/domain/memory/maxGuest")
            .and_then(Value::as_str),
        expected
    );
}

#[rstest]
#[case::sockets(json!({"sockets": 2}), json!(8))]
#[case::no_more_than_512(json!({"sockets": 4, "cores": 16, "threads": 4}), json!(8))]
#[case::never_less_than_it_has(json!({"sockets": 600}), json!(600))]
#[case::cores_alone(json!({"cores": 2}), Value::Null)]
#[case::kept(json!({"sockets": 2, "maxSockets": 3}), json!(3))]
fn room_for_sockets(#[case] cpu: Value, #[case] expected: Value) {
    let vmi = instance(json!({ "domain": { "cpu": cpu } }), &config(json!({})));
    let most = vmi.pointer("/spec/domain/cpu/maxSockets");
    assert_eq!(most.unwrap_or(&Value::Null), &expected);
    let arm = json!({ "architecture": "arm64", "domain": { "cpu": { "sockets": 2 } } });
    let arm = instance(arm, &config(json!({})));
    assert_eq!(arm.pointer("/spec/domain/cpu/maxSockets"), None);
}

#[test]
fn processors_of_ones_own_are_not_requested_by_the_cluster() {
    let spec = json!({"domain": {"cpu": {"cores": 2, "dedicatedCpuPlacement": true}}});
    let vmi = instance(spec, &config(json!({"cpuRequest": "250m"})));
    assert_eq!(vmi.pointer("/spec/domain/resources"), None);
}

#[rstest]
#[case(json!({}), "/var/run/tdx-qgs/qgs.socket")]
#[case(json!({"confidentialCompute": {"tdx": {"attestation": {"qgsSocketPath": "/run/q"}}}}), "/run/q")]
fn guests_with_tdx_are_told_where_quotes_are_made(#[case] settings: Value, #[case] path: &str) {
    let annotation = "/metadata/annotations/kubevirt.io~1qgs-socket-path";
    let tdx = json!({"domain": {"launchSecurity": {"tdx": {}}}});
    let vmi = instance(tdx, &config(settings.clone()));
    assert_eq!(vmi.pointer(annotation).unwrap(), path);
    assert_eq!(
        instance(json!({}), &config(settings)).pointer(annotation),
        None
    );
}

#[test]
fn an_empty_pci_address_is_none() {
    let spec = json!({ "domain": { "devices": {
        "disks": [{ "name": "a", "disk": { "bus": "virtio", "pciAddress": "" } }],
        "interfaces": [{ "name": "b", "masquerade": {}, "pciAddress": "" }],
    } } });
    let instance = instance(spec, &config(json!({})));
    let devices = &instance["spec"]["domain"]["devices"];
    assert_eq!(devices["disks"][0]["disk"], json!({ "bus": "virtio" }));
    assert_eq!(devices["interfaces"][0]["pciAddress"], Value::Null);
}

#[test]
fn identities_of_old_machines_follow_from_their_names() {
    // As the well-known function gives it for this namespace and name.
    let namespace = Uuid::parse_str("6a1a24a1-4061-4607-8bf4-a3963d0c5895").unwrap();
    assert_eq!(
        legacy_firmware_uuid("testvm"),
        Uuid::new_v5(&namespace, b"testvm")
    );
    assert_eq!(legacy_firmware_uuid("a").get_version_num(), 5);
    assert_ne!(legacy_firmware_uuid("a"), legacy_firmware_uuid("b"));
}

#[test]
fn a_status_that_a_user_gives_is_not_kept() {
    let mut vmi = VirtualMachineInstance::default();
    vmi.status.get_or_insert_default().node_name = Some("node".to_owned());
    default_vmi(&mut vmi, &config(json!({})), now(), &mut counted());
    assert_eq!(vmi.status.unwrap().node_name, None);
}

#[test]
fn of_a_machine() {
    let manifest = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "a"},
        "spec": {"runStrategy": "Always", "template": {"spec": {"domain": {"devices": {}}}}},
    });
    let mut vm: VirtualMachine = serde_json::from_value(manifest.clone()).unwrap();
    default_vm(
        &mut vm,
        &config(json!({})),
        &Surroundings::default(),
        &mut counted(),
    );
    let template = serde_json::to_value(&vm.spec.template).unwrap();
    assert_eq!(
        template,
        json!({
            "metadata": {"annotations": {"kubevirt.io/pci-topology-version": "v3"}},
            "spec": {"architecture": "amd64", "domain": {"devices": {}, "machine": {"type": "q35"}, "firmware": {
                "uuid": "00000000-0000-0000-0000-000000000001", "serial": "00000000-0000-0000-0000-000000000002"}}},
        })
    );
    let mut updated: VirtualMachine = serde_json::from_value(manifest).unwrap();
    default_vm_update(&mut updated, &config(json!({})), &Surroundings::default());
    assert_eq!(updated.spec.template.spec.domain.firmware, None);
    assert_eq!(updated.spec.template.metadata, None);
}

#[test]
fn users_change_neither_status_nor_reserved_labels() {
    let mut old = VirtualMachineInstance::default();
    old.metadata
        .labels
        .get_or_insert_default()
        .insert("kubevirt.io/nodeName".to_owned(), "node-1".to_owned());
    old.status.get_or_insert_default().node_name = Some("node-1".to_owned());
    let mut new = VirtualMachineInstance::default();
    let labels = new.metadata.labels.get_or_insert_default();
    labels.insert("kubevirt.io/created-by".to_owned(), "me".to_owned());
    labels.insert("mine".to_owned(), "yes".to_owned());
    restore_protected(&old, &mut new);
    assert_eq!(new.status, old.status);
    let labels: Vec<_> = new.metadata.labels.unwrap().into_keys().collect();
    assert_eq!(labels, ["kubevirt.io/nodeName", "mine"]);
}

mod machines;
mod presets;
