//! A change of the cluster's defaults does not change what exists. It holds for the whole installation, so this runs alone.

use kubevirt_tests::kubectl::{kubectl, run};
use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Guest, Namespace, within};

/// Takes the settings of this test back when it ends.
struct Settings;

impl Settings {
    fn change(configuration: &str) -> anyhow::Result<Self> {
        patch(configuration)?;
        Ok(Self)
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        let _ = patch(r#"{"machineType":null,"cpuModel":null,"evictionStrategy":null}"#);
    }
}

fn patch(configuration: &str) -> anyhow::Result<()> {
    let patch = format!(r#"{{"spec":{{"configuration":{configuration}}}}}"#);
    let arguments = [
        "patch",
        "kubevirt",
        "kubevirt",
        "-n",
        "kubevirt",
        "--type=merge",
        "-p",
        &patch,
    ];
    run(&mut kubectl(), &arguments)?.text().map(|_| ())
}

#[test]
fn what_exists_keeps_the_defaults_that_it_was_made_with() -> anyhow::Result<()> {
    let namespace = Namespace::new("settled")?;
    namespace.apply(&Guest::new("vm1").grace(0).vm())?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let spec = |kind: &str| namespace.field(kind, "vm1", "/spec");
    let (machine, instance) = (spec("vm")?, spec("vmi")?);
    assert!(instance.contains(r#""type":"q35""#), "{instance}");
    let settings = Settings::change(
        r#"{"machineType":"pc-q35-7.2","cpuModel":"Nehalem","evictionStrategy":"LiveMigrateIfPossible"}"#,
    )?;
    // A new machine has the new default, which shows that it holds; both virt-api pods are asked.
    within(STEP, "the new defaults", || {
        for _ in 0..4 {
            namespace
                .kubectl(&["delete", "vm", "vm2", "--ignore-not-found"])?
                .text()?;
            namespace.apply(&Guest::new("vm2").run_strategy("Halted").vm())?;
            let pointer = "/spec/template/spec/domain/machine/type";
            if namespace.field("vm", "vm2", pointer)? != "pc-q35-7.2" {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    // Every write is admitted anew.
    namespace
        .kubectl(&["label", "vm/vm1", "vmi/vm1", "touched=yes"])?
        .text()?;
    assert_eq!(spec("vm")?, machine);
    assert_eq!(spec("vmi")?, instance);
    // The machine type is the machine's own: its next instance has it too.
    let before = namespace.field("vmi", "vm1", "/metadata/uid")?;
    drop(settings);
    namespace.virtctl(&["restart", "vm1"])?.text()?;
    within(BOOT, "the next instance", || {
        Ok(namespace.field("vmi", "vm1", "/metadata/uid")? != before
            && namespace.field("vmi", "vm1", "/status/phase")? == "Running")
    })?;
    assert_eq!(spec("vm")?, machine);
    Ok(())
}
