//! virtctl as a program among others: kubectl's plugin, completions, manual pages, suggestions, exit codes, output for programs, and
//! the settings of the installation.

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;
use kubevirt_tests::kubectl::{get, kubectl, run, run_with_input, virtctl, virtctl_path};
use kubevirt_tests::wait::BOOT;
use kubevirt_tests::{Guest, Namespace, within};
use serde_json::{Value, json};

/// A directory that goes with the test.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("virtctl-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// kubectl for which virtctl is the plugin `virt`.
fn with_plugin(directory: &Directory) -> anyhow::Result<Command> {
    let plugin = directory.0.join("kubectl-virt");
    if !plugin.exists() {
        symlink(virtctl_path(), &plugin)?;
    }
    let mut path = directory.0.clone().into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = kubectl();
    command.env("PATH", path).arg("virt");
    Ok(command)
}

#[test]
fn as_a_plugin_it_calls_itself_kubectl_virt() -> anyhow::Result<()> {
    let directory = Directory::new("plugin")?;
    let namespace = Namespace::new("plugin")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    let ask = |arguments: &[&str]| run(&mut with_plugin(&directory)?, arguments);

    let help = ask(&["--help"])?.text()?;
    assert!(help.contains("Usage: kubectl virt"), "{help}");
    assert!(!help.contains("virtctl"), "{help}");
    let below = ask(&["memory-dump", "--help"])?.text()?;
    assert!(below.contains("Usage: kubectl virt memory-dump"), "{below}");

    let usage = ask(&["start"])?;
    assert_eq!(usage.code, Some(1));
    assert!(
        usage.stderr.contains("Usage: kubectl virt start"),
        "{usage:?}"
    );
    let near = ask(&["strat", "vm1"])?.refusal()?;
    assert!(
        near.contains("'start'") && !near.contains("virtctl"),
        "{near}"
    );

    let name = namespace.name();
    let remedy = ask(&["reset", "vm1", "-n", name])?.refusal()?;
    let start = format!("kubectl virt start vm1 -n {name}");
    assert!(remedy.contains(&start), "{remedy}");
    assert_eq!(
        ask(&["start", "vm1", "--dry-run=true", "-n", name])?.text()?,
        "Dry Run execution\nVM vm1 was scheduled to start\n"
    );
    Ok(())
}

#[test]
fn every_shell_can_complete() -> anyhow::Result<()> {
    let directory = Directory::new("completion")?;
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = run(&mut virtctl(), &["completion", shell])?.text()?;
        for word in ["migrate-cancel", "add-ssh-key", "grace-period", "why"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        std::fs::write(directory.0.join(shell), script)?;
    }
    let bash = directory.0.join("bash");
    let checked = Command::new("bash").arg("-n").arg(&bash).output()?;
    assert!(
        checked.status.success() && checked.stderr.is_empty(),
        "{checked:?}"
    );
    // As bash does when the user presses the key of completion.
    let press = "source \"$1\"; COMP_WORDS=(virtctl migr); COMP_CWORD=1; \
                 _virtctl virtctl migr virtctl; echo \"${COMPREPLY[@]}\"";
    let pressed = Command::new("bash")
        .args(["-c", press, "bash"])
        .arg(&bash)
        .output()?;
    let offered = String::from_utf8_lossy(&pressed.stdout);
    assert_eq!(offered.trim(), "migrate migrate-cancel", "{pressed:?}");
    let wrong = run(&mut virtctl(), &["completion", "basch"])?;
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.stderr.contains("bash"), "{}", wrong.stderr);
    Ok(())
}

#[test]
fn every_command_has_its_manual_page() -> anyhow::Result<()> {
    let directory = Directory::new("man")?;
    let pages = directory.0.join("man1");
    let text = pages.to_str().context("a path that is no text")?;
    run(&mut virtctl(), &["man", "--directory", text])?.text()?;
    for (name, word) in [
        ("virtctl.1", "kubeconfig"),
        ("virtctl-start.1", "paused"),
        ("virtctl-vnc-screenshot.1", "cursor"),
        ("virtctl-credentials-add-ssh-key.1", "secret"),
        ("virtctl-image-build.1", "compression"),
        ("virtctl-why.1", "NAME"),
    ] {
        let page = std::fs::read_to_string(pages.join(name)).with_context(|| name.to_owned())?;
        assert!(
            page.contains(".TH ") && page.contains(word),
            "{name}: {page}"
        );
    }
    let one = run(&mut virtctl(), &["man", "credentials", "set-password"])?.text()?;
    assert!(
        one.contains(".TH virtctl-credentials-set-password"),
        "{one}"
    );
    let none = run(&mut virtctl(), &["man", "strat"])?;
    assert_eq!(none.code, Some(1));
    Ok(())
}

