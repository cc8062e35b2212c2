//! Subresources that are about objects rather than about a guest: volumes, migrations, completed and related objects.

use kubevirt_tests::api::{Api, Reply};
use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Console, Guest, Namespace, within};
use serde_json::{Value, json};

const BASE: &str = "/apis/subresources.kubevirt.io/v1";

const NAMED: &str = "\
apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachineInstancetype
metadata: {name: small}
spec:
  cpu: {guest: 2}
  memory: {guest: 192Mi}
---
apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachinePreference
metadata: {name: linux}
spec:
  cpu: {preferredCPUTopology: cores}
  devices: {preferredDiskBus: virtio, preferredInterfaceModel: e1000e}
";

fn path(namespace: &Namespace, tail: &str) -> String {
    format!("{BASE}/namespaces/{}/{tail}", namespace.name())
}

/// What a refusal says, which must have this code.
fn refused(reply: &Reply, code: u16) -> anyhow::Result<String> {
    let status = reply.json()?;
    assert_eq!(reply.code, code, "{status}");
    assert_eq!(status["kind"], "Status", "{status}");
    Ok(status["message"].as_str().unwrap_or_default().to_owned())
}

fn accepted(reply: &Reply, code: u16) {
    let told = reply.text();
    assert_eq!((reply.code, told.as_str()), (code, ""), "{:?}", reply.head);
}

/// A machine that names both, as JSON.
fn machine(instancetype: &str) -> Value {
    json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": { "name": "vm1" },
        "spec": {
            "runStrategy": "Halted",
            "instancetype": { "name": instancetype, "kind": "VirtualMachineInstancetype" },
            "preference": { "name": "linux", "kind": "VirtualMachinePreference" },
            "template": { "spec": {
                "domain": { "devices": { "disks": [{ "name": "root", "disk": {} }] } },
                "volumes": [{ "name": "root", "emptyDisk": { "capacity": "1Gi" } }],
            } },
        },
    })
}

fn is_complete(expanded: &Value) {
    let spec = &expanded["spec"];
    assert_eq!(expanded["kind"], "VirtualMachine", "{expanded}");
    assert!(spec["instancetype"].is_null() && spec["preference"].is_null());
    let domain = &spec["template"]["spec"]["domain"];
    assert_eq!(domain["cpu"]["cores"], 2, "{expanded}");
    assert_eq!(domain["memory"]["guest"], "192Mi", "{expanded}");
    assert_eq!(domain["devices"]["disks"][0]["disk"]["bus"], "virtio");
    assert_eq!(domain["devices"]["interfaces"][0]["model"], "e1000e");
}

#[test]
fn a_machine_is_completed_by_what_it_names() -> anyhow::Result<()> {
    let namespace = Namespace::new("expand")?;
    namespace.apply(NAMED)?;
    namespace.apply(&machine("small").to_string())?;
    let api = Api::start()?;
    let get = |tail: &str| api.ask("GET", &path(&namespace, tail), "");
    is_complete(&get("virtualmachines/vm1/expand-spec")?.json()?);
    refused(&get("virtualmachines/none/expand-spec")?, 404)?;
    // The machine itself still names them.
    let kept = namespace.field("vm", "vm1", "/spec/instancetype/name")?;
    assert_eq!(kept, "small");

    // One that is only sent along, as kubectl can.
    let expand = path(&namespace, "expand-vm-spec");
    let sent = machine("small").to_string();
    let answer = namespace.kubectl_with_input(&["replace", "--raw", &expand, "-f", "-"], &sent)?;
    is_complete(&serde_json::from_str(&answer.text()?)?);
    let put = |object: &Value| api.ask("PUT", &expand, &object.to_string());
    let told = refused(&put(&machine("none"))?, 400)?;
    assert!(told.contains("\"none\" not found"), "{told}");
    let mut other = machine("small");
    other["metadata"]["namespace"] = json!("default");
    let told = refused(&put(&other)?, 400)?;
    assert!(told.contains("VM namespace must be"), "{told}");
    let mut wrong = machine("small");
    wrong["spec"]["template"]["spec"]["volums"] = json!([]);
    let told = refused(&put(&wrong)?, 400)?;
    assert!(told.contains("spec.template.spec.volums"), "{told}");
    let mut both = machine("small");
    both["spec"]["template"]["spec"]["domain"]["cpu"] = json!({ "cores": 1 });
    let told = refused(&put(&both)?, 400)?;
    assert!(
        told.contains("conflicts with selected instance type"),
        "{told}"
    );
    refused(&api.ask("PUT", &expand, "")?, 400)?;
    Ok(())
}

