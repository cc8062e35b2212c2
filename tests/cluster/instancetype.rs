//! Instancetypes and preferences: what they say is what the guest gets, and it stays.

use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Console, Namespace};

const SMALL: &str = "\
apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachineInstancetype
metadata: {name: small}
spec:
  cpu: {guest: 2}
  memory: {guest: 192Mi}
";
const LINUX: &str = "\
apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachinePreference
metadata: {name: linux}
spec:
  cpu: {preferredCPUTopology: cores}
  devices:
    preferredDiskBus: virtio
    preferredInterfaceModel: e1000e
    preferredInterfaceMasquerade: {}
  requirements: {cpu: {guest: 2}, memory: {guest: 128Mi}}
";

/// A machine that says nothing but its disks and what it names.
fn machine(name: &str, more: &str, domain: &str) -> String {
    let image = kubevirt_tests::guest::image("guest");
    format!(
        "\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: {name}}}
spec:
  runStrategy: Always
{more}  template:
    spec:
      terminationGracePeriodSeconds: 0
      domain: {{devices: {{}}{domain}}}
      volumes:
      - {{name: root, containerDisk: {{image: \"{image}\"}}}}
      - {{name: seed, cloudInitNoCloud: {{userData: \"#!/bin/sh\\n\"}}}}
"
    )
}

const NAMED: &str = "  instancetype: {name: small, kind: VirtualMachineInstancetype}
  preference: {name: linux, kind: VirtualMachinePreference}
";

#[test]
fn a_guest_has_what_instancetype_and_preference_say_and_keeps_it() -> anyhow::Result<()> {
    let namespace = Namespace::new("sized")?;
    namespace.apply(&format!("{SMALL}---\n{LINUX}"))?;
    namespace.apply(&machine("vm1", NAMED, ""))?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let vmi = |pointer: &str| namespace.field("vmi", "vm1", pointer);
    assert_eq!(vmi("/spec/domain/cpu/cores")?, "2");
    assert_eq!(vmi("/spec/domain/cpu/sockets")?, "1");
    assert_eq!(vmi("/spec/domain/memory/guest")?, "192Mi");
    assert_eq!(vmi("/spec/domain/devices/disks/0/disk/bus")?, "virtio");
    assert_eq!(vmi("/spec/domain/devices/interfaces/0/model")?, "e1000e");
    assert_eq!(vmi("/spec/domain/devices/interfaces/0/masquerade")?, "{}");
    let annotation = "/metadata/annotations/kubevirt.io~1";
    assert_eq!(vmi(&format!("{annotation}instancetype-name"))?, "small");
    assert_eq!(vmi(&format!("{annotation}preference-name"))?, "linux");
    let vm = |pointer: &str| namespace.field("vm", "vm1", pointer);
    assert_eq!(
        vm("/spec/template/spec/domain/memory")?,
        "",
        "the machine itself still says nothing"
    );
    let revision = vm("/status/instancetypeRef/controllerRevisionRef/name")?;
    assert!(revision.starts_with("vm1-small-v1beta1-"), "{revision}");
    assert_eq!(
        namespace.field("controllerrevision", &revision, "/data/spec/cpu/guest")?,
        "2"
    );
    assert!(!vm("/status/preferenceRef/controllerRevisionRef/name")?.is_empty());

    // What the guest sees.
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    assert_eq!(console.run("grep -c ^processor /proc/cpuinfo")?, "2");
    let kibibytes: u64 = console
        .run("awk '/MemTotal/ {print $2}' /proc/meminfo")?
        .trim()
        .parse()?;
    assert!(
        (120 * 1024..=192 * 1024).contains(&kibibytes),
        "{kibibytes} KiB"
    );
    assert_eq!(console.run("test -b /dev/vda && echo virtio")?, "virtio");

    // What is named now says something else; the machine stays as it was, and starts even when it is gone.
    namespace.apply(&SMALL.replace("guest: 2}", "guest: 4}"))?;
    namespace
        .kubectl(&["delete", "virtualmachinepreference", "linux"])?
        .text()?;
    let before = vmi("/metadata/uid")?;
    namespace.virtctl(&["restart", "vm1"])?.text()?;
    kubevirt_tests::within(BOOT, "the next instance", || {
        Ok(vmi("/metadata/uid")? != before && vmi("/status/phase")? == "Running")
    })?;
    assert_eq!(vmi("/spec/domain/cpu/cores")?, "2");
    assert_eq!(vmi("/spec/domain/devices/disks/0/disk/bus")?, "virtio");
    Ok(())
}

#[test]
fn what_cannot_be_is_refused_at_once() -> anyhow::Result<()> {
    let namespace = Namespace::new("unsized")?;
    namespace.apply(&format!("{SMALL}---\n{LINUX}"))?;
    let refused = |manifest: &str, texts: &[&str]| {
        let told = namespace.try_apply(manifest)?.refusal()?;
        for text in texts {
            anyhow::ensure!(told.contains(text), "no {text:?} in {told}");
        }
        Ok(())
    };
    refused(
        &machine(
            "conflict",
            NAMED,
            ", cpu: {cores: 1}, memory: {guest: 128Mi}",
        ),
        &[
            "spec.template.spec.domain.cpu.cores",
            "spec.template.spec.domain.memory.guest",
            "conflicts with selected instance type",
        ],
    )?;
    refused(
        &machine("unknown", "  instancetype: {name: no-such-size}\n", ""),
        &[
            "spec.instancetype",
            "virtualmachineclusterinstancetypes.instancetype.kubevirt.io \"no-such-size\" not found",
        ],
    )?;
    refused(
        &machine(
            "demanding",
            "  preference: {name: linux, kind: VirtualMachinePreference}\n",
            ", memory: {guest: 128Mi}",
        ),
        &["insufficient CPU resources", "requires 2 vCPU"],
    )?;
    refused(
        &machine("unsaid", "  instancetype: {inferFromVolume: root}\n", ""),
        &["spec.instancetype.inferFromVolume", "root"],
    )?;
    Ok(())
}

#[test]
fn a_claim_says_what_its_machine_is_to_be() -> anyhow::Result<()> {
    let namespace = Namespace::new("inferred")?;
    namespace.apply(&format!("{SMALL}---\n{LINUX}"))?;
    namespace.apply(
        "\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: labelled
  labels:
    instancetype.kubevirt.io/default-instancetype: small
    instancetype.kubevirt.io/default-instancetype-kind: VirtualMachineInstancetype
    instancetype.kubevirt.io/default-preference: linux
    instancetype.kubevirt.io/default-preference-kind: VirtualMachinePreference
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
",
    )?;
    namespace.apply(
        "\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: vm1}
spec:
  runStrategy: Halted
  instancetype: {inferFromVolume: root}
  preference: {inferFromVolume: root}
  template:
    spec:
      domain: {devices: {}}
      volumes:
      - {name: root, persistentVolumeClaim: {claimName: labelled}}
",
    )?;
    let vm = |pointer: &str| namespace.field("vm", "vm1", pointer);
    assert_eq!(vm("/spec/instancetype/name")?, "small");
    assert_eq!(vm("/spec/instancetype/kind")?, "VirtualMachineInstancetype");
    assert_eq!(vm("/spec/preference/name")?, "linux");
    assert_eq!(vm("/spec/instancetype/inferFromVolume")?, "");
    // A machine that does not run keeps its revisions too.
    kubevirt_tests::within(STEP, "the revisions of a halted machine", || {
        Ok(!vm("/status/preferenceRef/controllerRevisionRef/name")?.is_empty())
    })?;
    Ok(())
}
