//! Identity, processors, memory, features, clock, firmware.

use serde_json::{Value, json};

use super::Case;

fn domain(value: Value) -> Value {
    json!({"spec": {"domain": value}})
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = processor();
    cases.extend(features());
    cases.extend(firmware());
    cases
}

fn processor() -> Vec<Case> {
    vec![
        Case::new("name and metadata", json!({}), &[
            "<name>ns_vm</name>",
            "<kubevirt xmlns=\"http://kubevirt.io\"><uid>e6101f34-ec23-4178-a6ab-cdd09aed4409</uid>\
             <graceperiod><deletionGracePeriodSeconds>30</deletionGracePeriodSeconds></graceperiod></kubevirt>",
        ]),
        Case::new("terminationGracePeriodSeconds", json!({"spec": {"terminationGracePeriodSeconds": 0}}), &[
            "<deletionGracePeriodSeconds>0<",
        ]),
        Case::new("memory.guest", domain(json!({"memory": {"guest": "1Gi"}})), &["<memory unit=\"b\">1073741824</memory>"]),
        Case::new(
            "resources.requests.memory",
            domain(json!({"memory": null, "resources": {"requests": {"memory": "128M"}}})),
            &["<memory unit=\"b\">128000000</memory>"],
        ),
        Case::new("memory.hugepages", domain(json!({"memory": {"hugepages": {"pageSize": "2Mi"}}})), &[
            "<memoryBacking><hugepages/><source type=\"memfd\"/></memoryBacking>",
            "<numa><cell id=\"0\" cpus=\"0\" memory=\"65536\" unit=\"KiB\"/></numa>",
            "freePageReporting=\"off\"",
        ]),
        Case::new(
            "annotation memfd",
            json!({"metadata": {"annotations": {"kubevirt.io/memfd": "false"}},
                   "spec": {"domain": {"memory": {"hugepages": {"pageSize": "2Mi"}}}}}),
            &["<memoryBacking><hugepages/></memoryBacking>"],
        )
        .without(&["<numa>"]),
        Case::new("cpu topology", domain(json!({"cpu": {"sockets": 2, "cores": 3, "threads": 1}})), &[
            "<vcpu placement=\"static\">6</vcpu>",
            "<cpu mode=\"host-model\"><topology sockets=\"2\" cores=\"3\" threads=\"1\"/></cpu>",
        ]),
        Case::new(
            "resources.limits.cpu",
            domain(json!({"cpu": null, "resources": {"limits": {"cpu": "1500m"}}})),
            &["<topology sockets=\"2\" cores=\"1\" threads=\"1\"/>"],
        ),
        Case::new("cpu.model host-passthrough under emulation", domain(json!({"cpu": {"model": "host-passthrough"}})), &[
            "<cpu mode=\"maximum\">",
        ]),
        Case::new(
            "cpu.model by name, and features",
            domain(json!({"cpu": {"model": "Nehalem", "features": [{"name": "aes", "policy": "optional"}, {"name": "ssse3"}]}})),
            &[
                "<cpu mode=\"custom\"><model>Nehalem</model>",
                "<feature policy=\"optional\" name=\"aes\"/><feature policy=\"require\" name=\"ssse3\"/>\
                 <feature policy=\"disable\" name=\"mpx\"/>",
            ],
        ),
        Case::new(
            "a feature that the user decides on",
            domain(json!({"cpu": {"model": "Nehalem", "features": [{"name": "mpx", "policy": "forbid"}]}})),
            &["<feature policy=\"forbid\" name=\"mpx\"/>"],
        )
        .without(&["policy=\"disable\""]),
    ]
}

