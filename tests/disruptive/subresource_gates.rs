//! Subresources whose feature gates are switched: the whole installation's configuration changes, so these run alone.

use kubevirt_tests::api::{Api, Reply};
use kubevirt_tests::kubectl::{kubectl, run};
use kubevirt_tests::wait::STEP;
use kubevirt_tests::{Guest, Namespace, within};
use serde_json::{Value, json};

/// Feature gates that are switched while it lives.
struct Gates;

impl Gates {
    fn switch(on: &Value, off: &Value) -> anyhow::Result<Self> {
        let gates = Self;
        Self::set(on, off)?;
        Ok(gates)
    }

    fn set(on: &Value, off: &Value) -> anyhow::Result<()> {
        let gates = json!({ "featureGates": on, "disabledFeatureGates": off });
        let patch = json!({ "spec": { "configuration": { "developerConfiguration": gates } } });
        let arguments = [
            "patch",
            "kubevirt",
            "kubevirt",
            "-n",
            "kubevirt",
            "--type=merge",
            "-p",
        ];
        run(kubectl().args(arguments), &[&patch.to_string()])?.text()?;
        Ok(())
    }
}

impl Drop for Gates {
    fn drop(&mut self) {
        let _ = Self::set(&Value::Null, &Value::Null);
    }
}

fn path(namespace: &Namespace, tail: &str) -> String {
    let base = "/apis/subresources.kubevirt.io/v1/namespaces";
    format!("{base}/{}/{tail}", namespace.name())
}

/// Asks until the settings have come through, which the code shows.
fn until_code(code: u16, mut ask: impl FnMut() -> anyhow::Result<Reply>) -> anyhow::Result<Reply> {
    let mut last = None;
    within(STEP, &format!("an answer with code {code}"), || {
        let reply = last.insert(ask()?);
        Ok(reply.code == code)
    })?;
    last.ok_or_else(|| anyhow::anyhow!("nothing was asked"))
}

/// Each node as its kind and name, with its children.
fn names(node: &Value) -> Vec<String> {
    let reference = &node["objectReference"];
    let name = |key: &str| reference[key].as_str().unwrap_or_default().to_owned();
    let mut names = vec![format!("{}/{}", name("kind"), name("name"))];
    for child in node["children"].as_array().into_iter().flatten() {
        names.extend(self::names(child));
    }
    names
}

const EXTRA: &str = "persistentVolumeClaim: {claimName: data}";

#[test]
fn the_objects_of_a_machine() -> anyhow::Result<()> {
    let namespace = Namespace::new("graph")?;
    let _gates = Gates::switch(&json!(["ObjectGraph"]), &Value::Null)?;
    let guest = Guest::new("vm1")
        .run_strategy("Halted")
        .disk("data", "virtio", EXTRA)
        .disk("words", "virtio", "secret: {secretName: words}")
        .disk(
            "notes",
            "virtio",
            "configMap: {name: notes, optional: true}",
        );
    namespace.apply(&guest.vm())?;
    let api = Api::start()?;
    let graph = path(&namespace, "virtualmachines/vm1/objectgraph");
    let whole = until_code(200, || api.ask("GET", &graph, ""))?.json()?;
    let all = [
        "VirtualMachine/vm1",
        "PersistentVolumeClaim/data",
        "Secret/words",
        "ConfigMap/notes",
    ];
    assert_eq!(names(&whole), all, "{whole}");
    let claim = &whole["children"][0];
    let labels = json!({ "kubevirt.io/dependency-type": "storage" });
    assert_eq!(claim["labels"], labels, "{claim}");
    assert_eq!(claim["objectReference"]["namespace"], namespace.name());

    // The options come in the body of the GET.
    let without = api.ask("GET", &graph, r#"{"includeOptionalNodes":false}"#)?;
    assert_eq!(names(&without.json()?), all[..3]);
    let selector = json!({ "labelSelector": { "matchLabels": labels } }).to_string();
    let storage = api.ask("GET", &graph, &selector)?;
    assert_eq!(names(&storage.json()?), all[..2]);
    let instance = path(&namespace, "virtualmachineinstances/vm1/objectgraph");
    assert_eq!(api.ask("GET", &instance, "")?.code, 404);

    // While one runs, its instance and pod are there too.
    let guest = Guest::new("vm2")
        .image("guest-boot-sector", "64Mi")
        .grace(0);
    namespace.apply(&guest.vm())?;
    let tree = |resource: &str| -> anyhow::Result<Vec<String>> {
        let graph = path(&namespace, &format!("{resource}/vm2/objectgraph"));
        let reply = api.ask("GET", &graph, "")?;
        Ok(names(&reply.json()?))
    };
    let has = |names: &[String], start: &str| names.iter().any(|name| name.starts_with(start));
    within(STEP, "the instance's pod in both trees", || {
        let machine = tree("virtualmachines")?;
        let pod = "Pod/virt-launcher-vm2-";
        Ok(has(&machine, "VirtualMachineInstance/vm2")
            && has(&machine, pod)
            && has(&tree("virtualmachineinstances")?, pod))
    })
}

#[test]
fn volumes_by_request_and_not_at_all() -> anyhow::Result<()> {
    let namespace = Namespace::new("requests")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    let api = Api::start()?;
    let add = path(&namespace, "virtualmachines/vm1/addvolume");
    let remove = path(&namespace, "virtualmachines/vm1/removevolume");
    let addition = json!({
        "name": "extra", "disk": { "disk": { "bus": "scsi" } },
        "volumeSource": { "persistentVolumeClaim": { "claimName": "data" } },
    })
    .to_string();
    let volumes = || namespace.field("vm", "vm1", "/spec/template/spec/volumes");
    let disks = || namespace.field("vm", "vm1", "/spec/template/spec/domain/devices/disks");
    let waiting = || namespace.field("vm", "vm1", "/status/volumeRequests");

    {
        let _gates = Gates::switch(&Value::Null, &json!(["DeclarativeHotplugVolumes"]))?;
        let refused = until_code(400, || api.ask("PUT", &add, &addition))?;
        let told = refused.text();
        assert!(told.contains("DeclarativeHotplugVolumes"), "{told}");
        // A request that came before the settings did may have been carried out.
        namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    }
    let _gates = Gates::switch(
        &json!(["HotplugVolumes"]),
        &json!(["DeclarativeHotplugVolumes"]),
    )?;
    // A dry run tells when the settings have come through.
    let dry = addition.replacen('{', r#"{"dryRun":["All"],"#, 1);
    until_code(202, || api.ask("PUT", &add, &dry))?;
    assert_eq!(waiting()?, "");
    assert_eq!(api.ask("PUT", &add, &addition)?.code, 202);
    within(STEP, "the volume in the template and no request", || {
        Ok(volumes()?.contains("extra") && disks()?.contains("extra") && waiting()?.is_empty())
    })?;
    let generation = namespace.field("vm", "vm1", "/metadata/generation")?;
    assert_eq!(api.ask("PUT", &add, &addition)?.code, 409);
    assert_eq!(api.ask("PUT", &remove, r#"{"name":"extra"}"#)?.code, 202);
    within(STEP, "no volume in the template and no request", || {
        let gone = !volumes()?.contains("extra") && !disks()?.contains("extra");
        Ok(gone && waiting()?.is_empty())
    })?;
    let after = namespace.field("vm", "vm1", "/metadata/generation")?;
    assert_eq!(
        after.parse::<u64>()?,
        generation.parse::<u64>()? + 1,
        "one write of the specification for one request"
    );
    Ok(())
}
