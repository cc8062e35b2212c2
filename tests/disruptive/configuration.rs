//! The KubeVirt object's configuration acts at once, on every component, and none of them restarts for it. It holds for the whole
//! installation, so this runs alone.

use kubevirt_tests::kubectl::{get, kubectl, run, run_with_input};
use kubevirt_tests::wait::STEP;
use kubevirt_tests::{Namespace, until, within};
use serde_json::{Value, json};

const OBJECT: [&str; 4] = ["kubevirt", "kubevirt", "-n", "kubevirt"];
/// What stands in log lines that the default verbosity does not show.
const DETAIL: [&str; 2] = ["\"level\":\"DEBUG\"", "\"level\":\"TRACE\""];

/// The settings as they were, which come back with the end of the value.
struct Restore(Value);

impl Restore {
    fn new() -> anyhow::Result<Self> {
        Ok(Self(get(&OBJECT)?["spec"].clone()))
    }

    fn restore(&self) -> anyhow::Result<()> {
        let patch = json!([{"op": "replace", "path": "/spec", "value": self.0}]).to_string();
        let arguments = [&["patch"], &OBJECT[..], &["--type=json", "-p", &patch]].concat();
        run(&mut kubectl(), &arguments)?.text().map(|_| ())
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        let _ = self.restore();
    }
}

/// Each pod of the installation with its UID and how often its containers were started anew.
fn pods() -> anyhow::Result<Vec<(String, String, u64)>> {
    let list = get(&["pods", "-n", "kubevirt"])?;
    let mut pods: Vec<_> = list["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|pod| {
            let restarts = pod["status"]["containerStatuses"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|status| status["restartCount"].as_u64())
                .sum();
            (
                pod["metadata"]["name"].to_string(),
                pod["metadata"]["uid"].to_string(),
                restarts,
            )
        })
        .collect();
    pods.sort();
    Ok(pods)
}

/// An instance that no node takes.
fn instance(name: &str) -> String {
    format!(
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {{name: {name}}}\nspec:\n  \
         nodeSelector: {{kubernetes.io/hostname: nowhere}}\n  domain:\n    devices: {{}}\n    memory: {{guest: 512Mi}}\n"
    )
}

/// What admission makes of an instance.
fn defaulted(namespace: &Namespace) -> anyhow::Result<Value> {
    let arguments = [
        "-n",
        namespace.name(),
        "create",
        "--dry-run=server",
        "-o",
        "json",
        "-f",
        "-",
    ];
    let text = run_with_input(kubectl().args(arguments), &[], &instance("tried"))?.text()?;
    Ok(serde_json::from_str(&text)?)
}

/// Machine type, processor model, eviction strategy and whether the interface is one of masquerade.
fn defaults(namespace: &Namespace) -> anyhow::Result<[String; 4]> {
    let object = defaulted(namespace)?;
    let text = |pointer: &str| {
        let value = object.pointer(pointer);
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let masquerade = object.pointer("/spec/domain/devices/interfaces/0/masquerade");
    Ok([
        text("/spec/domain/machine/type"),
        text("/spec/domain/cpu/model"),
        text("/spec/evictionStrategy"),
        masquerade.is_some().to_string(),
    ])
}

/// The launcher pod of a new instance: its log verbosity and memory request.
fn launcher(namespace: &Namespace, name: &str) -> anyhow::Result<[String; 2]> {
    namespace.apply(&instance(name))?;
    until(STEP, &format!("the launcher pod of {name}"), || {
        let pods = namespace.launcher_pods(name)?;
        Ok(pods.first().map(|pod| {
            let compute = &pod["spec"]["containers"][0];
            let verbosity = compute["env"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|variable| variable["name"] == "VIRT_LAUNCHER_LOG_VERBOSITY")
                .and_then(|variable| variable["value"].as_str())
                .unwrap_or_default();
            [
                verbosity.to_owned(),
                compute["resources"]["requests"]["memory"].to_string(),
            ]
        }))
    })
}

fn logs_in_detail(component: &str) -> anyhow::Result<bool> {
    let selector = format!("kubevirt.io={component}");
    let arguments = [
        "logs",
        "-n",
        "kubevirt",
        "-l",
        &selector,
        "--since=5s",
        "--tail=-1",
    ];
    let log = run(&mut kubectl(), &arguments)?.text()?;
    Ok(DETAIL.iter().any(|detail| log.contains(detail)))
}

#[test]
fn the_configuration_is_read_live() -> anyhow::Result<()> {
    let namespace = Namespace::new("live")?;
    let restore = Restore::new()?;
    let pods_before = pods()?;
    assert!(pods_before.len() >= 4, "{pods_before:?}");
    let defaults_before = defaults(&namespace)?;
    let launcher_before = launcher(&namespace, "before")?;
    let components = ["virt-api", "virt-controller", "virt-handler"];
    for component in components {
        within(STEP, &format!("a quiet log of {component}"), || {
            Ok(!logs_in_detail(component)?)
        })?;
    }

    let patch = json!({"spec": {"configuration": {
        "cpuModel": "Nehalem",
        "evictionStrategy": "LiveMigrateIfPossible",
        "architectureConfiguration": {"amd64": {"machineType": "pc-q35-7.2"}},
        "network": {"defaultNetworkInterface": "masquerade"},
        "developerConfiguration": {
            "memoryOvercommit": 200,
            "logVerbosity": {"virtAPI": 9, "virtController": 9, "virtHandler": 9, "virtLauncher": 5},
        },
    }}})
    .to_string();
    let arguments = [&["patch"], &OBJECT[..], &["--type=merge", "-p", &patch]].concat();
    run(&mut kubectl(), &arguments)?.text()?;

    let wanted = ["pc-q35-7.2", "Nehalem", "LiveMigrateIfPossible", "true"];
    let mut seen = defaults_before.clone();
    // Both virt-api pods must know: ask several times in a row.
    within(STEP, "the new defaults", || {
        for _ in 0..6 {
            seen = defaults(&namespace)?;
            if seen != wanted {
                return Ok(false);
            }
        }
        Ok(true)
    })
    .map_err(|error| error.context(format!("{seen:?}, before {defaults_before:?}")))?;
    for component in components {
        within(STEP, &format!("details in the log of {component}"), || {
            // virt-api speaks when it is asked for something that it must look up.
            namespace.virtctl(&["start", "nobody"])?;
            logs_in_detail(component)
        })?;
    }
    let [verbosity, memory] = launcher(&namespace, "after")?;
    assert_eq!(verbosity, "5");
    assert_ne!(memory, launcher_before[1], "memoryOvercommit");
    assert_eq!(pods()?, pods_before);

    restore.restore()?;
    within(STEP, "the old defaults", || {
        for _ in 0..6 {
            seen = defaults(&namespace)?;
            if seen != defaults_before {
                return Ok(false);
            }
        }
        Ok(true)
    })
    .map_err(|error| error.context(format!("{seen:?}, before {defaults_before:?}")))?;
    for component in components {
        within(STEP, &format!("a quiet log of {component} again"), || {
            Ok(!logs_in_detail(component)?)
        })?;
    }
    assert_eq!(launcher(&namespace, "again")?, launcher_before);
    assert_eq!(pods()?, pods_before);
    Ok(())
}
