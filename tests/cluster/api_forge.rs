//! What an ordinary user, one with the role `edit`, cannot make up.

use kubevirt_tests::kubectl::Answer;
use kubevirt_tests::wait::STEP;
use kubevirt_tests::{Guest, Namespace, within};

const USER: &str = "alice";

/// A namespace in which the user has the role `edit`.
fn with_editor(prefix: &str) -> anyhow::Result<Namespace> {
    let namespace = Namespace::new(prefix)?;
    let user = format!("--user={USER}");
    namespace
        .kubectl(&["create", "rolebinding", USER, "--clusterrole=edit", &user])?
        .text()?;
    within(STEP, "the user's rights", || {
        let answer =
            namespace.kubectl(&["--as", USER, "auth", "can-i", "create", "vm.kubevirt.io"])?;
        Ok(answer.success)
    })?;
    Ok(namespace)
}

fn as_user(namespace: &Namespace, arguments: &[&str]) -> anyhow::Result<Answer> {
    namespace.kubectl(&[&["--as", USER], arguments].concat())
}

fn patch(namespace: &Namespace, target: &[&str], patch: &str) -> anyhow::Result<Answer> {
    let arguments = [&["patch"], target, &["--type=merge", "-p", patch]].concat();
    as_user(namespace, &arguments)
}

/// An instance that no node takes, with more metadata.
fn instance(metadata: &str) -> String {
    format!(
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {{name: vm1{metadata}}}\n\
         spec:\n  nodeSelector: {{kubernetes.io/hostname: nowhere}}\n  domain:\n    devices: {{}}\n    memory: {{guest: 64Mi}}\n\
         status: {{phase: Running, nodeName: evil}}\n"
    )
}

#[test]
fn an_editor_forges_nothing_of_an_instance() -> anyhow::Result<()> {
    let namespace = with_editor("forgevmi")?;
    let create = ["--as", USER, "create", "-f", "-"];
    for label in [
        "kubevirt.io/created-by",
        "kubevirt.io/migrationJobUID",
        "kubevirt.io/nodeName",
        "kubevirt.io/migrationTargetNodeName",
        "kubevirt.io/schedulable",
        "kubevirt.io/install-strategy",
    ] {
        let manifest = instance(&format!(", labels: {{{label}: evil}}"));
        let refusal = namespace
            .kubectl_with_input(&create, &manifest)?
            .refusal()?;
        assert!(refusal.contains(label), "{refusal}");
    }
    // A status that comes along is not taken.
    namespace
        .kubectl_with_input(&create, &instance(""))?
        .text()?;
    assert_eq!(namespace.field("vmi", "vm1", "/status/nodeName")?, "");
    let finalizers = namespace.field("vmi", "vm1", "/metadata/finalizers")?;
    assert!(
        finalizers.contains("kubevirt.io/foregroundDeleteVirtualMachine"),
        "{finalizers}"
    );
    // Later on neither status, nor reserved labels, nor the finalizer, nor what the guest is. Refused or undone: both are fine.
    for change in [
        r#"{"status":{"phase":"Running","nodeName":"evil"}}"#,
        r#"{"metadata":{"labels":{"kubevirt.io/nodeName":"evil"}}}"#,
        r#"{"metadata":{"finalizers":null}}"#,
        r#"{"spec":{"domain":{"memory":{"guest":"128Mi"}}}}"#,
    ] {
        patch(&namespace, &["vmi", "vm1"], change)?;
    }
    assert_ne!(namespace.field("vmi", "vm1", "/status/phase")?, "Running");
    assert_eq!(namespace.field("vmi", "vm1", "/status/nodeName")?, "");
    let labels = namespace.field("vmi", "vm1", "/metadata/labels")?;
    assert!(!labels.contains("evil"), "{labels}");
    assert_eq!(
        namespace.field("vmi", "vm1", "/metadata/finalizers")?,
        finalizers
    );
    assert_eq!(
        namespace.field("vmi", "vm1", "/spec/domain/memory/guest")?,
        "64Mi"
    );
    Ok(())
}

#[test]
fn an_editor_forges_no_status_of_a_machine() -> anyhow::Result<()> {
    let namespace = with_editor("forgevm")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    namespace.wait_field(STEP, "vm", "vm1", "/status/printableStatus", "Stopped")?;
    let forged = r#"{"status":{"printableStatus":"Running","ready":true}}"#;
    // Through the object itself: not taken. Through the subresource: not allowed.
    patch(&namespace, &["vm", "vm1"], forged)?;
    let answer = patch(&namespace, &["vm", "vm1", "--subresource=status"], forged)?;
    assert!(answer.refusal()?.contains("orbidden"));
    assert_eq!(
        namespace.field("vm", "vm1", "/status/printableStatus")?,
        "Stopped"
    );
    assert_ne!(namespace.field("vm", "vm1", "/status/ready")?, "true");
    // A template that would forge is refused where it is written, not when an instance is made of it.
    let manifest = Guest::new("vm2").run_strategy("Halted").vm().replace(
        "labels: {kubevirt.io/vm: vm2}",
        "labels: {kubevirt.io/nodeName: evil}",
    );
    let refusal = namespace
        .kubectl_with_input(&["--as", USER, "create", "-f", "-"], &manifest)?
        .refusal()?;
    assert!(refusal.contains("kubevirt.io/nodeName"), "{refusal}");
    Ok(())
}

#[test]
fn an_editor_cannot_change_the_installation() -> anyhow::Result<()> {
    let namespace = with_editor("forgekv")?;
    let answer = patch(
        &namespace,
        &["kubevirt", "kubevirt", "-n", "kubevirt"],
        r#"{"spec":{"configuration":{"developerConfiguration":{"useEmulation":false}}}}"#,
    )?;
    assert!(answer.refusal()?.contains("orbidden"));
    Ok(())
}
