use FaultReason::{
    FieldValueDuplicate as Duplicate, FieldValueInvalid as Invalid,
    FieldValueNotSupported as NotSupported,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check, check_with, config, faults_with, gates};

/// The data disk, completed by `data`.
fn disks(mut data: Value) -> Value {
    data["name"] = "data".into();
    json!({"domain": {"devices": {"disks": [{"name": "root", "disk": {"bus": "virtio"}}, data]}}})
}

#[rstest]
#[case::targets(json!({"disk": {"bus": "scsi"}}), json!({"disk": {}, "cdrom": {}}), "", Invalid, "keep one")]
#[case::bus(json!({"disk": {"bus": "usb"}}), json!({"disk": {"bus": "ide"}}), "disk.bus", NotSupported, "virtio, scsi, sata, usb")]
#[case::cdrom_bus(json!({"cdrom": {"bus": "sata"}}), json!({"cdrom": {"bus": "virtio"}}), "cdrom.bus", NotSupported, "sata, scsi, usb")]
#[case::lun_bus(json!({"lun": {"bus": "scsi"}}), json!({"lun": {}}), "lun.bus", NotSupported, "scsi")]
#[case::tray(json!({"cdrom": {"tray": "open"}}), json!({"cdrom": {"tray": "ajar"}}), "cdrom.tray", NotSupported, "open, closed")]
#[case::sata_readonly(json!({"disk": {"bus": "virtio", "readonly": true}}), json!({"disk": {"bus": "sata", "readonly": true}}), "disk.readonly", Invalid, "cdrom")]
#[case::pci_of_virtio(json!({"disk": {"bus": "virtio", "pciAddress": "0000:81:01.0"}}), json!({"disk": {"bus": "scsi", "pciAddress": "0000:81:01.0"}}), "disk.pciAddress", Invalid, "set bus to virtio")]
#[case::pci_address(json!({}), json!({"disk": {"bus": "virtio", "pciAddress": "81:01.0"}}), "disk.pciAddress", Invalid, "0000:81:01.0")]
#[case::io_thread(json!({"disk": {"bus": "virtio"}, "dedicatedIOThread": true}), json!({"disk": {"bus": "sata"}, "dedicatedIOThread": true}), "dedicatedIOThread", Invalid, "set bus to virtio")]
#[case::cache(json!({"cache": "writeback"}), json!({"cache": "unsafe"}), "cache", NotSupported, "none, writethrough, writeback")]
#[case::io(json!({"io": "native", "cache": "none"}), json!({"io": "uring"}), "io", NotSupported, "native, threads")]
#[case::native_needs_none(json!({"io": "threads", "cache": "writeback"}), json!({"io": "native", "cache": "writeback"}), "io", Invalid, "cache to none")]
#[case::shared_needs_none(json!({"shareable": true, "cache": "none"}), json!({"shareable": true, "cache": "writethrough"}), "cache", Invalid, "cache to none")]
#[case::error_policy(json!({"errorPolicy": "report"}), json!({"errorPolicy": "panic"}), "errorPolicy", NotSupported, "enospace")]
#[case::serial(json!({"serial": "A-1_b.+"}), json!({"serial": "a b"}), "serial", Invalid, "letters, digits")]
#[case::sectors(json!({"blockSize": {"custom": {"logical": 512, "physical": 4096}}}), json!({"blockSize": {"custom": {"logical": 512, "physical": 1000}}}), "blockSize.custom.physical", Invalid, "power of two")]
#[case::sectors_small(json!({}), json!({"blockSize": {"custom": {"logical": 256, "physical": 512}}}), "blockSize.custom.logical", Invalid, "power of two from 512")]
#[case::sectors_missing(json!({}), json!({"blockSize": {"custom": {"logical": 512}}}), "blockSize.custom.physical", Invalid, "power of two")]
#[case::sectors_order(json!({"disk": {"bus": "virtio"}, "blockSize": {"custom": {"logical": 4096, "physical": 4096}}}), json!({"disk": {"bus": "virtio"}, "blockSize": {"custom": {"logical": 4096, "physical": 512}}}), "blockSize.custom.logical", Invalid, "larger than physical")]
#[case::sectors_of_sata(json!({}), json!({"disk": {"bus": "sata"}, "blockSize": {"custom": {"logical": 4096, "physical": 4096}}}), "blockSize.custom.logical", Invalid, "sata")]
#[case::boot_order(json!({"bootOrder": 1}), json!({"bootOrder": 0}), "bootOrder", Invalid, "start with 1")]
fn rules(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let field = format!("spec.domain.devices.disks[1].{field}");
    check(
        &disks(good),
        &disks(bad),
        field.trim_end_matches('.'),
        reason,
        message,
    );
}

