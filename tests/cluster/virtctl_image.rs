//! `virtctl image build`: a containerDisk without a container engine.

use std::process::{Command, Stdio};

use anyhow::Context;
use kubevirt_tests::guest::image;
use kubevirt_tests::kubectl::{Answer, run, virtctl};
use kubevirt_tests::{Console, Guest, Namespace};

/// The registry as the nodes name it, and as this computer reaches it with the options for that.
fn registry() -> (String, String, &'static [&'static str]) {
    match std::env::var("REGISTRY") {
        Ok(registry) => (registry.clone(), registry, &[]),
        Err(_) => (
            "registry:5000".to_owned(),
            "192.168.200.3:5000".to_owned(),
            &["--plain-http"],
        ),
    }
}

/// The test guest's qcow2, as it was built for its image.
fn disk() -> anyhow::Result<String> {
    let script = kubevirt_tests::checkout().join("images/guests/guest/build.sh");
    let output = Command::new(script)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run images/guests/guest/build.sh")?;
    Ok(Answer::from(output).text()?.trim().to_owned())
}

#[test]
fn a_machine_boots_from_an_image_that_virtctl_made_and_pushed() -> anyhow::Result<()> {
    let (named, reached, options) = registry();
    let disk = disk()?;
    let repository = "virtctl-image-test/guest";
    let tag = format!("{reached}/{repository}:1");
    let answer = run(
        virtctl()
            .args(["image", "build", &disk, "-t", &tag])
            .args(options),
        &[],
    )?;
    // No bar where nobody looks.
    assert_eq!(answer.stderr, "");
    let line = answer.text()?;
    let digest = line
        .trim_end()
        .strip_prefix(&format!("{tag}@"))
        .with_context(|| format!("no digest in {line}"))?;

    let namespace = Namespace::new("image")?;
    // By its digest it can be no other image.
    let ours = format!("{named}/{repository}@{digest}");
    namespace.apply(&Guest::new("vm1").vm().replace(&image("guest"), &ours))?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    assert_eq!(console.run("cat /tmp/user-data-ran")?, "ready");
    Ok(())
}

#[test]
fn what_is_no_disk_to_start_from_is_refused_before_anything_is_pushed() -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("virtctl-image-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("disk.qcow2.gz");
    std::fs::write(&file, b"\x1f\x8b\x08\x00compressed")?;
    let path = file.display().to_string();
    let refusal = run(
        &mut virtctl(),
        &["image", "build", &path, "-t", "registry.invalid/a:1"],
    )?
    .refusal();
    std::fs::remove_dir_all(&folder)?;
    assert!(refusal?.contains("unpack it first"));
    Ok(())
}
