//! vmexport, memory-dump, image-upload and guestfs, as far as the cluster has what they need.

use kubevirt_tests::guest::image;
use kubevirt_tests::wait::STEP;
use kubevirt_tests::{Guest, Namespace};

const CLAIM: &str = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: disk}\nspec:\n  \
    accessModes: [ReadWriteOnce]\n  resources: {requests: {storage: 16Mi}}\n";

#[test]
fn an_export_is_made_with_its_token_and_deleted_with_it() -> anyhow::Result<()> {
    let namespace = Namespace::new("export")?;
    namespace.apply(CLAIM)?;
    let name = namespace.name();
    let create = [
        "vmexport", "create", "e1", "--pvc", "disk", "--ttl", "30m", "--labels", "a=b",
    ];
    assert_eq!(
        namespace.virtctl(&create)?.text()?,
        format!("VirtualMachineExport '{name}/e1' created successfully\n")
    );
    let field = |pointer| namespace.field("vmexport", "e1", pointer);
    assert_eq!(field("/spec/source/name")?, "disk");
    assert_eq!(field("/spec/ttlDuration")?, "30m");
    assert_eq!(field("/spec/tokenSecretRef")?, "secret-e1");
    assert_eq!(field("/metadata/labels/a")?, "b");
    let token = namespace.field("secret", "secret-e1", "/data/token")?;
    assert!(token.len() > 20, "{token}");
    let refusal = namespace.virtctl(&create)?.refusal()?;
    assert!(refusal.contains("already exists"), "{refusal}");

    let delete = ["vmexport", "delete", "e1"];
    assert_eq!(
        namespace.virtctl(&delete)?.text()?,
        format!("VirtualMachineExport '{name}/e1' deleted successfully\n")
    );
    assert_eq!(
        namespace.virtctl(&delete)?.text()?,
        format!("VirtualMachineExport '{name}/e1' does not exist\n")
    );
    namespace.wait_gone(STEP, "secret", "secret-e1")
}

#[test]
fn an_export_that_is_not_served_is_told_and_does_not_stay() -> anyhow::Result<()> {
    let namespace = Namespace::new("export")?;
    namespace.apply(CLAIM)?;
    let file = std::env::temp_dir().join(format!("virtctl-export-{}", std::process::id()));
    let path = file.display().to_string();
    let refusal = namespace
        .virtctl(&[
            "vmexport",
            "download",
            "e1",
            "--pvc",
            "disk",
            "--output",
            &path,
            "--readiness-timeout",
            "3s",
        ])?
        .refusal()?;
    assert!(
        refusal.contains("VM Export e1 was not ready within 3s"),
        "{refusal}"
    );
    assert!(!file.exists());
    assert!(namespace.get("vmexport", "e1")?.is_none());
    Ok(())
}

#[test]
fn what_the_cluster_lacks_is_said_in_plain_words() -> anyhow::Result<()> {
    let namespace = Namespace::new("lacking")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    let refusal = namespace
        .virtctl(&["memory-dump", "get", "vm1", "--claim-name", "disk"])?
        .refusal()?;
    assert!(refusal.contains("VirtualMachine vm1"), "{refusal}");

    // There is no CDI, so nothing must be left behind.
    let refusal = namespace
        .virtctl(&[
            "image-upload",
            "pvc",
            "disk",
            "--size",
            "16Mi",
            "--image-path",
            "/etc/hostname",
        ])?
        .refusal()?;
    assert!(
        refusal.contains("CDI") && refusal.contains("image build"),
        "{refusal}"
    );
    assert!(namespace.get("pvc", "disk")?.is_none());
    Ok(())
}

#[test]
fn the_pod_of_guestfs_is_accepted_and_removed_when_it_ends() -> anyhow::Result<()> {
    let namespace = Namespace::new("guestfs")?;
    namespace.apply(CLAIM)?;
    // This image has no libguestfs, so its container cannot start.
    let tools = image("tools");
    let answer = namespace.virtctl(&[
        "guestfs",
        "disk",
        "--image",
        &tools,
        "--kvm=false",
        "--uid",
        "107",
    ])?;
    assert_eq!(
        answer.stdout,
        format!("Use image: {tools} \nThe PVC has been mounted at /disk \n")
    );
    let refusal = answer.refusal()?;
    assert!(refusal.contains("libguestfs-tools-disk"), "{refusal}");
    namespace.wait_gone(STEP, "pod", "libguestfs-tools-disk")
}