#[test]
fn names() {
    let named = |names: [&str; 3]| json!({"domain": {"devices": {"disks": names.map(|name| json!({"name": name}))}}});
    let fields = |names| {
        let faults = faults_with(&named(names), &config(json!({})));
        faults
            .into_iter()
            .map(|fault| (fault.field, fault.reason))
            .collect::<Vec<_>>()
    };
    let at = "spec.domain.devices.disks[2].name".to_owned();
    assert_eq!(fields(["root", "data", "root"]), [(at.clone(), Duplicate)]);
    assert_eq!(fields(["root", "data", "other"]), [(at.clone(), Invalid)]);
    assert_eq!(
        fields(["root", "data", "A"]),
        [(at.clone(), Invalid), (at, Invalid)]
    );
}

#[test]
fn boot_order_is_unique_among_disks_and_interfaces() {
    let bad = json!({"domain": {"devices": {
        "disks": [{"name": "root", "bootOrder": 1}, {"name": "data"}],
        "interfaces": [{"name": "default", "masquerade": {}, "bootOrder": 1}],
    }}});
    let faults = faults_with(&bad, &config(json!({})));
    assert_eq!(faults.len(), 1);
    assert_eq!(
        (faults[0].field.as_str(), faults[0].reason),
        ("spec.domain.devices.interfaces[0].bootOrder", Duplicate)
    );
    assert!(faults[0].message.contains("disks[0]"));
}

#[test]
fn a_lun_is_a_claim() {
    let bad = json!({"domain": {"devices": {"disks": [{"name": "root", "lun": {"bus": "scsi"}}]}}});
    let faults = faults_with(&bad, &config(json!({})));
    assert_eq!(faults[0].field, "spec.domain.devices.disks[0].lun");
    assert!(faults[0].message.contains("persistentVolumeClaim"));
}

#[test]
fn a_data_volume_may_be_a_lun() {
    let good = json!({
        "domain": {"devices": {"disks": [{"name": "data", "lun": {"bus": "scsi"}}]}},
        "volumes": [{"name": "data", "dataVolume": {"name": "d"}}],
    });
    assert_eq!(faults_with(&good, &config(json!({}))), []);
}

#[test]
fn reservations_are_enabled_in_the_settings() {
    let lun =
        |reservation: bool| disks(json!({"lun": {"bus": "scsi", "reservation": reservation}}));
    let at = "spec.domain.devices.disks[1].lun.reservation";
    check(
        &lun(false),
        &lun(true),
        at,
        Invalid,
        "persistentReservationConfiguration",
    );
    let settings = config(json!({"persistentReservationConfiguration": {"enabled": true}}));
    assert_eq!(faults_with(&lun(true), &settings), []);
}

#[test]
fn a_drive_may_be_empty() {
    let empty =
        json!({"domain": {"devices": {"disks": [{"name": "drive", "cdrom": {"bus": "sata"}}]}}});
    assert_eq!(faults_with(&empty, &config(json!({}))), []);
    let off =
        json!({"developerConfiguration": {"disabledFeatureGates": ["DeclarativeHotplugVolumes"]}});
    let faults = faults_with(&empty, &config(off));
    assert_eq!(faults[0].field, "spec.domain.devices.disks[0].name");
}

#[rstest]
#[case::granularity(json!({"custom": {"logical": 512, "physical": 512, "discardGranularity": 1024}}), json!({"custom": {"logical": 512, "physical": 512, "discardGranularity": 700}}), ".custom.discardGranularity", "multiple of 512")]
#[case::both(json!({"matchVolume": {}}), json!({"matchVolume": {}, "custom": {"logical": 512, "physical": 512}}), "", "keep one")]
#[case::match_off(json!({"matchVolume": {"enabled": false}, "custom": {"logical": 512, "physical": 512}}), json!({"matchVolume": {"enabled": true}, "custom": {"logical": 512, "physical": 512}}), "", "keep one")]
fn sizes_of_sectors(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] message: &str,
) {
    let of = |size: Value| disks(json!({"disk": {"bus": "virtio"}, "blockSize": size}));
    let field = format!("spec.domain.devices.disks[1].blockSize{field}");
    check(&of(good), &of(bad), &field, Invalid, message);
}

#[test]
fn metrics_are_on_a_virtio_disk() {
    let with = |bus: &str| {
        json!({
            "domain": {"devices": {"disks": [{"name": "metrics", "disk": {"bus": bus}}]}},
            "volumes": [{"name": "metrics", "downwardMetrics": {}}],
        })
    };
    check_with(
        &gates(&["DownwardMetrics"]),
        &with("virtio"),
        &with("sata"),
        "spec.domain.devices.disks[0].disk.bus",
        Invalid,
        "set bus to virtio",
    );
}
