//! Manifest to XML, field by field.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::panic)]

mod cases;

use cases::{all, compact, environment, plain, vmi};
use kubevirt_domain::{VolumeSource, render};
use serde_json::{Value, json};

#[test]
fn each_field_has_its_xml() {
    let mut wrong = Vec::new();
    for case in all() {
        let vmi = vmi(&case.manifest);
        let xml = compact(
            &render(&vmi, &environment(&vmi))
                .unwrap_or_else(|error| panic!("{}: {error}", case.name)),
        );
        wrong.extend(
            case.has
                .iter()
                .filter(|part| !xml.contains(**part))
                .map(|part| format!("{}: no {part}\n{xml}", case.name)),
        );
        wrong.extend(
            case.has_not
                .iter()
                .filter(|part| xml.contains(**part))
                .map(|part| format!("{}: has {part}\n{xml}", case.name)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_plain_one_as_a_whole() {
    let vmi = vmi(&json!({}));
    insta::assert_snapshot!(render(&vmi, &environment(&vmi)).unwrap());
}

#[test]
fn hardware_virtualization() {
    let vmi = vmi(&json!({"spec": {"domain": {
        "cpu": {"model": "host-passthrough"},
        "features": {"hyperv": {
            "relaxed": {}, "vapic": {"enabled": true}, "spinlocks": {"spinlocks": 8191}, "vpindex": {}, "runtime": {"enabled": false},
            "synic": {}, "synictimer": {"direct": {}}, "reset": {}, "vendorid": {"vendorid": "vendor"}, "frequencies": {},
            "reenlightenment": {}, "tlbflush": {"direct": {}, "extended": {"enabled": false}}, "ipi": {}, "evmcs": {}}}}}}));
    let mut environment = environment(&vmi);
    environment.emulation = false;
    environment.interfaces.get_mut("default").unwrap().vhost = true;
    let xml = compact(&render(&vmi, &environment).unwrap());
    assert!(xml.starts_with("<domain type=\"kvm\">"));
    assert!(xml.contains("<cpu mode=\"host-passthrough\">"));
    assert!(xml.contains("<driver name=\"vhost\"/>"));
    assert!(!xml.contains("<tcg>"));
    let hyperv = "<hyperv><relaxed state=\"on\"/><vapic state=\"on\"/><vpindex state=\"on\"/><runtime state=\"off\"/>\
        <synic state=\"on\"/><reset state=\"on\"/><frequencies state=\"on\"/><reenlightenment state=\"on\"/><ipi state=\"on\"/>\
        <evmcs state=\"on\"/><spinlocks state=\"on\" retries=\"8191\"/><stimer state=\"on\"><direct state=\"on\"/></stimer>\
        <tlbflush state=\"on\"><direct state=\"on\"/><extended state=\"off\"/></tlbflush>\
        <vendor_id state=\"on\" value=\"vendor\"/></hyperv>";
    assert!(xml.contains(hyperv), "{xml}");
}

#[test]
fn what_cannot_be_is_said_with_its_field() {
    let cases: [(Value, &str); 9] = [
        (
            json!({"spec": {"domain": {"memory": null}}}),
            "spec.domain.memory.guest: is missing: say how much memory the guest has",
        ),
        (
            json!({"spec": {"domain": {"memory": {"guest": "lots"}}}}),
            "spec.domain.memory.guest: \"lots\" is not an amount: write a number below 2^63 with a unit such as 500m, 2, 64Mi or 1Gi",
        ),
        (
            json!({"spec": {"domain": {"cpu": {"sockets": 4096}}}}),
            "spec.domain.cpu: sockets x cores x threads is 4096, it must be from 1 to 512",
        ),
        (
            json!({"spec": {"domain": {"features": {"hyperv": {"relaxed": {}}}}}}),
            "spec.domain.features.hyperv: needs hardware virtualization, which this node does not have; remove it or choose another node",
        ),
        (
            json!({"spec": {"volumes": []}}),
            "spec.domain.devices.disks[0].name: there is no volume \"root\", add it to spec.volumes",
        ),
        (
            json!({"spec": {"domain": {"devices": {"disks": [{"name": "root", "lun": {"bus": "scsi"}}]}}}}),
            "spec.domain.devices.disks[0].lun: needs a PersistentVolumeClaim of volumeMode Block, use disk for other volumes",
        ),
        (
            json!({"spec": {"domain": {"devices": {"disks": [{"name": "root", "disk": {"bus": "virtio", "pciAddress": "1"}}]}}}}),
            "spec.domain.devices.disks[0].disk.pciAddress: \"1\" is not a PCI address: write domain:bus:slot.function, such as 0000:81:01.0",
        ),
        (
            json!({"spec": {"domain": {"chassis": {"serial": "a\u{1b}"}}}}),
            "/domain/sysinfo/chassis/entry: the character \\u{1b} is not possible here, remove it",
        ),
        (
            json!({"spec": {"architecture": "arm64"}}),
            "spec.architecture: arm64 guests cannot run here yet, use amd64",
        ),
    ];
    for (manifest, message) in cases {
        let vmi = vmi(&manifest);
        assert_eq!(
            render(&vmi, &environment(&vmi)).unwrap_err().to_string(),
            message
        );
    }
}

#[test]
fn storage_without_direct_access() {
    let mut manifest = json!({});
    let vmi_with = |manifest: &Value| {
        let vmi = vmi(manifest);
        let mut environment = environment(&vmi);
        environment
            .volumes
            .insert("root".into(), VolumeSource::of(&vmi, 0, false).unwrap());
        render(&vmi, &environment)
    };
    assert!(
        vmi_with(&manifest)
            .unwrap()
            .contains("cache=\"writethrough\"")
    );
    manifest["spec"] =
        json!({"domain": {"devices": {"disks": [{"name": "root", "cache": "none", "disk": {}}]}}});
    let error = vmi_with(&manifest).unwrap_err();
    assert_eq!(error.field, "spec.domain.devices.disks[0].cache");
}

#[test]
fn what_the_pod_lacks_is_named() {
    let vmi = vmi(&json!({}));
    let mut environment = environment(&vmi);
    environment.interfaces.clear();
    assert_eq!(
        render(&vmi, &environment).unwrap_err().field,
        "spec.domain.devices.interfaces[0].name"
    );
    environment.volumes.clear();
    assert_eq!(
        render(&vmi, &environment).unwrap_err().field,
        "spec.volumes"
    );
}

#[test]
fn the_same_manifest_gives_the_same_xml() {
    let manifest: kubevirt_api::VirtualMachineInstance = serde_json::from_value(plain()).unwrap();
    assert_eq!(
        render(&manifest, &environment(&manifest)),
        render(&manifest.clone(), &environment(&manifest))
    );
}
