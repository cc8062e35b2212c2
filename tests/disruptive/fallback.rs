//! containerDisks on a cluster without image volumes. It changes the whole installation's configuration, so it runs alone.

use kubevirt_tests::kubectl::{kubectl, run};
use kubevirt_tests::wait::BOOT;
use kubevirt_tests::{Guest, Namespace};
use serde_json::Value;

/// Switches image volumes off while it lives.
struct WithoutImageVolumes;

impl WithoutImageVolumes {
    fn set(value: &str) -> anyhow::Result<()> {
        let patch = format!(
            r#"{{"spec":{{"configuration":{{"developerConfiguration":{{"disabledFeatureGates":{value}}}}}}}}}"#
        );
        run(
            &mut kubectl(),
            &[
                "patch",
                "kubevirt",
                "kubevirt",
                "-n",
                "kubevirt",
                "--type=merge",
                "-p",
                &patch,
            ],
        )?
        .text()
        .map(|_| ())
    }
}

impl Drop for WithoutImageVolumes {
    fn drop(&mut self) {
        let _ = Self::set("null");
    }
}

#[test]
fn a_guest_runs_from_a_copy_of_its_container_disk() -> anyhow::Result<()> {
    let namespace = Namespace::restricted("fallback")?;
    WithoutImageVolumes::set(r#"["ImageVolume"]"#)?;
    let _restore = WithoutImageVolumes;
    // The configuration is read live: an instance that is made after the change has come through has the init containers.
    for attempt in 0..20 {
        let name = format!("vm{attempt}");
        namespace.apply(
            &Guest::new(&name)
                .image("guest-boot-sector", "64Mi")
                .grace(0)
                .vm(),
        )?;
        namespace.wait_field(BOOT, "vmi", &name, "/status/phase", "Running")?;
        let pods = namespace.launcher_pods(&name)?;
        let init = pods
            .first()
            .and_then(|pod| pod.pointer("/spec/initContainers"))
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        if init == 2 {
            return Ok(());
        }
    }
    anyhow::bail!("the launcher pods went on with image volumes")
}
