//! `kubectl explain` tells what every kind and every field means.

use kubevirt_tests::KINDS;
use kubevirt_tests::kubectl::{get, kubectl, run};
use serde_json::Value;

fn explain(arguments: &[&str]) -> anyhow::Result<String> {
    run(kubectl().arg("explain"), arguments)?.text()
}

#[test]
fn every_kind_explains_itself_in_every_version() -> anyhow::Result<()> {
    for kind in &KINDS {
        for version in kind.versions {
            let api_version = format!("--api-version={}/{version}", kind.group);
            let text = explain(&[kind.plural, &api_version])?;
            for part in [
                format!("GROUP:      {}", kind.group),
                format!("KIND:       {}", kind.kind),
                format!("VERSION:    {version}"),
            ] {
                assert!(
                    text.contains(&part),
                    "{} {version}: no {part:?} in\n{text}",
                    kind.kind
                );
            }
            assert!(
                !text.contains("<empty>"),
                "{} {version} has parts without a description:\n{text}",
                kind.kind
            );
            let fields = explain(&[kind.plural, &api_version, "--recursive"])?;
            assert!(
                fields.contains("\n  spec\t") && fields.lines().count() > 10,
                "{} {version}:\n{fields}",
                kind.kind
            );
        }
    }
    Ok(())
}

#[test]
fn fields_are_explained_in_words() -> anyhow::Result<()> {
    // The path, and words that its explanation cannot do without, in lower case.
    let fields = [
        ("vm.spec.runStrategy", &["always", "halted"][..]),
        ("vm.spec.template.spec.domain.devices.disks", &["disk"]),
        (
            "vm.spec.template.spec.domain.devices.disks.disk.bus",
            &["virtio", "sata"],
        ),
        (
            "vm.spec.template.spec.domain.devices.interfaces.masquerade",
            &["address"],
        ),
        ("vm.spec.template.spec.domain.cpu.cores", &["core"]),
        ("vm.spec.template.spec.domain.memory.guest", &["memory"]),
        (
            "vm.spec.template.spec.domain.firmware.bootloader.efi",
            &["efi"],
        ),
        (
            "vm.spec.template.spec.volumes.containerDisk.image",
            &["image"],
        ),
        (
            "vm.spec.template.spec.networks.multus.networkName",
            &["network"],
        ),
        ("vm.status.printableStatus", &["running"]),
        ("vmi.status.phase", &["running", "failed"]),
        ("vmi.spec.evictionStrategy", &["livemigrate"]),
        ("vmim.spec.vmiName", &["virtualmachineinstance"]),
        ("vmirs.spec.replicas", &["instances"]),
        ("vmpool.spec.maxUnavailable", &["update"]),
        ("vmsnapshot.spec.failureDeadline", &["fails"]),
        ("vmrestore.spec.virtualMachineSnapshotName", &["snapshot"]),
        ("vmexport.spec.tokenSecretRef", &["secret"]),
        ("vmclone.spec.newMacAddresses", &["addresses"]),
        ("migrationpolicy.spec.allowPostCopy", &["migration"]),
        ("vmf.spec.cpu.guest", &["processor"]),
        ("vmp.spec.devices.preferredDiskBus", &["disk"]),
        ("vmbackup.spec.pvcName", &["persistentvolumeclaim"]),
        ("plugin.spec.nodeHooks.socket", &["socket"]),
        (
            "kubevirt.spec.configuration.developerConfiguration.useEmulation",
            &["virtualization"],
        ),
    ];
    let mut faults = Vec::new();
    for (path, words) in fields {
        let text = explain(&[path])?.to_lowercase();
        // What follows the field's own name: its values and its description.
        let told = text
            .split_once("field:")
            .and_then(|(_, rest)| rest.split_once('\n'))
            .map_or("", |(_, told)| told);
        for word in words.iter().filter(|word| !told.contains(**word)) {
            faults.push(format!("{path}: no {word:?} in\n{text}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// Collects the paths of properties without a description. What metadata are Kubernetes itself explains.
fn without_description(path: &str, schema: &Value, found: &mut Vec<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        for (name, property) in properties {
            let path = format!("{path}.{name}");
            if property["description"].as_str().is_none_or(str::is_empty)
                && !path.ends_with(".metadata")
            {
                found.push(path.clone());
            }
            without_description(&path, property, found);
        }
    }
    for inner in ["items", "additionalProperties"] {
        if schema[inner].is_object() {
            without_description(&format!("{path}[]"), &schema[inner], found);
        }
    }
}

#[test]
fn no_field_is_without_an_explanation() -> anyhow::Result<()> {
    let mut found = Vec::new();
    let mut count = 0;
    for kind in &KINDS {
        let crd = get(&["crd", &kind.resource()])?;
        // Older versions say the same at greater length; only the one that people read is explained to the last field.
        for version in crd["spec"]["versions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|version| version["name"] == kind.versions[0])
        {
            let path = kind.kind;
            without_description(path, &version["schema"]["openAPIV3Schema"], &mut found);
            count += 1;
        }
    }
    // The copy of a machine inside of a snapshot's content is explained where the machine is.
    found.retain(|path| !path.starts_with("VirtualMachineSnapshotContent.spec.source."));
    assert_eq!(count, KINDS.len());
    assert!(
        found.is_empty(),
        "{} fields without a description: {}",
        found.len(),
        found
            .iter()
            .take(40)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ")
    );
    Ok(())
}
