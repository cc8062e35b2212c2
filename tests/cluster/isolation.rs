//! The isolation check, and that it can fail.

use std::process::Command;

use kubevirt_tests::kubectl::{kubeconfig, kubectl, run};
use kubevirt_tests::wait::BOOT;
use kubevirt_tests::{Guest, Namespace, checkout};

fn check(namespace: &Namespace, extra: &[&str]) -> anyhow::Result<kubevirt_tests::kubectl::Answer> {
    let mut command = Command::new(checkout().join("cluster/vm-isolation-check.sh"));
    command
        .env("KUBECONFIG", kubeconfig())
        .args(["-n", namespace.name(), "-vm", "vm1"]);
    run(&mut command, extra)
}

#[test]
fn a_guest_is_confined_to_its_pod() -> anyhow::Result<()> {
    // Pod Security `restricted` admits the launcher pod, or there would be no guest.
    let namespace = Namespace::restricted("isolation")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let answer = check(&namespace, &[])?;
    assert!(answer.success, "{}{}", answer.stdout, answer.stderr);
    for expected in [
        "cgroup",
        "mount",
        "network",
        "PID",
        "IPC",
        "UTS",
        "capabilities",
    ] {
        assert!(
            answer.stdout.contains(expected),
            "no check of {expected}:\n{}",
            answer.stdout
        );
    }

    // The same check on a QEMU that somebody started outside of the pod must fail and name what failed.
    let outside = check(&namespace, &["--self-test-outside"])?;
    assert!(
        !outside.success,
        "a QEMU outside of its pod passed:\n{}",
        outside.stdout
    );
    assert!(
        outside.stdout.contains("FAIL") && outside.stdout.contains("cgroup"),
        "{}",
        outside.stdout
    );
    Ok(())
}

#[test]
fn the_launcher_pod_has_one_container_and_no_token() -> anyhow::Result<()> {
    let namespace = Namespace::restricted("onepod")?;
    namespace.apply(&Guest::new("vm1").image("guest-boot-sector", "64Mi").vm())?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let pods = namespace.launcher_pods("vm1")?;
    let spec = &pods[0]["spec"];
    assert_eq!(spec["containers"].as_array().map(Vec::len), Some(1));
    assert!(spec["initContainers"].is_null());
    assert_eq!(spec["automountServiceAccountToken"], false);
    let sources: Vec<String> = spec["volumes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|volume| volume.as_object())
        .flat_map(|volume| {
            volume
                .keys()
                .filter(|key| *key != "name")
                .cloned()
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(
        sources
            .iter()
            .all(|source| ["emptyDir", "image", "secret"].contains(&source.as_str())),
        "{sources:?}"
    );
    let refused = run(
        kubectl().args(["-n", namespace.name()]),
        &[
            "exec",
            pods[0]["metadata"]["name"].as_str().unwrap_or_default(),
            "--",
            "ls",
            "/var/run/secrets",
        ],
    )?;
    assert!(
        !refused.success,
        "a token directory exists: {}",
        refused.stdout
    );
    Ok(())
}
