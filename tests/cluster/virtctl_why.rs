//! `virtctl why`, `wait` and `top` against real causes.

use std::time::Duration;

use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Guest, Namespace, within};
use serde_json::Value;

/// What `virtctl why` says as data.
fn why(namespace: &Namespace, name: &str) -> anyhow::Result<Value> {
    let answer = namespace.virtctl(&["why", name, "-o", "json"])?;
    Ok(serde_json::from_str(&answer.stdout)?)
}

/// Waits until the cause is found, and its text has these words.
fn expect(
    namespace: &Namespace,
    limit: Duration,
    name: &str,
    cause: &str,
    words: &str,
) -> anyhow::Result<()> {
    let mut last = String::new();
    let found = within(limit, &format!("cause {cause} of {name}"), || {
        let diagnosis = why(namespace, name)?;
        last = diagnosis.to_string();
        Ok(diagnosis["cause"] == cause && last.contains(words))
    });
    found.map_err(|error| error.context(last))
}

#[test]
fn causes_before_a_guest_is_there() -> anyhow::Result<()> {
    let namespace = Namespace::new("why")?;
    let small = |name: &str| Guest::new(name).image("guest-boot-sector", "64Mi");
    namespace.apply(&small("halted").run_strategy("Halted").vm())?;
    namespace.apply(&small("manual").run_strategy("Manual").vm())?;
    namespace.apply(&small("noimage").image("no-such-image", "64Mi").vm())?;
    namespace.apply(
        &small("noclaim")
            .disk(
                "data",
                "virtio",
                "persistentVolumeClaim: {claimName: missing}",
            )
            .vm(),
    )?;
    namespace.apply(&small("large").image("guest-boot-sector", "900Gi").vm())?;
    namespace.apply(&small("elsewhere").on_node("no-such-node").vm())?;
    namespace.apply(&claim("homeless", "no-such-class"))?;
    namespace.apply(
        &small("unbound")
            .disk(
                "data",
                "virtio",
                "persistentVolumeClaim: {claimName: homeless}",
            )
            .vm(),
    )?;

    expect(&namespace, STEP, "halted", "Halted", "virtctl")?;
    expect(&namespace, STEP, "manual", "NotStarted", "Manual")?;
    expect(&namespace, STEP, "noimage", "ImagePull", "no-such-image")?;
    expect(&namespace, STEP, "noclaim", "ClaimMissing", "missing")?;
    expect(
        &namespace,
        STEP,
        "large",
        "NotEnoughMemory",
        "no node is that large",
    )?;
    expect(
        &namespace,
        STEP,
        "elsewhere",
        "NodeSelector",
        "there is no node no-such-node",
    )?;
    expect(
        &namespace,
        STEP,
        "unbound",
        "NoStorageClass",
        "no-such-class does not exist",
    )?;

    let wrong = namespace.virtctl(&["why", "halte"])?;
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.stderr.contains("did you mean halted?"), "{wrong:?}");
    let told = namespace.virtctl(&["why", "vm/noclaim"])?.text()?;
    assert!(
        told.starts_with("noclaim waits for PersistentVolumeClaim missing"),
        "{told}"
    );

    // A machine that nobody starts is not waited for.
    let begin = std::time::Instant::now();
    let never = namespace.virtctl(&["wait", "halted", "--for=ready", "--timeout=120s"])?;
    assert_eq!(never.code, Some(1));
    assert!(never.stderr.contains("virtctl -n"), "{never:?}");
    assert!(begin.elapsed() < Duration::from_secs(60));
    // One that may still come is, and the cause is told in the end.
    let late = namespace.virtctl(&["wait", "noclaim", "--timeout=5s"])?;
    assert_eq!(late.code, Some(1));
    assert!(
        late.stderr.contains("did not get ready within 5s"),
        "{late:?}"
    );
    assert!(late.stderr.contains("create the claim"), "{late:?}");
    assert_eq!(
        namespace
            .virtctl(&["wait", "halted", "--for=stopped"])?
            .text()?,
        "halted is stopped\n"
    );
    Ok(())
}

fn claim(name: &str, class: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}}}\nspec:\n  storageClassName: {class}\n  \
         accessModes: [ReadWriteOnce]\n  resources: {{requests: {{storage: 64Mi}}}}\n"
    )
}

