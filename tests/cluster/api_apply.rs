//! Server-side apply: several owners of one object.

use kubevirt_tests::Namespace;
use kubevirt_tests::kubectl::Answer;

fn apply(namespace: &Namespace, manager: &str, manifest: &str) -> anyhow::Result<Answer> {
    let manager = format!("--field-manager={manager}");
    namespace.kubectl_with_input(&["apply", "--server-side", &manager, "-f", "-"], manifest)
}

/// A part of the machine `vm1`: what one owner says of it. `spec` is the specification of the guest, indented for its place.
fn part(rest: &str, spec: &str) -> String {
    format!(
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {{name: vm1}}\nspec:\n{rest}  template:\n    spec:\n{spec}"
    )
}

fn base() -> String {
    part(
        "  runStrategy: Halted\n",
        "      domain:
        memory: {guest: 64Mi}
        devices:
          disks:
          - {name: root, disk: {bus: virtio}}
          interfaces:
          - {name: default, masquerade: {}}
      networks:
      - {name: default, pod: {}}
      volumes:
      - {name: root, emptyDisk: {capacity: 1Gi}}
",
    )
}

fn addition(cache: &str) -> String {
    part(
        "",
        &format!(
            "      domain:
        devices:
          disks:
          - {{name: data, cache: {cache}, disk: {{bus: scsi}}}}
          interfaces:
          - {{name: second, bridge: {{}}}}
      networks:
      - {{name: second, multus: {{networkName: lan}}}}
      volumes:
      - {{name: data, emptyDisk: {{capacity: 2Gi}}}}
"
        ),
    )
}

/// Names in a list of the machine's template.
fn names(namespace: &Namespace, list: &str) -> anyhow::Result<String> {
    let path = format!("jsonpath={{.spec.template.spec.{list}[*].name}}");
    namespace
        .kubectl(&["get", "vm", "vm1", "-o", &path])?
        .text()
}

const LISTS: [(&str, &str, &str); 4] = [
    ("domain.devices.disks", "root", "data"),
    ("domain.devices.interfaces", "default", "second"),
    ("networks", "default", "second"),
    ("volumes", "root", "data"),
];

#[test]
fn two_owners_of_different_disks_leave_each_other_alone() -> anyhow::Result<()> {
    let namespace = Namespace::new("owners")?;
    apply(&namespace, "owner-a", &base())?.text()?;
    apply(&namespace, "owner-b", &addition("none"))?.text()?;
    for (list, first, second) in LISTS {
        assert_eq!(
            names(&namespace, list)?,
            format!("{first} {second}"),
            "{list}"
        );
    }
    // Each may say its own again, changed or not, without the other's.
    apply(&namespace, "owner-a", &base().replace("64Mi", "96Mi"))?.text()?;
    apply(&namespace, "owner-b", &addition("writeback"))?.text()?;
    for (list, first, second) in LISTS {
        assert_eq!(
            names(&namespace, list)?,
            format!("{first} {second}"),
            "{list}"
        );
    }
    let disks = "/spec/template/spec/domain/devices/disks";
    assert_eq!(
        namespace.field("vm", "vm1", &format!("{disks}/1/cache"))?,
        "writeback"
    );
    assert_eq!(
        namespace.field("vm", "vm1", "/spec/template/spec/domain/memory/guest")?,
        "96Mi"
    );
    // Another's field is not taken over unasked.
    let taken = apply(
        &namespace,
        "owner-b",
        &addition("none").replace(
            "name: data, cache: none, disk: {bus: scsi}",
            "name: root, disk: {bus: sata}",
        ),
    )?
    .refusal()?;
    for part in ["owner-a", "disks[name=\"root\"].disk.bus"] {
        assert!(taken.contains(part), "no {part:?} in {taken}");
    }
    // An owner that lets go takes along what was its own alone.
    apply(
        &namespace,
        "owner-b",
        &part("", "      domain: {devices: {}}\n"),
    )?
    .text()?;
    for (list, first, _) in LISTS {
        assert_eq!(names(&namespace, list)?, first, "{list}");
    }
    Ok(())
}

#[test]
fn keys_of_several_fields_hold() -> anyhow::Result<()> {
    let namespace = Namespace::new("keys")?;
    apply(&namespace, "owner-a", &base())?.text()?;
    let spread = |when: &str, skew: u32| {
        part(
            "",
            &format!(
                "      domain: {{devices: {{}}}}\n      topologySpreadConstraints:\n      \
                 - {{topologyKey: zone, whenUnsatisfiable: {when}, maxSkew: {skew}, labelSelector: {{matchLabels: {{a: b}}}}}}\n"
            ),
        )
    };
    apply(&namespace, "owner-b", &spread("DoNotSchedule", 1))?.text()?;
    apply(&namespace, "owner-c", &spread("ScheduleAnyway", 2))?.text()?;
    apply(&namespace, "owner-b", &spread("DoNotSchedule", 3))?.text()?;
    let path = "jsonpath={.spec.template.spec.topologySpreadConstraints[*].maxSkew}";
    assert_eq!(
        namespace
            .kubectl(&["get", "vm", "vm1", "-o", path])?
            .text()?,
        "3 2"
    );
    Ok(())
}

#[test]
fn a_change_from_client_side_to_server_side_apply_drops_what_is_dropped() -> anyhow::Result<()> {
    let namespace = Namespace::new("switch")?;
    namespace.apply(&base().replace(
        "  runStrategy",
        "  updateVolumesStrategy: Replacement\n  runStrategy",
    ))?;
    apply(&namespace, "owner-a", &base())?.text()?;
    assert_eq!(
        namespace.field("vm", "vm1", "/spec/updateVolumesStrategy")?,
        ""
    );
    Ok(())
}
