//! The local cluster and its scripts.

use std::process::Command;
use std::time::{Duration, Instant};

use kubevirt_tests::kubectl::{get, run};
use kubevirt_tests::wait::STEP;
use kubevirt_tests::{Namespace, checkout, within};

fn pod(name: &str, node: &str, volume: &str, command: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  nodeSelector: {{kubernetes.io/hostname: {node}}}\n  \
         restartPolicy: Never\n  terminationGracePeriodSeconds: 0\n  containers:\n  - name: main\n    image: registry:5000/local/busybox:1\n    \
         command: [sh, -c, \"{command}\"]\n    volumeMounts: [{{name: data, mountPath: /data}}]\n  volumes:\n  - name: data\n    {volume}\n"
    )
}

#[test]
fn a_second_up_is_quick_and_changes_nothing() -> anyhow::Result<()> {
    let nodes = get(&["nodes"])?["items"].as_array().map_or(0, Vec::len);
    assert!(nodes >= 2, "{nodes} nodes");
    let begin = Instant::now();
    run(&mut Command::new(checkout().join("cluster/up.sh")), &[])?.text()?;
    assert!(
        begin.elapsed() < Duration::from_secs(30),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(
        get(&["nodes"])?["items"].as_array().map_or(0, Vec::len),
        nodes
    );
    Ok(())
}

#[test]
fn the_shared_class_is_seen_by_both_nodes() -> anyhow::Result<()> {
    let namespace = Namespace::new("shared")?;
    namespace.apply(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: both}\nspec:\n  storageClassName: shared\n  \
         accessModes: [ReadWriteMany]\n  resources: {requests: {storage: 16Mi}}\n",
    )?;
    let volume = "persistentVolumeClaim: {claimName: both}";
    namespace.apply(&pod("writer", "node1", volume, "echo across >/data/file"))?;
    namespace.wait_field(STEP, "pod", "writer", "/status/phase", "Succeeded")?;
    namespace.apply(&pod("reader", "node2", volume, "cat /data/file"))?;
    namespace.wait_field(STEP, "pod", "reader", "/status/phase", "Succeeded")?;
    assert_eq!(
        namespace.kubectl(&["logs", "reader"])?.text()?.trim(),
        "across"
    );
    Ok(())
}

#[test]
fn pods_resolve_services_and_kubectl_reaches_into_them() -> anyhow::Result<()> {
    let namespace = Namespace::new("dns")?;
    namespace.apply(&pod("shell", "node2", "emptyDir: {}", "sleep 600"))?;
    namespace.wait_field(STEP, "pod", "shell", "/status/phase", "Running")?;
    within(STEP, "the address of a service by its name", || {
        let answer = namespace.kubectl(&[
            "exec",
            "shell",
            "--",
            "nslookup",
            "kubernetes.default.svc.cluster.local",
        ])?;
        Ok(answer.stdout.contains("10.96.0.1"))
    })
}

#[test]
fn the_configuration_can_be_collected() -> anyhow::Result<()> {
    run(
        &mut Command::new(checkout().join("cluster/sync_config.sh")),
        &[],
    )?
    .text()?;
    let config = checkout().join("cluster/.config/kubeconfig");
    let kubectl = checkout().join("cluster/.config/kubectl");
    let nodes = run(
        Command::new(kubectl).env("KUBECONFIG", config),
        &["get", "nodes", "-o", "name"],
    )?
    .text()?;
    assert!(nodes.contains("node/node1"), "{nodes}");
    Ok(())
}
