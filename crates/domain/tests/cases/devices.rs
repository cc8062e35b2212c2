//! Interfaces, controllers and the other devices.

use serde_json::{Value, json};

use super::Case;

fn devices(value: Value) -> Value {
    json!({"spec": {"domain": {"devices": value}}})
}

/// The only interface.
fn interface(mut interface: Value) -> Value {
    interface["name"] = json!("default");
    interface["bridge"] = json!({});
    devices(json!({"interfaces": [interface]}))
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = interfaces();
    cases.extend(controllers());
    cases.extend(small());
    cases
}

fn interfaces() -> Vec<Case> {
    vec![
        Case::new(
            "interface",
            json!({}),
            &[
                "<interface type=\"ethernet\"><mac address=\"02:00:00:00:00:01\"/><target dev=\"tap0\" managed=\"no\"/>\
             <model type=\"virtio-non-transitional\"/><mtu size=\"1450\"/><rom enabled=\"no\"/>\
             <alias name=\"ua-default\"/></interface>",
            ],
        ),
        Case::new(
            "interface.model",
            interface(json!({"model": "e1000"})),
            &["<model type=\"e1000\"/>"],
        ),
        Case::new(
            "interface.macAddress",
            interface(json!({"macAddress": "de:ad:00:00:be:af"})),
            &["<mac address=\"de:ad:00:00:be:af\"/>"],
        ),
        Case::new(
            "interface.bootOrder",
            interface(json!({"bootOrder": 1})),
            &["<boot order=\"1\"/>"],
        )
        .without(&["<rom"]),
        Case::new(
            "interface.pciAddress",
            interface(json!({"pciAddress": "0000:0b:00.0"})),
            &[
                "<address type=\"pci\" domain=\"0x0000\" bus=\"0x0b\" slot=\"0x00\" function=\"0x0\"/></interface>",
            ],
        ),
        Case::new(
            "interface.state",
            interface(json!({"state": "down"})),
            &["<link state=\"down\"/>"],
        ),
        Case::new(
            "interface.state",
            interface(json!({"state": "absent"})),
            &[],
        )
        .without(&["<interface"]),
        Case::new(
            "interface.acpiIndex",
            interface(json!({"acpiIndex": 7})),
            &["<acpi index=\"7\"/>"],
        ),
        Case::new(
            "networkInterfaceMultiqueue",
            json!({"spec": {"domain": {"cpu": {"cores": 3}, "devices": {"networkInterfaceMultiqueue": true}}}}),
            &["<driver queues=\"3\"/>"],
        ),
    ]
}

fn controllers() -> Vec<Case> {
    vec![
        Case::new("controllers", json!({}), &[
            "<controller type=\"usb\" index=\"0\" model=\"none\"/>\
             <controller type=\"scsi\" index=\"0\" model=\"virtio-non-transitional\"/>\
             <controller type=\"virtio-serial\" index=\"0\" model=\"virtio-non-transitional\"/>\
             <controller type=\"pci\" index=\"0\" model=\"pcie-root\"/>\
             <controller type=\"pci\" index=\"1\" model=\"pcie-root-port\"/>",
            // scsi, serial, disk, interface, balloon, and room for three interfaces.
            "<controller type=\"pci\" index=\"8\" model=\"pcie-root-port\"/><interface",
        ]),
        Case::new(
            "pci-topology-version",
            json!({"metadata": {"annotations": {"kubevirt.io/pci-topology-version": "v3", "kubevirt.io/pci-interface-slot-count": "2"}},
                   "spec": {"domain": {"memory": {"guest": "3Gi"}}}}),
            &["<controller type=\"pci\" index=\"16\" model=\"pcie-root-port\"/><interface"],
        ),
        Case::new(
            "placePCIDevicesOnRootComplex",
            json!({"metadata": {"annotations": {"kubevirt.io/placePCIDevicesOnRootComplex": "true"}}}),
            &["<alias name=\"ua-root\"/><address type=\"pci\" domain=\"0x0000\" bus=\"0x00\" slot=\"0x02\" function=\"0x0\"/>"],
        )
        .without(&["pcie-root-port"]),
        Case::new(
            "disablePCIHole64",
            json!({"metadata": {"annotations": {"kubevirt.io/disablePCIHole64": "true"}}}),
            &["<pcihole64 unit=\"KiB\">0</pcihole64>"],
        ),
        Case::new("useVirtioTransitional", devices(json!({"useVirtioTransitional": true})), &[
            "device=\"disk\" model=\"virtio-transitional\"",
            "<model type=\"virtio-transitional\"/>",
            "<memballoon model=\"virtio-transitional\"",
        ])
        .without(&["non-transitional"]),
    ]
}