#[test]
fn a_machine_that_does_not_run_neither_moves_nor_leaves() -> anyhow::Result<()> {
    let namespace = Namespace::new("halted")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    let api = Api::start()?;
    let put = |tail: &str, body: &str| {
        let path = path(&namespace, &format!("virtualmachines/{tail}"));
        api.ask("PUT", &path, body)
    };
    refused(&put("none/migrate", "")?, 404)?;
    refused(&put("vm1/migrate", "")?, 404)?;
    refused(&put("vm1/evacuate/cancel", "")?, 400)?;
    let node = r#"{"evacuationNodeName":"node1"}"#;
    refused(&put("none/evacuate/cancel", node)?, 404)?;
    refused(&put("vm1/evacuate/cancel", node)?, 409)?;
    Ok(())
}

#[test]
fn a_running_machine_is_told_what_this_version_does_not_move() -> anyhow::Result<()> {
    let namespace = Namespace::new("move")?;
    let guest = Guest::new("vm1")
        .image("guest-boot-sector", "64Mi")
        .grace(0);
    namespace.apply(&guest.vm())?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let api = Api::start()?;
    let put = |tail: &str, body: &str| api.ask("PUT", &path(&namespace, tail), body);

    let migrations = || -> anyhow::Result<Vec<Value>> {
        let arguments = ["get", "virtualmachineinstancemigrations", "-o", "json"];
        let list: Value = serde_json::from_str(&namespace.kubectl(&arguments)?.text()?)?;
        Ok(list["items"].as_array().cloned().unwrap_or_default())
    };
    let migrate = "virtualmachines/vm1/migrate";
    accepted(&put(migrate, r#"{"dryRun":["All"]}"#)?, 202);
    assert!(migrations()?.is_empty(), "a dry run makes nothing");
    let reply = put(migrate, r#"{"addedNodeSelector":{"zone":"b"}}"#)?;
    accepted(&reply, 202);
    let warning = reply.header("Warning");
    assert!(
        warning.starts_with("299 - ") && warning.contains("stays on its node"),
        "{warning}"
    );
    let made = migrations()?;
    let name = made[0]["metadata"]["name"].as_str().unwrap_or_default();
    assert!(name.starts_with("kubevirt-migrate-vm-"), "{name}");
    assert!(warning.contains(name), "{warning}");
    let spec = json!({ "vmiName": "vm1", "addedNodeSelector": { "zone": "b" } });
    assert_eq!(made[0]["spec"], spec);
    let told = refused(&put(migrate, "")?, 500)?;
    assert!(told.contains(name), "one at a time: {told}");

    // A mark to leave its node, as a drain sets it. Only KubeVirt's components may.
    let cancel = |resource: &str, node: &str| {
        let body = json!({ "evacuationNodeName": node }).to_string();
        put(&format!("{resource}/vm1/evacuate/cancel"), &body)
    };
    let node = namespace.field("vmi", "vm1", "/status/nodeName")?;
    accepted(&cancel("virtualmachines", &node)?, 200);
    for resource in ["virtualmachines", "virtualmachineinstances"] {
        let mark = json!({ "status": { "evacuationNodeName": node } }).to_string();
        let component = "system:serviceaccount:kubevirt:kubevirt-controller";
        namespace
            .kubectl(&[
                "--as",
                component,
                "patch",
                "vmi",
                "vm1",
                "--type=merge",
                "-p",
                &mark,
            ])?
            .text()?;
        let told = refused(&cancel(resource, "elsewhere")?, 409)?;
        assert!(told.contains(&node), "{told}");
        accepted(&cancel(resource, &node)?, 200);
        let left = namespace.field("vmi", "vm1", "/status/evacuationNodeName")?;
        assert_eq!(left, "", "{resource}");
    }
    Ok(())
}

fn claim(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}}}\nspec:\n  storageClassName: local\n  \
         accessModes: [ReadWriteOnce]\n  resources: {{requests: {{storage: 64Mi}}}}\n"
    )
}

fn addition(name: &str, claim: &str) -> String {
    json!({
        "name": name, "disk": { "disk": { "bus": "virtio" }, "serial": "added" },
        "volumeSource": { "persistentVolumeClaim": { "claimName": claim } },
    })
    .to_string()
}