#[test]
fn an_instancetype_that_is_gone_is_named() -> anyhow::Result<()> {
    let namespace = Namespace::new("whytype")?;
    namespace.apply(
        "apiVersion: instancetype.kubevirt.io/v1beta1\nkind: VirtualMachineInstancetype\nmetadata: {name: tiny}\n\
         spec: {cpu: {guest: 1}, memory: {guest: 64Mi}}\n",
    )?;
    let guest = Guest::new("vm1")
        .image("guest-boot-sector", "64Mi")
        .on_node("no-such-node")
        .vm();
    let guest = guest
        .replace(
            "  runStrategy: Always\n",
            "  runStrategy: Always\n  instancetype: {name: tiny, kind: VirtualMachineInstancetype}\n",
        )
        .replace("        resources:\n          requests: {memory: 64Mi}\n", "");
    namespace.apply(&guest)?;
    within(STEP, "an instance of vm1", || {
        Ok(namespace.get("vmi", "vm1")?.is_some())
    })?;
    namespace
        .kubectl(&["delete", "controllerrevisions", "--all"])?
        .text()?;
    namespace
        .kubectl(&["delete", "virtualmachineinstancetype", "tiny"])?
        .text()?;
    namespace.kubectl(&["delete", "vmi", "vm1"])?.text()?;
    expect(
        &namespace,
        STEP,
        "vm1",
        "InstancetypeNotFound",
        "instancetypeRef",
    )
}

#[test]
fn a_quota_is_named() -> anyhow::Result<()> {
    let namespace = Namespace::new("whyquota")?;
    namespace
        .kubectl(&["create", "quota", "tight", "--hard=pods=0"])?
        .text()?;
    namespace.apply(&Guest::new("vm1").image("guest-boot-sector", "64Mi").vm())?;
    expect(&namespace, STEP, "vm1", "Quota", "the quota tight")
}

#[test]
fn a_guest_runs_and_crashes() -> anyhow::Result<()> {
    let namespace = Namespace::new("whyruns")?;
    let guest = Guest::new("vm1")
        .image("guest-boot-sector", "64Mi")
        .grace(0);
    namespace.apply(&guest.run_strategy("Manual").vm())?;
    namespace.virtctl(&["start", "vm1"])?.text()?;
    let limit = format!("--timeout={}s", BOOT.as_secs());
    namespace
        .virtctl(&["wait", "vm1", "--for=ready", &limit])?
        .text()?;
    let diagnosis = why(&namespace, "vm1")?;
    assert_eq!(diagnosis["state"], "Running", "{diagnosis}");
    assert!(
        diagnosis["summary"].to_string().contains("address"),
        "{diagnosis}"
    );

    let top: Value = serde_json::from_str(
        &namespace
            .virtctl(&["top", "vm", "--once", "-o", "json"])?
            .text()?,
    )?;
    assert_eq!(top["rows"][0]["name"], "vm1", "{top}");
    assert!(top["rows"][0]["memoryBytes"].as_f64() > Some(1e6), "{top}");

    let (pod, _) = namespace.launcher_pod("vm1")?;
    let kill = "for p in /proc/[0-9]*; do case $(cat $p/comm) in qemu-system*) kill -9 ${p#/proc/};; esac; done";
    namespace
        .kubectl(&["exec", &pod, "-c", "compute", "--", "sh", "-c", kill])?
        .text()?;
    expect(&namespace, STEP, "vm1", "GuestCrashed", "virtctl")?;
    namespace
        .kubectl(&["delete", "vm", "vm1", "--wait=false"])?
        .text()?;
    assert_eq!(
        namespace
            .virtctl(&["wait", "vm1", "--for=deleted", "--timeout=90s"])?
            .text()?,
        "vm1 is deleted\n"
    );
    Ok(())
}

#[test]
fn a_paused_guest_is_told() -> anyhow::Result<()> {
    let namespace = Namespace::new("whypaused")?;
    let guest = Guest::new("vm1")
        .image("guest-boot-sector", "64Mi")
        .grace(0);
    namespace.apply(&guest.run_strategy("Halted").vm())?;
    namespace.virtctl(&["start", "vm1", "--paused"])?.text()?;
    let limit = format!("--timeout={}s", BOOT.as_secs());
    assert_eq!(
        namespace
            .virtctl(&["wait", "vm1", "--for=paused", &limit])?
            .text()?,
        "vm1 is paused\n"
    );
    expect(&namespace, STEP, "vm1", "PausedByUser", "unpause")
}