fn small() -> Vec<Case> {
    vec![
        Case::new(
            "serial console and agent",
            json!({}),
            &[
                "<serial type=\"unix\"><source mode=\"bind\" path=\"/var/run/kubevirt-private/e6101f34-ec23-4178-a6ab-cdd09aed4409/virt-serial0\"/>\
             <target port=\"0\"/></serial><console type=\"pty\"><target type=\"serial\" port=\"0\"/></console>\
             <channel type=\"unix\"><target type=\"virtio\" name=\"org.qemu.guest_agent.0\"/></channel>",
            ],
        ),
        Case::new(
            "autoattachSerialConsole",
            devices(json!({"autoattachSerialConsole": false})),
            &["<channel"],
        )
        .without(&["<serial type", "<console"]),
        Case::new(
            "graphics",
            json!({}),
            &[
                "<graphics type=\"vnc\" sharePolicy=\"ignore\"><listen type=\"socket\" socket=\"/var/run/kubevirt-private/e6101f34-ec23-4178-a6ab-cdd09aed4409/virt-vnc\"/>\
             </graphics><video><model type=\"vga\" vram=\"16384\" heads=\"1\"/></video>",
            ],
        ),
        Case::new(
            "autoattachGraphicsDevice",
            devices(json!({"autoattachGraphicsDevice": false})),
            &[],
        )
        .without(&["<graphics", "<video"]),
        Case::new(
            "video.type",
            devices(json!({"video": {"type": "virtio"}})),
            &["<model type=\"virtio\" heads=\"1\"/>"],
        ),
        Case::new(
            "memory balloon",
            json!({}),
            &[
                "<memballoon model=\"virtio-non-transitional\" freePageReporting=\"on\"><stats period=\"10\"/></memballoon>",
            ],
        ),
        Case::new(
            "autoattachMemBalloon",
            devices(json!({"autoattachMemBalloon": false})),
            &["<memballoon model=\"none\"/>"],
        ),
        Case::new(
            "free-page-reporting-disabled",
            json!({"metadata": {"annotations": {"kubevirt.io/free-page-reporting-disabled": "true"}}}),
            &["freePageReporting=\"off\""],
        ),
        Case::new(
            "inputs",
            devices(json!({"inputs": [{"name": "t", "type": "tablet", "bus": "virtio"}]})),
            &[
                "<input type=\"tablet\" bus=\"virtio\" model=\"virtio\"><alias name=\"ua-t\"/></input>",
            ],
        ),
        Case::new(
            "inputs on usb",
            devices(json!({"inputs": [{"name": "t", "type": "tablet"}]})),
            &[
                "<input type=\"tablet\" bus=\"usb\"><alias name=\"ua-t\"/></input>",
                "model=\"qemu-xhci\"",
            ],
        ),
        Case::new(
            "rng",
            devices(json!({"rng": {}})),
            &[
                "<rng model=\"virtio-non-transitional\"><backend model=\"random\">/dev/urandom</backend></rng>",
            ],
        ),
        Case::new(
            "watchdog",
            devices(json!({"watchdog": {"name": "w", "i6300esb": {"action": "poweroff"}}})),
            &["<watchdog model=\"i6300esb\" action=\"poweroff\"><alias name=\"ua-w\"/></watchdog>"],
        ),
        Case::new(
            "sound",
            devices(json!({"sound": {"name": "s"}})),
            &["<sound model=\"ich9\"><alias name=\"ua-s\"/></sound>"],
        ),
        Case::new(
            "sound.model",
            devices(json!({"sound": {"name": "s", "model": "ac97"}})),
            &["<sound model=\"ac97\">"],
        ),
        Case::new(
            "tpm",
            devices(json!({"tpm": {}})),
            &["<tpm model=\"tpm-tis\"><backend type=\"emulator\" version=\"2.0\"/></tpm>"],
        ),
        Case::new(
            "tpm.enabled",
            devices(json!({"tpm": {"enabled": false}})),
            &[],
        )
        .without(&["<tpm"]),
        Case::new(
            "panicDevices",
            devices(json!({"panicDevices": [{"model": "isa"}]})),
            &["<panic model=\"isa\"/>"],
        ),
    ]
}
