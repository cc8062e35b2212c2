//! Volumes and disk buses.

use kubevirt_tests::wait::STEP;
use kubevirt_tests::{Console, Guest, Namespace};

fn claim(name: &str, class: &str, mode: &str, access: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}}}\nspec:\n  storageClassName: {class}\n  \
         volumeMode: {mode}\n  accessModes: [{access}]\n  resources: {{requests: {{storage: 64Mi}}}}\n"
    )
}

#[test]
fn what_is_written_to_claims_outlives_the_instance() -> anyhow::Result<()> {
    let namespace = Namespace::new("claims")?;
    namespace.apply(&claim("files", "local", "Filesystem", "ReadWriteOnce"))?;
    namespace.apply(&claim("device", "block", "Block", "ReadWriteOnce"))?;
    let guest = Guest::new("vm1")
        .disk(
            "files",
            "virtio",
            "persistentVolumeClaim: {claimName: files}",
        )
        .disk(
            "device",
            "virtio",
            "persistentVolumeClaim: {claimName: device}",
        );
    namespace.apply(&guest.vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    for disk in ["vdc", "vdd"] {
        console.run(&format!(
            "echo kept-on-{disk} | dd of=/dev/{disk} bs=512 count=1 conv=sync"
        ))?;
    }
    console.run("sync")?;
    console.run("echo lost >/dev/vda.not-a-disk; touch /lost")?;
    namespace.virtctl(&["restart", "vm1"])?.text()?;
    assert!(console.wait_end(STEP * 2)?);

    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    for disk in ["vdc", "vdd"] {
        let read = console.run(&format!("head -c 11 /dev/{disk}"))?;
        assert_eq!(read, format!("kept-on-{disk}"));
    }
    Ok(())
}

#[test]
fn empty_disks_and_sata_disks_are_seen_by_the_guest() -> anyhow::Result<()> {
    let namespace = Namespace::new("buses")?;
    let guest = Guest::new("vm1")
        .disk("scratch", "virtio", "emptyDisk: {capacity: 32Mi}")
        .disk("older", "sata", "emptyDisk: {capacity: 48Mi}");
    namespace.apply(&guest.vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    assert_eq!(
        console.run("cat /sys/block/vdc/size")?,
        (32 * 2048).to_string()
    );
    assert_eq!(
        console.run("cat /sys/block/sda/size")?,
        (48 * 2048).to_string()
    );
    console.run("dd if=/dev/zero of=/dev/sda bs=1M count=1")?;
    Ok(())
}

#[test]
fn a_container_disk_starts_afresh_each_time() -> anyhow::Result<()> {
    let namespace = Namespace::new("ephemeral")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    // The last sector of the root disk holds no file system.
    let write = "s=$(($(cat /sys/block/vda/size) - 1)); echo written | dd of=/dev/vda bs=512 seek=$s conv=notrunc,sync; sync";
    console.run(write)?;
    namespace.virtctl(&["restart", "vm1"])?.text()?;
    assert!(console.wait_end(STEP * 2)?);
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    let read = console.run("s=$(($(cat /sys/block/vda/size) - 1)); dd if=/dev/vda bs=512 skip=$s 2>/dev/null | head -c 7 | tr -d '\\0'")?;
    assert_ne!(read, "written");
    Ok(())
}

#[test]
fn a_missing_claim_is_told_and_the_machine_starts_when_it_comes() -> anyhow::Result<()> {
    let namespace = Namespace::new("missing")?;
    namespace.apply(
        &Guest::new("vm1")
            .disk(
                "data",
                "virtio",
                "persistentVolumeClaim: {claimName: later}",
            )
            .vm(),
    )?;
    namespace.wait_field(
        STEP,
        "vm",
        "vm1",
        "/status/printableStatus",
        "ErrorPvcNotFound",
    )?;
    let conditions = namespace.field("vmi", "vm1", "/status/conditions")?;
    assert!(
        conditions.contains("FailedPvcNotFound") && conditions.contains("later"),
        "{conditions}"
    );
    namespace.apply(&claim("later", "local", "Filesystem", "ReadWriteOnce"))?;
    namespace.wait_field(STEP * 2, "vm", "vm1", "/status/printableStatus", "Running")
}

#[test]
fn an_image_that_does_not_exist_is_told() -> anyhow::Result<()> {
    let namespace = Namespace::new("noimage")?;
    namespace.apply(&Guest::new("vm1").image("no-such-image", "64Mi").vm())?;
    kubevirt_tests::within(STEP, "a status that tells of the image", || {
        let status = namespace.field("vm", "vm1", "/status/printableStatus")?;
        Ok(status == "ErrImagePull" || status == "ImagePullBackOff")
    })
}
