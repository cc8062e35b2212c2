//! What people do to objects with kubectl: try out, compare, edit.

use std::fs;

use kubevirt_tests::kubectl::{Answer, kubectl, run};
use kubevirt_tests::wait::STEP;
use kubevirt_tests::{Good, Guest, Namespace, within};
use serde_json::Value;

fn halted() -> String {
    Guest::new("vm1").run_strategy("Halted").vm()
}

#[test]
fn a_dry_run_shows_defaults_and_keeps_nothing() -> anyhow::Result<()> {
    let namespace = Namespace::new("dry")?;
    for verb in ["create", "apply"] {
        let arguments = [verb, "--dry-run=server", "-o", "yaml", "-f", "-"];
        let shown = namespace
            .kubectl_with_input(&arguments, &halted())?
            .text()?;
        for default in ["type: q35", "architecture: amd64", "uuid: "] {
            assert!(shown.contains(default), "no {default:?} in\n{shown}");
        }
        assert!(namespace.get("vm", "vm1")?.is_none(), "{verb} kept it");
    }
    // A wrong one is refused in the same words as without a dry run.
    let wrong = halted().replace("bus: virtio", "bus: ide");
    let refusal = namespace
        .kubectl_with_input(&["create", "--dry-run=server", "-f", "-"], &wrong)?
        .refusal()?;
    assert!(refusal.contains("disks[0].disk.bus"), "{refusal}");

    // Changes and deletions of what is there.
    namespace.apply(&halted())?;
    namespace.wait_field(STEP, "vm", "vm1", "/status/printableStatus", "Stopped")?;
    let before = namespace.field("vm", "vm1", "/metadata/generation")?;
    let changed = halted().replace("memory: 128Mi", "memory: 256Mi");
    let arguments = ["apply", "--dry-run=server", "-o", "json", "-f", "-"];
    let shown: Value =
        serde_json::from_str(&namespace.kubectl_with_input(&arguments, &changed)?.text()?)?;
    let memory = "/spec/template/spec/domain/resources/requests/memory";
    assert_eq!(shown.pointer(memory), Some(&Value::from("256Mi")));
    namespace
        .kubectl(&["delete", "vm", "vm1", "--dry-run=server"])?
        .text()?;
    assert_eq!(namespace.field("vm", "vm1", memory)?, "128Mi");
    assert_eq!(
        namespace.field("vm", "vm1", "/metadata/generation")?,
        before
    );
    Ok(())
}

/// The lines that `kubectl diff` shows as added or removed, without their indentation.
fn changed_lines(diff: &str) -> Vec<String> {
    diff.lines()
        .filter(|line| line.starts_with(['+', '-']))
        .filter(|line| !line.starts_with("+++") && !line.starts_with("---"))
        .map(|line| format!("{}{}", &line[..1], line[1..].trim_start()))
        .collect()
}

#[test]
fn diff_shows_nothing_but_the_change() -> anyhow::Result<()> {
    let namespace = Namespace::new("diff")?;
    for (name, side) in [("client", &[][..]), ("server", &["--server-side"])] {
        let manifest = Guest::new(name).run_strategy("Halted").vm();
        let arguments = [&["apply", "-f", "-"], side].concat();
        namespace
            .kubectl_with_input(&arguments, &manifest)?
            .text()?;
        namespace.wait_field(STEP, "vm", name, "/status/printableStatus", "Stopped")?;
        let arguments = [&["diff", "-f", "-"], side].concat();
        let same = namespace.kubectl_with_input(&arguments, &manifest)?;
        assert_eq!(
            (same.code, changed_lines(&same.stdout)),
            (Some(0), vec![]),
            "{same:?}"
        );
        let changed = manifest.replace("memory: 128Mi", "memory: 256Mi");
        let other = namespace.kubectl_with_input(&arguments, &changed)?;
        assert_eq!(other.code, Some(1), "{other:?}");
        let mut lines = changed_lines(&other.stdout);
        lines.retain(|line| !line.contains("generation: "));
        assert_eq!(lines, ["-memory: 128Mi", "+memory: 256Mi"], "{other:?}");
    }
    Ok(())
}

#[test]
fn defaults_cause_no_difference_for_any_kind() -> anyhow::Result<()> {
    let namespace = Namespace::new("nodiff")?;
    let good = Good::new(&namespace)?;
    let answer = namespace.kubectl_with_input(&["diff", "-f", "-"], &good.manifests()?)?;
    assert_eq!(answer.code, Some(0), "{}{}", answer.stdout, answer.stderr);
    // And a second apply changes nothing.
    let answer = namespace.try_apply(&good.manifests()?)?.text()?;
    for line in answer.lines() {
        assert!(line.ends_with(" unchanged"), "{answer}");
    }
    Ok(())
}

/// `kubectl edit` with a program in the place of the editor, and what it left behind of an edit that it did not save.
fn edit(namespace: &Namespace, editor: &str) -> anyhow::Result<(Answer, String)> {
    let folder = std::env::temp_dir().join(namespace.name());
    fs::create_dir(&folder)?;
    let answer = run(
        kubectl().env("KUBE_EDITOR", editor).env("TMPDIR", &folder),
        &["-n", namespace.name(), "edit", "vm", "vm1"],
    );
    let mut left = String::new();
    for file in fs::read_dir(&folder)? {
        left.push_str(&fs::read_to_string(file?.path())?);
    }
    fs::remove_dir_all(&folder)?;
    Ok((answer?, left))
}

#[test]
fn a_machine_can_be_edited() -> anyhow::Result<()> {
    let namespace = Namespace::new("edit")?;
    namespace.apply(&halted())?;
    let memory = "/spec/template/spec/domain/resources/requests/memory";
    let (answer, _) = edit(&namespace, "sed -i -e 's/memory: 128Mi$/memory: 192Mi/'")?;
    answer.text()?;
    assert_eq!(namespace.field("vm", "vm1", memory)?, "192Mi");
    // What is wrong is told with its field in the file that the editor gets again, and the object stays as it was.
    let (answer, left) = edit(&namespace, "sed -i -e 's/bus: virtio$/bus: ide/'")?;
    let refusal = answer.refusal()?;
    assert!(refusal.contains("\"vm1\" is invalid"), "{refusal}");
    assert!(
        left.lines()
            .any(|line| line.starts_with('#') && line.contains("disks[0].disk.bus")),
        "{left}"
    );
    assert_eq!(
        namespace.field(
            "vm",
            "vm1",
            "/spec/template/spec/domain/devices/disks/0/disk/bus"
        )?,
        "virtio"
    );
    Ok(())
}

#[test]
fn kubectl_scales_what_has_replicas() -> anyhow::Result<()> {
    let namespace = Namespace::new("scale")?;
    let _good = Good::new(&namespace)?;
    for kind in ["vmirs", "vmpool"] {
        // Nothing starts: the number is the one that is there.
        namespace
            .kubectl(&[
                "scale",
                kind,
                "good",
                "--replicas=0",
                "--current-replicas=0",
            ])?
            .text()?;
        let scale = namespace
            .kubectl(&[
                "get",
                kind,
                "good",
                "--subresource=scale",
                "-o",
                "jsonpath={.kind} {.spec}",
            ])?
            .text()?;
        assert!(scale.starts_with("Scale "), "{kind}: {scale}");
    }
    within(STEP, "the objects to stay", || {
        Ok(namespace.get("vmirs", "good")?.is_some())
    })
}