#[test]
fn what_is_misspelt_is_told_the_near_word() -> anyhow::Result<()> {
    let namespace = Namespace::new("near")?;
    let other = Namespace::new("elsewhere")?;
    namespace.apply(&Guest::new("database").run_strategy("Halted").vm())?;
    other.apply(&Guest::new("frontend").run_strategy("Halted").vm())?;
    let start = format!("virtctl start database -n {}", namespace.name());
    let elsewhere = format!("use -n {}", other.name());
    for (line, words) in [
        ("strat database", "'start'"),
        ("start --pasued database", "'--paused'"),
        ("start databse", "did you mean database?"),
        ("stop data", "did you mean database?"),
        ("migrate databaes --dry-run", "did you mean database?"),
        (
            "addvolume databse --volume-name none",
            "none is not a DataVolume",
        ),
        ("expand --vm databse", "did you mean database?"),
        ("pause vm databse", "did you mean database?"),
        ("start frontend", elsewhere.as_str()),
        ("soft-reboot database", start.as_str()),
        ("guestosinfo database", start.as_str()),
        ("pause vm database", start.as_str()),
        ("unpause vmi database", start.as_str()),
        ("start xyz", "see `kubectl get vm"),
        ("pause pod database", "use vm or vmi"),
        ("start ../database", "is not a Kubernetes name"),
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        let answer = namespace.virtctl(&arguments)?;
        assert_eq!(answer.code, Some(1), "{line}: {answer:?}");
        assert!(answer.stderr.contains(words), "{line}: {}", answer.stderr);
        let said = answer.stdout.trim();
        assert!(
            said.is_empty() || said == "Dry Run execution",
            "{line}: {said}"
        );
    }
    for line in [
        "--help",
        "start --help",
        "help start",
        "options",
        "completion fish",
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        let answer = run(&mut virtctl(), &arguments)?;
        assert_eq!(answer.code, Some(0), "{line}: {answer:?}");
        assert!(
            !answer.stdout.is_empty() && answer.stderr.is_empty(),
            "{line}"
        );
    }
    Ok(())
}

#[test]
fn programs_get_data() -> anyhow::Result<()> {
    let namespace = Namespace::new("data")?;
    let guest = Guest::new("vm1").vm();
    namespace.apply(&guest)?;
    let data = |arguments: &[&str]| -> anyhow::Result<Value> {
        let text = namespace.virtctl(arguments)?.text()?;
        serde_json::from_str(&text).with_context(|| format!("{arguments:?} printed {text}"))
    };

    let version = data(&["version", "-o", "json"])?;
    for side in ["clientVersion", "serverVersion"] {
        let version = version[side]["gitVersion"].as_str().unwrap_or_default();
        assert!(version.starts_with('v'), "{side}: {version}");
    }
    let client = data(&["version", "--client", "-o", "json"])?;
    assert_eq!(client, json!({ "clientVersion": version["clientVersion"] }));

    let expanded = data(&["expand", "--vm", "vm1", "-o", "json"])?;
    let mut command = namespace.virtctl_command();
    let posted = run_with_input(&mut command, &["expand", "-f", "-", "-o", "json"], &guest)?;
    let posted: Value = serde_json::from_str(&posted.text()?)?;
    for pointer in ["/kind", "/spec/runStrategy", "/spec/template/spec/volumes"] {
        assert!(
            expanded.pointer(pointer).is_some(),
            "{pointer}: {expanded:#}"
        );
        assert_eq!(
            expanded.pointer(pointer),
            posted.pointer(pointer),
            "{pointer}"
        );
    }

    let instance = || namespace.get("vmi", "vm1");
    within(BOOT, "the guest's agent", || {
        let instance = instance()?.unwrap_or_default();
        let conditions = instance["status"]["conditions"].as_array();
        let connected = |one: &Value| one["type"] == "AgentConnected" && one["status"] == "True";
        Ok(conditions.is_some_and(|all| all.iter().any(connected)))
    })
    .map_err(|error| error.context(namespace.describe("vm1")))?;
    let yaml = namespace
        .virtctl(&["guestosinfo", "vm1", "-o", "yaml"])?
        .text()?;
    assert!(yaml.contains("prettyName: KubeVirt test guest"), "{yaml}");
    let json = data(&["guestosinfo", "vm1", "-o", "json"])?;
    assert_eq!(json, data(&["guestosinfo", "vm1"])?);
    Ok(())
}

