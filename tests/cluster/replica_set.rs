//! VirtualMachineInstanceReplicaSets: as many instances as are asked for, whatever happens to them.

use anyhow::Context;
use kubevirt_tests::guest::image;
use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Namespace, until, within};

const SET: &str = "vmirs";

fn manifest(replicas: u32) -> String {
    format!(
        "\
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstanceReplicaSet
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      domain:
        devices:
          disks: [{{name: root, disk: {{bus: virtio}}}}]
        resources: {{requests: {{memory: 128Mi}}}}
      terminationGracePeriodSeconds: 0
      volumes: [{{name: root, containerDisk: {{image: \"{}\"}}}}]
",
        image("guest")
    )
}

fn names(namespace: &Namespace) -> anyhow::Result<Vec<String>> {
    let text = namespace
        .kubectl(&["get", "vmi", "-l", "app=web", "-o", "json"])?
        .text()?;
    let list: serde_json::Value = serde_json::from_str(&text)?;
    let items = list["items"].as_array().context("no list")?;
    let mut names: Vec<String> = items
        .iter()
        .filter(|item| item["metadata"]["deletionTimestamp"].is_null())
        .filter_map(|item| Some(item["metadata"]["name"].as_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

fn wait_ready(namespace: &Namespace, count: &str) -> anyhow::Result<()> {
    namespace.wait_field(BOOT, SET, "web", "/status/readyReplicas", count)?;
    namespace.wait_field(STEP, SET, "web", "/status/replicas", count)
}

#[test]
fn a_set_keeps_its_number_of_instances() -> anyhow::Result<()> {
    let namespace = Namespace::new("replicas")?;
    namespace.apply(&manifest(1))?;
    wait_ready(&namespace, "1")?;
    let first = names(&namespace)?;
    let first = first.first().context("no instance")?;
    anyhow::ensure!(
        first.starts_with("web"),
        "{first} is not named after its set"
    );
    anyhow::ensure!(namespace.field(SET, "web", "/status/labelSelector")? == "app=web");

    // As kubectl and autoscalers do it.
    namespace
        .kubectl(&["scale", SET, "web", "--replicas=2"])?
        .text()?;
    wait_ready(&namespace, "2")?;
    let scale = namespace.kubectl(&[
        "get",
        SET,
        "web",
        "--subresource=scale",
        "-o",
        "jsonpath={.status.replicas} {.status.selector}",
    ])?;
    anyhow::ensure!(scale.text()? == "2 app=web");

    // What is lost is replaced.
    namespace
        .kubectl(&["delete", "vmi", first, "--wait=false"])?
        .text()?;
    let replaced = until(STEP, "another instance in place of the deleted one", || {
        let now = names(&namespace)?;
        Ok((now.len() == 2 && !now.contains(first)).then_some(now))
    })?;

    // A paused set leaves things as they are, and says so.
    namespace
        .kubectl(&[
            "patch",
            SET,
            "web",
            "--type=merge",
            "-p",
            "{\"spec\":{\"paused\":true,\"replicas\":0}}",
        ])?
        .text()?;
    namespace.wait_field(
        STEP,
        SET,
        "web",
        "/status/conditions/0/type",
        "ReplicaPaused",
    )?;
    anyhow::ensure!(
        names(&namespace)? == replaced,
        "a paused set has changed its instances"
    );

    // Deleted without its instances, it leaves them alone; a new one takes them over.
    namespace
        .kubectl(&["delete", SET, "web", "--cascade=orphan"])?
        .text()?;
    anyhow::ensure!(
        names(&namespace)? == replaced,
        "instances went with their set"
    );
    namespace.apply(&manifest(2))?;
    within(STEP, "the instances' adoption", || {
        let uid = namespace.field(SET, "web", "/metadata/uid")?;
        let owner = |name: &String| namespace.field("vmi", name, "/metadata/ownerReferences/0/uid");
        let owners = replaced
            .iter()
            .map(owner)
            .collect::<anyhow::Result<Vec<_>>>()?;
        Ok(owners.iter().all(|owner| *owner == uid))
    })?;
    anyhow::ensure!(
        names(&namespace)? == replaced,
        "an adopted instance was replaced"
    );

    // Down to none, and with the set all goes.
    namespace
        .kubectl(&["scale", SET, "web", "--replicas=0"])?
        .text()?;
    namespace.wait_field(BOOT, SET, "web", "/status/replicas", "0")?;
    namespace.kubectl(&["delete", SET, "web"])?.text()?;
    within(BOOT, "the end of all instances", || {
        Ok(names(&namespace)?.is_empty())
    })
}

#[test]
fn a_set_says_why_it_makes_nothing() -> anyhow::Result<()> {
    let namespace = Namespace::new("replicas-quota")?;
    let quota = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: none}\nspec: {hard: {count/virtualmachineinstances.kubevirt.io: \"0\"}}\n";
    namespace.apply(quota)?;
    namespace.wait_field(
        STEP,
        "resourcequota",
        "none",
        "/status/hard/count~1virtualmachineinstances.kubevirt.io",
        "0",
    )?;
    namespace.apply(&manifest(1))?;
    namespace.wait_field(
        STEP,
        SET,
        "web",
        "/status/conditions/0/reason",
        "FailedCreate",
    )?;
    let message = namespace.field(SET, "web", "/status/conditions/0/message")?;
    anyhow::ensure!(message.contains("quota"), "{message}");
    // It goes on by itself.
    namespace
        .kubectl(&["delete", "resourcequota", "none"])?
        .text()?;
    namespace.wait_field(BOOT, SET, "web", "/status/replicas", "1")
}