fn features() -> Vec<Case> {
    vec![
        Case::new(
            "emulation's translation cache",
            json!({}),
            &[
                "<domain type=\"qemu\">",
                "<features><acpi/><vmport state=\"off\"/><tcg><tb-cache unit=\"MiB\">32</tb-cache></tcg></features>",
            ],
        ),
        Case::new(
            "features.acpi off",
            domain(json!({"features": {"acpi": {"enabled": false}}})),
            &["<features><vmport"],
        ),
        Case::new(
            "features.apic",
            domain(json!({"features": {"apic": {"endOfInterrupt": true}}})),
            &["<acpi/><apic eoi=\"on\"/>"],
        ),
        Case::new(
            "features.kvm.hidden",
            domain(json!({"features": {"kvm": {"hidden": true}}})),
            &["<kvm><hidden state=\"on\"/></kvm>"],
        ),
        Case::new(
            "features.pvspinlock",
            domain(json!({"features": {"pvspinlock": {"enabled": false}}})),
            &["<pvspinlock state=\"off\"/>"],
        ),
        Case::new(
            "features.smm",
            domain(json!({"features": {"smm": {}}})),
            &["<smm state=\"on\"/>"],
        ),
        Case::new(
            "clock.utc",
            domain(json!({"clock": {"utc": {}}})),
            &["<clock offset=\"utc\" adjustment=\"reset\"/>"],
        ),
        Case::new(
            "clock.utc.offsetSeconds",
            domain(json!({"clock": {"utc": {"offsetSeconds": -60}}})),
            &["<clock offset=\"utc\" adjustment=\"-60\"/>"],
        ),
        Case::new(
            "clock.timezone",
            domain(json!({"clock": {"timezone": "Europe/Berlin"}})),
            &["<clock offset=\"timezone\" timezone=\"Europe/Berlin\"/>"],
        ),
        Case::new(
            "clock.timer",
            domain(json!({"clock": {"utc": {}, "timer": {
                "rtc": {"tickPolicy": "catchup", "track": "guest"}, "pit": {"tickPolicy": "delay", "present": true},
                "hpet": {"present": false}, "kvm": {"present": true}, "hyperv": {"present": true}}}})),
            &[
                "<timer name=\"rtc\" tickpolicy=\"catchup\" present=\"yes\" track=\"guest\"/>\
               <timer name=\"pit\" tickpolicy=\"delay\" present=\"yes\"/><timer name=\"hpet\" present=\"no\"/>\
               <timer name=\"kvmclock\" present=\"yes\"/><timer name=\"hypervclock\" present=\"yes\"/></clock>",
            ],
        ),
    ]
}

fn firmware() -> Vec<Case> {
    vec![
        Case::new("machine and sysinfo", json!({}), &[
            "<os><type arch=\"x86_64\" machine=\"q35\">hvm</type><smbios mode=\"sysinfo\"/></os>",
            "<sysinfo type=\"smbios\"><system><entry name=\"manufacturer\">KubeVirt</entry><entry name=\"product\">None</entry>\
             <entry name=\"serial\">34324ca0-4cc0-423b-9639-846e7da23a53</entry>\
             <entry name=\"uuid\">2a1f639e-0c1d-41fa-a9b5-8dd1deee496b</entry><entry name=\"family\">KubeVirt</entry></system></sysinfo>",
        ]),
        Case::new(
            "chassis",
            domain(json!({"chassis": {"manufacturer": "A & B", "version": "1", "serial": "2", "asset": "3", "sku": "4"}})),
            &["<chassis><entry name=\"manufacturer\">A &amp; B</entry><entry name=\"version\">1</entry>\
               <entry name=\"serial\">2</entry><entry name=\"asset\">3</entry><entry name=\"sku\">4</entry></chassis>"],
        ),
        Case::new("bios.useSerial", domain(json!({"firmware": {"bootloader": {"bios": {"useSerial": true}}}})), &[
            "<bios useserial=\"yes\"/>",
        ]),
        Case::new("efi", domain(json!({"firmware": {"bootloader": {"efi": {"secureBoot": false}}}})), &[
            "<loader readonly=\"yes\" secure=\"no\" type=\"pflash\">/usr/share/OVMF/OVMF_CODE_4M.fd</loader>\
             <nvram template=\"/usr/share/OVMF/OVMF_VARS_4M.fd\">/var/run/kubevirt-private/libvirt/qemu/nvram/vm_VARS.fd</nvram>",
            "<video><model type=\"bochs\" heads=\"1\"/></video>",
        ])
        .without(&["<smm"]),
        Case::new("efi with Secure Boot", domain(json!({"firmware": {"bootloader": {"efi": {}}}})), &[
            "secure=\"yes\" type=\"pflash\">/usr/share/OVMF/OVMF_CODE_4M.secboot.fd</loader>\
             <nvram template=\"/usr/share/OVMF/OVMF_VARS_4M.ms.fd\">",
            "<smm state=\"on\"/>",
        ]),
        Case::new("startStrategy", json!({"spec": {"startStrategy": "Paused"}}), &[
            "<bootmenu enable=\"yes\" timeout=\"10000\"/>",
        ]),
    ]
}