/// The KubeVirt object of the cluster.
fn installation() -> anyhow::Result<Value> {
    let list = get(&["kubevirt", "-A"])?;
    list["items"]
        .get(0)
        .cloned()
        .context("there is no KubeVirt object")
}

const VERBOSITY: &str = "/spec/configuration/developerConfiguration/logVerbosity";

/// What was set before the test, which comes back when it ends.
struct Before(Value);

impl Before {
    fn remember() -> anyhow::Result<Self> {
        Ok(Self(installation()?))
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        let set = self.0.pointer(VERBOSITY).cloned().unwrap_or_default();
        let patch = json!({ "spec": { "configuration": { "developerConfiguration": { "logVerbosity": null } } } });
        let mut patches = vec![patch];
        if !set.is_null() {
            // Keys that were added would outlive a single merge.
            patches.push(json!({ "spec": { "configuration": { "developerConfiguration": { "logVerbosity": set } } } }));
        }
        let name = self.0["metadata"]["name"].as_str().unwrap_or_default();
        let namespace = self.0["metadata"]["namespace"].as_str().unwrap_or_default();
        for patch in patches {
            let patch = patch.to_string();
            let arguments = [
                "-n",
                namespace,
                "patch",
                "kubevirt",
                name,
                "--type=merge",
                "-p",
                &patch,
            ];
            if let Ok(answer) = run(&mut kubectl(), &arguments)
                && !answer.success
            {
                eprintln!("the verbosity is not as before: {}", answer.stderr);
            }
        }
    }
}

#[test]
fn the_administrator_sees_and_sets_the_installation() -> anyhow::Result<()> {
    let before = Before::remember()?;
    let metadata = &before.0["metadata"];
    let home = metadata["namespace"].as_str().context("no namespace")?;
    let ask = |arguments: &[&str]| run(&mut virtctl(), arguments);

    // Wherever the user works, and where the installation is; not where it is said not to be.
    for arguments in [
        &["permitted-devices"][..],
        &["-n", home, "permitted-devices"][..],
    ] {
        let devices = ask(arguments)?.text()?;
        assert!(
            devices.starts_with("Permitted Devices: \nHost Devices: \n"),
            "{devices}"
        );
        assert!(devices.contains("\nGPU Devices: \n"), "{devices}");
    }
    let wrong = ask(&["-n", "kube-public", "permitted-devices"])?.refusal()?;
    assert!(wrong.contains("kubectl get kubevirt -A"), "{wrong}");

    let set = |arguments: &[&str]| -> anyhow::Result<()> {
        let text = ask(&[&["adm", "log-verbosity"], arguments].concat())?.text()?;
        assert_eq!(
            text, "successfully set/reset the log verbosity\n",
            "{arguments:?}"
        );
        Ok(())
    };
    let shown = |arguments: &[&str]| -> anyhow::Result<String> {
        ask(&[&["adm", "log-verbosity"], arguments].concat())?.text()
    };
    set(&["--reset"])?;
    assert_eq!(
        shown(&["--all"])?,
        "virt-api=2\nvirt-controller=2\nvirt-handler=2\nvirt-launcher=2\nvirt-operator=2\n"
    );
    // There is no virt-operator here, so the others' logs stay as they are.
    set(&["--virt-operator=7"])?;
    assert_eq!(shown(&["--virt-operator"])?, "virt-operator=7\n");
    assert_eq!(
        shown(&["--virt-operator", "--virt-api=10"])?,
        "virt-api=2\nvirt-operator=7\n"
    );
    assert_eq!(
        installation()?.pointer(VERBOSITY),
        Some(&json!({ "virtOperator": 7 }))
    );
    set(&["--reset", "--virt-operator=4"])?;
    assert_eq!(shown(&["--virt-operator"])?, "virt-operator=4\n");
    set(&["--reset"])?;
    assert_eq!(shown(&["--virt-operator"])?, "virt-operator=2\n");
    for (arguments, words) in [
        (&[][..], "no flag specified"),
        (&["--all", "--virt-api=3"][..], "only show or set"),
        (&["--virt-api=11"][..], "11"),
    ] {
        let answer = ask(&[&["adm", "log-verbosity"], arguments].concat())?;
        assert_eq!(answer.code, Some(1), "{arguments:?}");
        assert!(
            answer.stderr.contains(words),
            "{arguments:?}: {}",
            answer.stderr
        );
    }
    Ok(())
}
