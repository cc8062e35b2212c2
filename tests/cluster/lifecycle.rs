//! Start, stop, restart, delete, and every way in which a guest can end.

use std::time::Duration;

use kubevirt_tests::kubectl::{kubectl, run};
use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Console, Guest, Namespace, until, within};

fn uid(namespace: &Namespace) -> anyhow::Result<String> {
    namespace.field("vmi", "vm1", "/metadata/uid")
}

/// Nothing of a machine is left: no instance, no pod.
fn nothing_left(namespace: &Namespace) -> anyhow::Result<()> {
    namespace.wait_gone(STEP, "vmi", "vm1")?;
    within(STEP, "the end of the launcher pods", || {
        Ok(namespace.launcher_pods("vm1")?.is_empty())
    })
}

#[test]
fn stop_start_restart_and_delete() -> anyhow::Result<()> {
    let namespace = Namespace::new("lifecycle")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    namespace.wait_field(STEP, "vm", "vm1", "/status/printableStatus", "Stopped")?;
    assert!(namespace.get("vmi", "vm1")?.is_none());

    assert_eq!(
        namespace.virtctl(&["start", "vm1"])?.text()?,
        "VM vm1 was scheduled to start\n"
    );
    namespace.wait_field(BOOT, "vm", "vm1", "/status/printableStatus", "Running")?;
    assert_eq!(namespace.field("vm", "vm1", "/spec/runStrategy")?, "Always");
    let again = namespace.virtctl(&["start", "vm1"])?;
    assert!(
        !again.success && again.stderr.contains("VM is already running"),
        "{again:?}"
    );

    // A graceful restart: the guest is asked by ACPI and gives way to a new one.
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    let first = uid(&namespace)?;
    assert_eq!(
        namespace.virtctl(&["restart", "vm1"])?.text()?,
        "VM vm1 was scheduled to restart\n"
    );
    console
        .expect("poweroff", STEP)
        .or_else(|_| console.expect("ower down", STEP))?;
    let second = until(BOOT, "a new instance after the restart", || {
        let uid = uid(&namespace)?;
        Ok((!uid.is_empty() && uid != first).then_some(uid))
    })?;
    namespace.wait_field(BOOT, "vm", "vm1", "/status/printableStatus", "Running")?;

    // A forced restart does not wait for the guest.
    namespace
        .virtctl(&["restart", "vm1", "--force", "--grace-period", "0"])?
        .text()?;
    until(STEP, "a new instance after the forced restart", || {
        let uid = uid(&namespace)?;
        Ok((!uid.is_empty() && uid != second).then_some(uid))
    })?;
    namespace.wait_field(BOOT, "vm", "vm1", "/status/printableStatus", "Running")?;

    assert_eq!(
        namespace
            .virtctl(&["stop", "vm1", "--force", "--grace-period", "0"])?
            .text()?,
        "VM vm1 was scheduled to stop\n"
    );
    nothing_left(&namespace)?;
    namespace.wait_field(STEP, "vm", "vm1", "/status/printableStatus", "Stopped")?;
    assert_eq!(namespace.field("vm", "vm1", "/spec/runStrategy")?, "Halted");
    let again = namespace.virtctl(&["stop", "vm1"])?;
    assert!(
        !again.success && again.stderr.contains("VM is not running"),
        "{again:?}"
    );

    namespace.virtctl(&["start", "vm1"])?.text()?;
    namespace.wait_field(BOOT, "vm", "vm1", "/status/printableStatus", "Running")?;
    namespace
        .kubectl(&["delete", "vm", "vm1", "--timeout=120s"])?
        .text()?;
    nothing_left(&namespace)
}

#[test]
fn dry_run_changes_nothing_and_a_missing_vm_is_told() -> anyhow::Result<()> {
    let namespace = Namespace::new("dryrun")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    let answer = namespace.virtctl(&["start", "vm1", "--dry-run"])?.text()?;
    assert_eq!(answer, "Dry Run execution\nVM vm1 was scheduled to start\n");
    assert_eq!(namespace.field("vm", "vm1", "/spec/runStrategy")?, "Halted");
    let answer = namespace.virtctl(&["start", "nobody"])?;
    assert!(
        !answer.success && answer.stderr.contains("\"nobody\" not found"),
        "{answer:?}"
    );
    Ok(())
}

