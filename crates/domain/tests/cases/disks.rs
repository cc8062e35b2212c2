//! Disks and their volumes.

use serde_json::{Value, json};

use super::Case;

/// The only disk, with its volume an emptyDisk.
fn disk(mut disk: Value) -> Value {
    disk["name"] = json!("d");
    disks(json!([disk]))
}

/// Disks with emptyDisks of the same names; one whose name begins with `block` has a claim.
fn disks(disks: Value) -> Value {
    let volume = |disk: &Value| {
        let name = disk["name"].as_str().unwrap_or_default();
        match name.starts_with("block") {
            true => json!({"name": name, "persistentVolumeClaim": {"claimName": "claim"}}),
            false => json!({"name": name, "emptyDisk": {"capacity": "1Gi"}}),
        }
    };
    let volumes: Vec<_> = disks.as_array().into_iter().flatten().map(volume).collect();
    json!({"spec": {"volumes": volumes, "domain": {"devices": {"disks": disks}}}})
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = attributes();
    cases.extend(volumes());
    cases.extend(threads());
    cases
}

fn volumes() -> Vec<Case> {
    let volume = |source: Value| {
        let mut volume = source;
        volume["name"] = json!("root");
        json!({"spec": {"volumes": [volume]}})
    };
    vec![
        Case::new(
            "containerDisk",
            json!({}),
            &[
                "<disk type=\"file\" device=\"disk\" model=\"virtio-non-transitional\">\
             <driver name=\"qemu\" type=\"qcow2\" cache=\"none\" error_policy=\"stop\" discard=\"unmap\"/>\
             <source file=\"/var/run/kubevirt-ephemeral-disks/disk-data/root/disk.qcow2\"/>\
             <target dev=\"vda\" bus=\"virtio\"/><alias name=\"ua-root\"/></disk>",
            ],
        ),
        Case::new(
            "persistentVolumeClaim",
            volume(json!({"persistentVolumeClaim": {"claimName": "c"}})),
            &[
                "type=\"raw\" cache=\"none\" error_policy=\"stop\" discard=\"unmap\"/>\
             <source file=\"/var/run/kubevirt-private/vmi-disks/root/disk.img\"/>",
            ],
        )
        .without(&["io=\"native\"", "<readonly/>"]),
        Case::new(
            "persistentVolumeClaim.readOnly",
            volume(json!({"persistentVolumeClaim": {"claimName": "c", "readOnly": true}})),
            &["<readonly/>"],
        ),
        Case::new(
            "persistentVolumeClaim of mode Block",
            disks(json!([{"name": "block", "disk": {"bus": "virtio"}}])),
            &[
                "<disk type=\"block\" device=\"disk\"",
                "cache=\"none\" error_policy=\"stop\" io=\"native\" discard=\"unmap\"/><source dev=\"/dev/block\"/>",
            ],
        ),
        Case::new(
            "emptyDisk",
            volume(json!({"emptyDisk": {"capacity": "1Gi"}})),
            &["<source file=\"/var/run/kubevirt-ephemeral-disks/empty-disks/root.qcow2\"/>"],
        ),
        Case::new(
            "cloudInitNoCloud",
            volume(json!({"cloudInitNoCloud": {"userData": "#cloud-config"}})),
            &[
                "type=\"raw\"",
                "<source file=\"/var/run/kubevirt-ephemeral-disks/cloud-init-data/ns/vm/noCloud.iso\"/>",
            ],
        ),
    ]
}

