//! What the API takes: fields that exist, versions that are served, and a word about what has no effect.

use kubevirt_tests::kubectl::{kubectl, run};
use kubevirt_tests::{Guest, KINDS, Namespace, kinds};

#[test]
fn an_unknown_field_is_refused_with_its_path_for_every_kind() -> anyhow::Result<()> {
    let namespace = Namespace::new("unknown")?;
    let mut refused = 0;
    for (file, manifest) in kinds::good_manifests()? {
        // A field at the end of the specification, which is the last part of each manifest, in either way to write it.
        let wrong = match manifest.lines().find(|line| line.starts_with("spec:")) {
            Some("spec:") => format!("{manifest}  colour: red\n"),
            _ => manifest.replacen("spec: {", "spec: {colour: red, ", 1),
        };
        assert_ne!(wrong, manifest);
        for validation in [&[][..], &["--validate=strict"]] {
            let arguments = [&["create", "--dry-run=server", "-f", "-"], validation].concat();
            let refusal = namespace
                .kubectl_with_input(&arguments, &wrong)?
                .refusal()
                .map_err(|error| error.context(file.clone()))?;
            assert!(
                refusal.contains("unknown field \"spec.colour\""),
                "{file}: {refusal}"
            );
        }
        refused += 1;
    }
    assert_eq!(refused, KINDS.len() - 1);
    let arguments = [
        "patch",
        "kubevirt",
        "kubevirt",
        "-n",
        "kubevirt",
        "--type=merge",
        "--dry-run=server",
        "-p",
        r#"{"spec":{"configuration":{"colour":"red"}}}"#,
    ];
    let answer = run(&mut kubectl(), &arguments)?;
    assert!(
        answer
            .stderr
            .contains("unknown field \"spec.configuration.colour\""),
        "{answer:?}"
    );
    Ok(())
}

#[test]
fn an_unknown_field_is_told_and_dropped_where_the_client_wants_it_so() -> anyhow::Result<()> {
    let namespace = Namespace::new("warn")?;
    let manifest = Guest::new("vm1")
        .run_strategy("Halted")
        .vm()
        .replace("      domain:\n", "      colour: red\n      domain:\n");
    let answer =
        namespace.kubectl_with_input(&["create", "--validate=warn", "-f", "-"], &manifest)?;
    assert!(
        answer.success
            && answer
                .stderr
                .contains("unknown field \"spec.template.spec.colour\""),
        "{answer:?}"
    );
    assert_eq!(
        namespace.field("vm", "vm1", "/spec/template/spec/colour")?,
        ""
    );
    Ok(())
}

#[test]
fn an_older_version_is_understood_with_a_word_about_it() -> anyhow::Result<()> {
    let namespace = Namespace::new("older")?;
    for kind in &KINDS {
        let (Some(older), false) = (kind.versions.get(1), kind.kind == "KubeVirt") else {
            continue;
        };
        let newest = kind.versions[0];
        let (api_version, old_version) = (
            format!("apiVersion: {}/{newest}\n", kind.group),
            format!("apiVersion: {}/{older}\n", kind.group),
        );
        let manifest = kinds::good_manifests()?
            .into_iter()
            .map(|(_, text)| text)
            .find(|text| text.contains(&format!("\nkind: {}\n", kind.kind)))
            .unwrap_or_default()
            .replace(&api_version, &old_version);
        assert!(manifest.contains(&old_version), "{}: {manifest}", kind.kind);
        let answer = namespace.try_apply(&manifest)?;
        let word = format!("{}/{older} {} is deprecated", kind.group, kind.kind);
        // The older ones of the kinds that still change are not deprecated.
        let expected = ["kubevirt.io", "export.kubevirt.io"].contains(&kind.group);
        assert_eq!(answer.stderr.contains(&word), expected, "{answer:?}");
        let name = kind.good(&namespace).to_owned();
        answer.text()?;
        for version in kind.versions {
            let resource = format!("{}.{version}.{}", kind.plural, kind.group);
            assert_eq!(
                namespace.field(&resource, &name, "/apiVersion")?,
                format!("{}/{version}", kind.group)
            );
            assert_eq!(namespace.field(&resource, &name, "/kind")?, kind.kind);
        }
        let stored = format!("{}.{newest}.{}", kind.plural, kind.group);
        assert_ne!(namespace.field(&stored, &name, "/spec")?, "", "{stored}");
    }
    // Nothing takes the finalizer of a migration that nothing carries out.
    namespace.kubectl(&[
        "patch",
        "vmim",
        "good",
        "--type=merge",
        "-p",
        r#"{"metadata":{"finalizers":null}}"#,
    ])?;
    Ok(())
}

#[test]
fn what_nothing_acts_on_yet_is_accepted_and_told() -> anyhow::Result<()> {
    let namespace = Namespace::new("notyet")?;
    let manifest = Guest::new("vm1").run_strategy("Halted").vm().replace(
        "        devices:\n",
        "        devices:\n          disableHotplug: true\n",
    );
    let answer = namespace.try_apply(&manifest)?;
    assert!(
        answer.success
            && answer.stderr.contains("Warning: ")
            && answer
                .stderr
                .contains("spec.template.spec.domain.devices.disableHotplug"),
        "{answer:?}"
    );
    // What is acted on draws none.
    let answer = namespace.try_apply(&Guest::new("vm2").run_strategy("Halted").vm())?;
    assert!(
        answer.success && !answer.stderr.contains("Warning: "),
        "{answer:?}"
    );
    Ok(())
}
