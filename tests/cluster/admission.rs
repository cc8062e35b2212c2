//! Wrong manifests: each is refused at once, with a message that names the field.
//!
//! The manifests are in `tests/manifests/wrong`; the comment lines at the top of each say what the answer must contain.

use std::fs;

use kubevirt_tests::kubectl::{kubectl, run};
use kubevirt_tests::{Guest, Namespace, checkout};

#[test]
fn every_wrong_manifest_is_refused_with_its_reason() -> anyhow::Result<()> {
    let namespace = Namespace::new("wrong")?;
    let mut files: Vec<_> =
        fs::read_dir(checkout().join("tests/manifests/wrong"))?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::path);
    assert!(files.len() >= 20, "only {} wrong manifests", files.len());
    let mut failures = Vec::new();
    for file in files {
        let path = file.path();
        let manifest = fs::read_to_string(&path)?;
        let expected: Vec<&str> = manifest
            .lines()
            .filter_map(|line| line.strip_prefix("# error: "))
            .collect();
        assert!(
            !expected.is_empty(),
            "{} says no expected error",
            path.display()
        );
        let answer = namespace.try_apply(&manifest)?;
        if answer.success {
            failures.push(format!("{}: was accepted", path.display()));
            // Kinds of the whole cluster do not go with the namespace.
            namespace.kubectl_with_input(&["delete", "--wait=false", "-f", "-"], &manifest)?;
        }
        for part in expected
            .into_iter()
            .filter(|part| !answer.stderr.contains(part))
        {
            failures.push(format!(
                "{}: no {part:?} in:\n{}",
                path.display(),
                answer.stderr
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

#[test]
fn defaults_are_written_at_admission() -> anyhow::Result<()> {
    let namespace = Namespace::new("defaults")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    assert_eq!(
        namespace.field("vm", "vm1", "/spec/template/spec/domain/machine/type")?,
        "q35"
    );
    assert_eq!(
        namespace.field("vm", "vm1", "/spec/template/spec/architecture")?,
        "amd64"
    );
    assert_eq!(
        namespace
            .field("vm", "vm1", "/spec/template/spec/domain/firmware/uuid")?
            .len(),
        36
    );
    Ok(())
}

#[test]
fn a_wrong_configuration_is_refused_with_its_field() -> anyhow::Result<()> {
    // What is wrong, then what the answer must name.
    let wrong = [
        (
            r#"{"network":{"defaultNetworkInterface":"slirp"}}"#,
            "spec.configuration.network.defaultNetworkInterface",
        ),
        (
            r#"{"additionalGuestMemoryOverheadRatio":"0.5"}"#,
            "spec.configuration.additionalGuestMemoryOverheadRatio",
        ),
        (
            r#"{"developerConfiguration":{"memoryOvercommit":5}}"#,
            "spec.configuration.developerConfiguration.memoryOvercommit",
        ),
        (
            r#"{"developerConfiguration":{"featureGates":["HostDisk"],"disabledFeatureGates":["HostDisk"]}}"#,
            "HostDisk",
        ),
        (
            r#"{"evictionStrategy":"Sometimes"}"#,
            "spec.configuration.evictionStrategy",
        ),
        (
            r#"{"cpuModel":"no such model"}"#,
            "spec.configuration.cpuModel",
        ),
        (
            r#"{"architectureConfiguration":{"amd64":{"machineType":"pdp-11"}}}"#,
            "spec.configuration.architectureConfiguration.amd64.machineType",
        ),
        (
            r#"{"tlsConfiguration":{"ciphers":["TLS_AES_128_GCM_SHA256"]}}"#,
            "spec.configuration.tlsConfiguration",
        ),
        (
            r#"{"seccompConfiguration":{"virtualMachineInstanceProfile":{"customProfile":{}}}}"#,
            "spec.configuration.seccompConfiguration.virtualMachineInstanceProfile.customProfile",
        ),
        (
            r#"{"migrations":{"maxDowntimeMs":0}}"#,
            "spec.configuration.migrations.maxDowntimeMs",
        ),
    ];
    let mut failures = Vec::new();
    for (configuration, field) in wrong {
        let patch = format!(r#"{{"spec":{{"configuration":{configuration}}}}}"#);
        let arguments = [
            "patch",
            "kubevirt",
            "kubevirt",
            "-n",
            "kubevirt",
            "--dry-run=server",
            "--type=merge",
            "-p",
            &patch,
        ];
        let answer = run(&mut kubectl(), &arguments)?;
        if answer.success || !answer.stderr.contains(field) {
            failures.push(format!("{configuration}: {answer:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

#[test]
fn wrong_settings_beside_the_configuration_are_refused_too() -> anyhow::Result<()> {
    let wrong = [
        (r#"{"infra":{"replicas":0}}"#, "spec.infra.replicas"),
        (
            r#"{"certificateRotateStrategy":{"selfSigned":{"server":{"duration":"1h","renewBefore":"2h"}}}}"#,
            "renewBefore",
        ),
        (
            r#"{"customizeComponents":{"patches":[{"resourceName":"virt-api","resourceType":"Deployment","type":"json","patch":"{"}]}}"#,
            "spec.customizeComponents.patches[0].patch",
        ),
        (r#"{"imagePullPolicy":"Sometimes"}"#, "spec.imagePullPolicy"),
    ];
    let mut failures = Vec::new();
    for (spec, field) in wrong {
        let patch = format!(r#"{{"spec":{spec}}}"#);
        let arguments = [
            "patch",
            "kubevirt",
            "kubevirt",
            "-n",
            "kubevirt",
            "--dry-run=server",
            "--type=merge",
            "-p",
            &patch,
        ];
        let answer = run(&mut kubectl(), &arguments)?;
        if answer.success || !answer.stderr.contains(field) {
            failures.push(format!("{spec}: {answer:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}