fn attributes() -> Vec<Case> {
    vec![
        Case::new("bus unset", disk(json!({"disk": {}})), &["<target dev=\"sda\" bus=\"sata\"/>"]).without(&["<disk type=\"file\" device=\"disk\" model"]),
        Case::new("bus scsi", disk(json!({"disk": {"bus": "scsi"}})), &[
            "<target dev=\"sda\" bus=\"scsi\"/><alias name=\"ua-d\"/>\
             <address type=\"drive\" controller=\"0\" bus=\"0\" unit=\"0\"/>",
        ]),
        Case::new("bus usb", disk(json!({"disk": {"bus": "usb"}})), &[
            "<target dev=\"sda\" bus=\"usb\"/>",
            "<controller type=\"usb\" index=\"0\" model=\"qemu-xhci\"/>",
        ]),
        Case::new("disk.readonly", disk(json!({"disk": {"bus": "virtio", "readonly": true}})), &["<readonly/>"]),
        Case::new("disk.pciAddress", disk(json!({"disk": {"bus": "virtio", "pciAddress": "0000:0a:00.0"}})), &[
            "<address type=\"pci\" domain=\"0x0000\" bus=\"0x0a\" slot=\"0x00\" function=\"0x0\"/></disk>",
        ]),
        Case::new("cdrom", disk(json!({"cdrom": {"bus": "sata"}})), &[
            "<disk type=\"file\" device=\"cdrom\"><driver name=\"qemu\" type=\"qcow2\" cache=\"none\" error_policy=\"stop\"/>",
            "<target dev=\"sda\" bus=\"sata\"/><readonly/>",
        ])
        .without(&["discard"]),
        Case::new("cdrom.tray", disk(json!({"cdrom": {"bus": "sata", "tray": "open"}})), &[
            "<target dev=\"sda\" bus=\"sata\" tray=\"open\"/>",
        ]),
        Case::new(
            "cdrom without medium",
            json!({"spec": {"volumes": [], "domain": {"devices": {"disks": [{"name": "d", "cdrom": {"bus": "sata"}}]}}}}),
            &["<disk type=\"block\" device=\"cdrom\"><driver name=\"qemu\" type=\"raw\"/><target dev=\"sda\" bus=\"sata\"/><readonly/>"],
        ),
        Case::new("lun", disks(json!([{"name": "block", "lun": {"bus": "scsi"}}])), &[
            "<disk type=\"block\" device=\"lun\">",
        ]),
        Case::new("bootOrder", disk(json!({"disk": {"bus": "virtio"}, "bootOrder": 2})), &["<boot order=\"2\"/>"]),
        Case::new("serial", disk(json!({"disk": {"bus": "virtio"}, "serial": "A_1"})), &["<serial>A_1</serial>"]),
        Case::new("cache", disk(json!({"disk": {"bus": "virtio"}, "cache": "writeback"})), &["cache=\"writeback\""]),
        Case::new("io", disk(json!({"disk": {"bus": "virtio"}, "io": "threads"})), &["io=\"threads\""]),
        Case::new("errorPolicy", disk(json!({"disk": {"bus": "virtio"}, "errorPolicy": "enospace"})), &[
            "error_policy=\"enospace\"",
        ]),
        Case::new("shareable", disks(json!([{"name": "block", "disk": {"bus": "virtio"}, "shareable": true}])), &["cache=\"none\"", "<shareable/>"]),
        Case::new(
            "blockSize.custom",
            disk(json!({"disk": {"bus": "virtio"}, "blockSize": {"custom": {"logical": 4096, "physical": 4096}}})),
            &["<blockio logical_block_size=\"4096\" physical_block_size=\"4096\"/>"],
        ),
        Case::new(
            "names of several disks",
            disks(json!([
                {"name": "a", "disk": {"bus": "virtio"}}, {"name": "b", "disk": {"bus": "sata"}},
                {"name": "c", "disk": {"bus": "virtio"}}, {"name": "e", "disk": {"bus": "scsi"}},
            ])),
            &[
                "<target dev=\"vda\" bus=\"virtio\"/><alias name=\"ua-a\"/>",
                "<target dev=\"sda\" bus=\"sata\"/><alias name=\"ua-b\"/>",
                "<target dev=\"vdb\" bus=\"virtio\"/><alias name=\"ua-c\"/>",
                "<target dev=\"sdb\" bus=\"scsi\"/><alias name=\"ua-e\"/>",
            ],
        ),
        Case::new(
            "names that disks had before",
            json!({
                "status": {"volumeStatus": [{"name": "b", "target": "vda"}, {"name": "c", "target": "sda"}]},
                "spec": {
                    "volumes": [{"name": "a", "emptyDisk": {"capacity": "1Gi"}}, {"name": "b", "emptyDisk": {"capacity": "1Gi"}},
                                {"name": "c", "emptyDisk": {"capacity": "1Gi"}}],
                    "domain": {"devices": {"disks": [
                        {"name": "a", "disk": {"bus": "virtio"}}, {"name": "b", "disk": {"bus": "virtio"}},
                        {"name": "c", "disk": {"bus": "virtio"}}]}}}}),
            &[
                "<target dev=\"vdb\" bus=\"virtio\"/><alias name=\"ua-a\"/>",
                "<target dev=\"vda\" bus=\"virtio\"/><alias name=\"ua-b\"/>",
                "<target dev=\"vdc\" bus=\"virtio\"/><alias name=\"ua-c\"/>",
            ],
        ),
    ]
}

fn threads() -> Vec<Case> {
    let three = |policy: Option<&str>, dedicated: bool, cores: u32| {
        let mut manifest = disks(json!([
            {"name": "a", "disk": {"bus": "virtio"}, "dedicatedIOThread": dedicated},
            {"name": "b", "disk": {"bus": "virtio"}}, {"name": "c", "disk": {"bus": "virtio"}},
        ]));
        manifest["spec"]["domain"]["cpu"] = json!({"cores": cores});
        manifest["spec"]["domain"]["ioThreadsPolicy"] = json!(policy);
        manifest
    };
    vec![
        Case::new("no I/O threads", three(None, false, 1), &[]).without(&["iothread"]),
        Case::new(
            "dedicatedIOThread",
            three(None, true, 1),
            &["<iothreads>1</iothreads>", "iothread=\"1\""],
        )
        .without(&["iothread=\"2\""]),
        Case::new(
            "ioThreadsPolicy shared",
            three(Some("shared"), true, 1),
            &["<iothreads>2</iothreads>", "iothread=\"2\""],
        ),
        Case::new(
            "ioThreadsPolicy auto",
            three(Some("auto"), false, 1),
            &["<iothreads>2</iothreads>"],
        ),
        Case::new(
            "ioThreadsPolicy auto, more CPUs",
            three(Some("auto"), false, 4),
            &["<iothreads>3</iothreads>"],
        ),
        Case::new(
            "dedicatedIOThread on scsi",
            disk(json!({"disk": {"bus": "scsi"}, "dedicatedIOThread": true})),
            &[
                "<controller type=\"scsi\" index=\"0\" model=\"virtio-non-transitional\"><driver iothread=\"1\" queues=\"1\"/></controller>",
            ],
        ),
        Case::new(
            "blockMultiQueue",
            json!({"spec": {"domain": {"cpu": {"cores": 4}, "devices": {"blockMultiQueue": true}}}}),
            &["discard=\"unmap\" queues=\"4\""],
        ),
    ]
}
