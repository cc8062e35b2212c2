//! Attacks that must not work.

use std::process::Command;

use kubevirt_tests::kubectl::{kubectl, run};
use kubevirt_tests::wait::STEP;
use kubevirt_tests::{Guest, Namespace};

/// kubectl with a token of virt-handler that is bound to a pod of it on `node`.
fn as_handler_of(
    node: &str,
    arguments: &[&str],
) -> anyhow::Result<kubevirt_tests::kubectl::Answer> {
    let selector = format!("spec.nodeName={node}");
    let pod = [
        "get",
        "pods",
        "-n",
        "kubevirt",
        "-l",
        "kubevirt.io=virt-handler",
        "--field-selector",
        &selector,
        "-o",
        "name",
    ];
    let pod = run(&mut kubectl(), &pod)?.text()?;
    let pod = pod.trim().trim_start_matches("pod/");
    let token = [
        "create",
        "token",
        "kubevirt-handler",
        "-n",
        "kubevirt",
        "--bound-object-kind=Pod",
        "--bound-object-name",
        pod,
    ];
    let token = run(&mut kubectl(), &token)?.text()?;
    // The admin's client certificate would win over the token: leave it out.
    let server = run(
        &mut kubectl(),
        &[
            "config",
            "view",
            "--raw",
            "--minify",
            "-o",
            "jsonpath={.clusters[0].cluster.server}",
        ],
    )?
    .text()?;
    let mut command = kubectl();
    command.env("KUBECONFIG", "/dev/null").args([
        "--server",
        &server,
        "--insecure-skip-tls-verify",
        "--token",
        token.trim(),
    ]);
    run(&mut command, arguments)
}

#[test]
fn virt_handler_may_change_its_own_node_only() -> anyhow::Result<()> {
    let own = as_handler_of(
        "node1",
        &[
            "annotate",
            "node",
            "node1",
            "kubevirt.io/test=own",
            "--overwrite",
        ],
    )?;
    assert!(own.success, "{own:?}");
    run(
        &mut kubectl(),
        &["annotate", "node", "node1", "kubevirt.io/test-"],
    )?
    .text()?;
    let other = as_handler_of(
        "node1",
        &[
            "annotate",
            "node",
            "node2",
            "kubevirt.io/test=other",
            "--overwrite",
        ],
    )?;
    assert!(
        !other.success && other.stderr.contains("only the Node that it runs on"),
        "{other:?}"
    );
    let foreign = as_handler_of(
        "node1",
        &[
            "label",
            "node",
            "node1",
            "node-role.kubernetes.io/stolen=",
            "--overwrite",
        ],
    )?;
    assert!(
        !foreign.success && foreign.stderr.contains("only KubeVirt's labels"),
        "{foreign:?}"
    );
    Ok(())
}

#[test]
fn virt_handler_may_not_touch_instances_elsewhere() -> anyhow::Result<()> {
    let namespace = Namespace::new("elsewhere")?;
    namespace.apply(
        &Guest::new("vm1")
            .image("guest-boot-sector", "64Mi")
            .on_node("node2")
            .grace(0)
            .vm(),
    )?;
    namespace.wait_field(STEP * 2, "vmi", "vm1", "/status/phase", "Running")?;
    let patch = [
        "patch",
        "vmi",
        "vm1",
        "-n",
        namespace.name(),
        "--type=merge",
        "-p",
        r#"{"status":{"phase":"Failed"}}"#,
    ];
    let answer = as_handler_of("node1", &patch)?;
    assert!(
        !answer.success && answer.stderr.contains("own node"),
        "{answer:?}"
    );
    Ok(())
}

#[test]
fn a_user_can_forge_neither_status_nor_reserved_labels() -> anyhow::Result<()> {
    let namespace = Namespace::new("forge")?;
    namespace.apply(
        &Guest::new("vm1")
            .image("guest-boot-sector", "64Mi")
            .grace(0)
            .vm(),
    )?;
    namespace.wait_field(STEP * 2, "vmi", "vm1", "/status/phase", "Running")?;
    namespace.kubectl(&[
        "patch",
        "vmi",
        "vm1",
        "--type=merge",
        "-p",
        r#"{"status":{"phase":"Succeeded","nodeName":"evil"}}"#,
    ])?;
    assert_eq!(namespace.field("vmi", "vm1", "/status/phase")?, "Running");
    assert_ne!(namespace.field("vmi", "vm1", "/status/nodeName")?, "evil");
    let node = namespace.field("vmi", "vm1", "/status/nodeName")?;
    namespace.kubectl(&[
        "label",
        "vmi",
        "vm1",
        "kubevirt.io/nodeName=evil",
        "--overwrite",
    ])?;
    assert_eq!(
        namespace.field("vmi", "vm1", "/metadata/labels/kubevirt.io~1nodeName")?,
        node
    );
    Ok(())
}

#[test]
fn the_subresource_api_asks_who_may() -> anyhow::Result<()> {
    let namespace = Namespace::new("rights")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    let account = format!("system:serviceaccount:{}:default", namespace.name());
    let stranger = namespace.virtctl(&["--as", &account, "start", "vm1"])?;
    assert!(
        !stranger.success,
        "a stranger started a machine: {stranger:?}"
    );
    assert_eq!(namespace.field("vm", "vm1", "/spec/runStrategy")?, "Halted");
    let binding = [
        "create",
        "rolebinding",
        "edit",
        "--clusterrole=edit",
        &format!("--serviceaccount={}:default", namespace.name()),
    ];
    namespace.kubectl(&binding)?.text()?;
    kubevirt_tests::within(STEP, "the right to start by the role edit", || {
        Ok(namespace
            .virtctl(&["--as", &account, "start", "vm1"])?
            .success)
    })
}

#[test]
fn odd_paths_of_the_aggregated_api_lead_nowhere() -> anyhow::Result<()> {
    let namespace = Namespace::new("paths")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    // curl, because kubectl decodes a path before it sends it. What is percent-encoded is not among them: kube-apiserver decodes it
    // before it authorizes and forwards, so virt-api sees the plain path; its own tests cover encoded ones.
    let keys = kubevirt_tests::kubectl::state().join("pki");
    let base = format!(
        "https://192.168.200.2:6443/apis/subresources.kubevirt.io/v1/namespaces/{}/virtualmachines",
        namespace.name()
    );
    let put = |path: &str| -> anyhow::Result<String> {
        let mut curl = Command::new("curl");
        curl.args([
            "-sk",
            "--path-as-is",
            "-m",
            "10",
            "-X",
            "PUT",
            "-d",
            "{}",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
        ]);
        curl.arg("--cert")
            .arg(keys.join("admin.crt"))
            .arg("--key")
            .arg(keys.join("admin.key"));
        run(&mut curl, &[&format!("{base}/{path}")])?.text()
    };
    for odd in [
        "vm1/START",
        "vm1//start",
        "./vm1/start",
        "vm1/start/more",
        "vm1/nothing",
    ] {
        let code = put(odd)?;
        assert!(
            code.starts_with('4') || code.starts_with('3'),
            "{odd} was answered with {code}"
        );
        assert_eq!(
            namespace.field("vm", "vm1", "/spec/runStrategy")?,
            "Halted",
            "{odd}"
        );
    }
    assert_eq!(put("vm1/start")?, "202");
    Ok(())
}