#[test]
fn the_guest_shuts_itself_down() -> anyhow::Result<()> {
    let namespace = Namespace::new("poweroff")?;
    namespace.apply(&Guest::new("vm1").run_strategy("RerunOnFailure").vm())?;
    // RerunOnFailure: a guest that ends well is not started again.
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    console.type_text("poweroff\n")?;
    nothing_left(&namespace)?;
    namespace.wait_field(STEP, "vm", "vm1", "/status/printableStatus", "Stopped")
}

#[test]
fn always_starts_a_guest_again_that_shut_itself_down() -> anyhow::Result<()> {
    let namespace = Namespace::new("always")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let first = uid(&namespace)?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    console.type_text("poweroff\n")?;
    until(BOOT, "a new instance", || {
        let uid = uid(&namespace)?;
        Ok((!uid.is_empty() && uid != first).then_some(uid))
    })?;
    namespace.wait_field(BOOT, "vm", "vm1", "/status/printableStatus", "Running")
}

#[test]
fn a_reboot_from_inside_keeps_the_pod() -> anyhow::Result<()> {
    let namespace = Namespace::new("reboot")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    let before = namespace.launcher_pod("vm1")?;
    console.type_text("reboot\n")?;
    console.log_in()?;
    assert_eq!(namespace.launcher_pod("vm1")?, before);
    Ok(())
}

#[test]
fn a_killed_qemu_fails_the_instance_and_tells_why() -> anyhow::Result<()> {
    let namespace = Namespace::new("killed")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Manual").vm())?;
    namespace.virtctl(&["start", "vm1"])?.text()?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let (pod, _) = namespace.launcher_pod("vm1")?;
    let kill = "for p in /proc/[0-9]*; do case $(cat $p/comm) in qemu-system*) kill -9 ${p#/proc/};; esac; done";
    namespace
        .kubectl(&["exec", &pod, "-c", "compute", "--", "sh", "-c", kill])?
        .text()?;
    namespace.wait_field(STEP, "vmi", "vm1", "/status/phase", "Failed")?;
    within(STEP, "an event that tells of the crash", || {
        let events = namespace
            .kubectl(&[
                "get",
                "events",
                "--field-selector",
                "type=Warning,involvedObject.name=vm1",
            ])?
            .text()?;
        Ok(events.contains("Stopped"))
    })?;
    within(STEP, "the end of the launcher pod's containers", || {
        let phases: Vec<_> = namespace
            .launcher_pods("vm1")?
            .iter()
            .map(|pod| pod["status"]["phase"].clone())
            .collect();
        Ok(phases
            .iter()
            .all(|phase| phase == "Failed" || phase == "Succeeded"))
    })
}

#[test]
fn a_deleted_launcher_pod_ends_the_guest_gracefully() -> anyhow::Result<()> {
    let namespace = Namespace::new("poddelete")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Once").vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    let (pod, _) = namespace.launcher_pod("vm1")?;
    namespace
        .kubectl(&["delete", "pod", &pod, "--wait=false"])?
        .text()?;
    console.expect("ower", STEP)?;
    namespace.wait_field(STEP, "vmi", "vm1", "/status/phase", "Succeeded")?;
    namespace.wait_gone(STEP, "pod", &pod)
}

#[test]
fn a_guest_that_ignores_the_power_button_is_destroyed_after_its_grace_period() -> anyhow::Result<()>
{
    let namespace = Namespace::new("stubborn")?;
    namespace.apply(
        &Guest::new("vm1")
            .image("guest-boot-sector", "64Mi")
            .grace(5)
            .vm(),
    )?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let begin = std::time::Instant::now();
    namespace
        .kubectl(&["delete", "vm", "vm1", "--timeout=120s"])?
        .text()?;
    assert!(
        begin.elapsed() >= Duration::from_secs(5),
        "it was given less than its grace period"
    );
    nothing_left(&namespace)
}

#[test]
fn a_namespace_with_running_machines_can_be_deleted() -> anyhow::Result<()> {
    let namespace = Namespace::new("nsdelete")?;
    for name in ["vm1", "vm2"] {
        namespace.apply(
            &Guest::new(name)
                .image("guest-boot-sector", "64Mi")
                .grace(0)
                .vm(),
        )?;
    }
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    run(
        &mut kubectl(),
        &["delete", "namespace", namespace.name(), "--timeout=120s"],
    )?
    .text()
    .map(|_| ())
}