#[test]
fn a_volume_is_there_from_the_next_start_on() -> anyhow::Result<()> {
    let namespace = Namespace::new("addvolume")?;
    namespace.apply(&claim("data"))?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").grace(0).vm())?;
    let api = Api::start()?;
    let put = |tail: &str, body: &str| api.ask("PUT", &path(&namespace, tail), body);
    let (add, remove) = (
        "virtualmachines/vm1/addvolume",
        "virtualmachines/vm1/removevolume",
    );
    let volumes = || namespace.field("vm", "vm1", "/spec/template/spec/volumes");

    refused(&put(add, "")?, 400)?;
    refused(
        &put("virtualmachines/none/addvolume", &addition("extra", "data"))?,
        404,
    )?;
    refused(
        &put(
            "virtualmachineinstances/vm1/addvolume",
            &addition("extra", "data"),
        )?,
        404,
    )?;
    let told = refused(&put(add, &addition("root", "data"))?, 409)?;
    assert!(told.contains("\"root\" is used already"), "{told}");
    // What the rules of a VirtualMachine refuse is told in their words.
    let odd = addition("extra", "data").replace("virtio", "floppy");
    let told = refused(&put(add, &odd)?, 422)?;
    assert!(told.contains("floppy"), "{told}");
    let dry = addition("extra", "data").replacen('{', r#"{"dryRun":["All"],"#, 1);
    accepted(&put(add, &dry)?, 202);
    assert!(!volumes()?.contains("extra"), "a dry run writes nothing");

    let reply = put(add, &addition("extra", "data"))?;
    accepted(&reply, 202);
    assert_eq!(reply.header("Warning"), "", "nothing runs");
    assert!(volumes()?.contains("hotpluggable"), "{}", volumes()?);
    refused(&put(add, &addition("extra", "other"))?, 409)?;
    refused(&put(add, &addition("more", "data"))?, 409)?;
    namespace.virtctl(&["start", "vm1"])?.text()?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    assert_eq!(console.run("cat /sys/block/vdc/serial")?, "added");

    // The guest runs: it keeps the disk until its next start, and the user is told.
    let told = refused(
        &put("virtualmachineinstances/vm1/addvolume", &addition("x", "x"))?,
        400,
    )?;
    assert!(told.contains("owned by a VM"), "{told}");
    let told = refused(&put(remove, r#"{"name":"root"}"#)?, 409)?;
    assert!(told.contains("not hotpluggable"), "{told}");
    refused(&put(remove, r#"{"name":"none"}"#)?, 409)?;
    let reply = put(remove, r#"{"name":"extra"}"#)?;
    accepted(&reply, 202);
    let warning = reply.header("Warning");
    assert!(
        warning.starts_with("299 - ") && warning.contains("next start"),
        "{warning}"
    );
    assert!(!volumes()?.contains("extra"), "{}", volumes()?);
    let running = namespace.field("vmi", "vm1", "/spec/volumes")?;
    assert!(running.contains("extra"), "{running}");
    let before = namespace.field("vmi", "vm1", "/metadata/uid")?;
    namespace.virtctl(&["restart", "vm1"])?.text()?;
    within(STEP * 2, "the next instance", || {
        let uid = namespace.field("vmi", "vm1", "/metadata/uid")?;
        Ok(!uid.is_empty() && uid != before)
    })?;
    let next = namespace.field("vmi", "vm1", "/spec/volumes")?;
    assert!(!next.contains("extra"), "{next}");
    Ok(())
}

#[test]
fn an_instance_of_its_own_gets_no_volume() -> anyhow::Result<()> {
    let namespace = Namespace::new("ownvmi")?;
    let instance = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance", "metadata": { "name": "vmi1" },
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "domain": {
                "devices": { "disks": [{ "name": "root", "disk": { "bus": "virtio" } }] },
                "resources": { "requests": { "memory": "64Mi" } },
            },
            "volumes": [{ "name": "root", "containerDisk": { "image": kubevirt_tests::guest::image("guest-boot-sector") } }],
        },
    });
    namespace.apply(&instance.to_string())?;
    namespace.wait_field(BOOT, "vmi", "vmi1", "/status/phase", "Running")?;
    let api = Api::start()?;
    let add = path(&namespace, "virtualmachineinstances/vmi1/addvolume");
    let told = refused(&api.ask("PUT", &add, &addition("x", "x"))?, 501)?;
    assert!(
        told.contains("does not plug disks into running guests"),
        "{told}"
    );
    refused(&api.ask("PUT", &add, &addition("root", "x"))?, 409)?;
    Ok(())
}

#[test]
fn the_objects_of_a_machine_need_the_feature_gate() -> anyhow::Result<()> {
    let namespace = Namespace::new("nograph")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    let graph = path(&namespace, "virtualmachines/vm1/objectgraph");
    let told = refused(&Api::start()?.ask("GET", &graph, "")?, 400)?;
    assert!(told.contains("feature gate ObjectGraph"), "{told}");
    Ok(())
}
