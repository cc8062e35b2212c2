//! What virtctl does with a running guest, seen from inside of the guest: pause, reboot, reset, the agent's answers, frozen file
//! systems, pictures of the screen.

use std::time::{Duration, Instant};

use anyhow::Context;
use kubevirt_tests::api::Api;
use kubevirt_tests::audit::writes_by_components;
use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Console, Guest, Namespace, within};
use serde_json::Value;

/// Whether a condition of the instance holds.
fn holds(namespace: &Namespace, condition: &str) -> anyhow::Result<bool> {
    let instance = namespace.get("vmi", "vm1")?.unwrap_or_default();
    let conditions = instance["status"]["conditions"].as_array();
    let holds = |one: &Value| one["type"] == condition && one["status"] == "True";
    Ok(conditions.is_some_and(|all| all.iter().any(holds)))
}

fn events(namespace: &Namespace, wanted: &[&str]) -> anyhow::Result<()> {
    within(STEP, &format!("events {wanted:?}"), || {
        let events = namespace
            .kubectl(&[
                "get",
                "events",
                "--field-selector",
                "involvedObject.name=vm1",
                "-o",
                "jsonpath={range .items[*]}{.type}/{.reason} {end}",
            ])?
            .text()?;
        let events: Vec<_> = events.split_whitespace().collect();
        Ok(wanted.iter().all(|wanted| events.contains(wanted)))
    })
}

fn virtctl_json(namespace: &Namespace, command: &str) -> anyhow::Result<Value> {
    let text = namespace.virtctl(&[command, "vm1"])?.text()?;
    serde_json::from_str(&text).with_context(|| format!("virtctl {command} printed {text}"))
}

#[test]
fn a_paused_guest_stands_still_and_goes_on_and_starts_anew_in_its_pod() -> anyhow::Result<()> {
    let namespace = Namespace::new("standstill")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    console.type_text("while :; do echo 't'ick; sleep 1; done\n")?;
    console.expect("tick", STEP)?;

    let (vm, vmi) = (["pause", "vm", "vm1"], ["unpause", "vmi", "vm1"]);
    assert_eq!(
        namespace.virtctl(&vm)?.text()?,
        "VMI vm1 was scheduled to pause\n"
    );
    // What virtctl has said is so when it has said it.
    assert!(holds(&namespace, "Paused")?);
    assert!(
        namespace
            .virtctl(&vm)?
            .refusal()?
            .contains("already paused")
    );
    namespace.wait_field(STEP, "vm", "vm1", "/status/printableStatus", "Paused")?;
    // What was on its way through the console has come by now.
    std::thread::sleep(Duration::from_secs(1));
    while console.expect("tick", Duration::from_millis(100)).is_ok() {}
    assert!(
        console.expect("tick", Duration::from_secs(4)).is_err(),
        "a paused guest went on"
    );
    namespace.virtctl(&vmi)?.text()?;
    assert!(!holds(&namespace, "Paused")?);
    console.expect("tick", STEP)?;
    console.type_text("\u{3}")?;
    namespace.wait_field(STEP, "vm", "vm1", "/status/printableStatus", "Running")?;

    // The guest's agent reboots it: the pod stays.
    within(BOOT, "the guest's agent", || {
        holds(&namespace, "AgentConnected")
    })?;
    let pod = namespace.launcher_pod("vm1")?;
    let uid = namespace.field("vmi", "vm1", "/metadata/uid")?;
    namespace.virtctl(&["soft-reboot", "vm1"])?.text()?;
    console.expect("guest ready:", BOOT)?;
    console.prompt("login: ")?;
    // So does the reset button, which asks nobody.
    namespace.virtctl(&["reset", "vm1"])?.text()?;
    console.expect("guest ready:", BOOT)?;
    assert_eq!(namespace.launcher_pod("vm1")?, pod);
    assert_eq!(namespace.field("vmi", "vm1", "/metadata/uid")?, uid);
    events(
        &namespace,
        &[
            "Normal/Paused",
            "Normal/Unpaused",
            "Normal/SoftRebooted",
            "Normal/Reset",
        ],
    )
}

#[test]
fn a_guest_that_was_started_paused_can_go_on() -> anyhow::Result<()> {
    let namespace = Namespace::new("startpaused")?;
    namespace.apply(&Guest::new("vm1").run_strategy("Halted").vm())?;
    namespace.virtctl(&["start", "vm1", "--paused"])?.text()?;
    namespace.wait_field(BOOT, "vm", "vm1", "/status/printableStatus", "Paused")?;
    namespace.virtctl(&["unpause", "vm", "vm1"])?.text()?;
    Console::open(&namespace, "vm1")?.log_in()
}

#[test]
fn the_agent_tells_of_the_guest_and_freezes_its_file_systems() -> anyhow::Result<()> {
    let namespace = Namespace::new("agent")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    within(BOOT, "the guest's agent", || {
        holds(&namespace, "AgentConnected")
    })?;
    // In the status: the guest's words, but not for the address that others connect to.
    let (_, address) = namespace.launcher_pod("vm1")?;
    let status = namespace.get("vmi", "vm1")?.unwrap_or_default()["status"].clone();
    assert_eq!(status["guestOSInfo"]["id"], "kubevirt-test-guest");
    let interface = &status["interfaces"][0];
    assert_eq!(interface["interfaceName"], "eth0", "{interface}");
    assert_eq!(interface["infoSource"], "domain, guest-agent");
    assert_eq!(interface["ipAddress"], address.as_str());

    let info = virtctl_json(&namespace, "guestosinfo")?;
    assert_eq!(info["os"]["prettyName"], "KubeVirt test guest 1");
    assert_eq!(info["hostname"], console.run("hostname")?.as_str());
    assert_eq!(info["timezone"], "UTC, 0");
    assert_eq!(info["fsFreezeStatus"], "thawed");
    assert!(info["guestAgentVersion"].is_string(), "{info}");
    assert!(
        info["supportedCommands"]
            .as_array()
            .is_some_and(|all| all.len() > 20)
    );
    let users = virtctl_json(&namespace, "userlist")?;
    assert_eq!(users["items"][0]["userName"], "root", "{users}");
    let systems = virtctl_json(&namespace, "fslist")?;
    let system = &systems["items"][0];
    assert_eq!(system["mountPoint"], "/agent", "{systems}");
    assert_eq!(system["fileSystemType"], "ext4");
    assert_eq!(system["disk"][0]["busType"], "virtio");

    // Frozen, a write waits; thawed, it is done.
    let api = Api::start()?;
    let put = |tail: &str, body: &str| -> anyhow::Result<()> {
        let path = format!(
            "/apis/subresources.kubevirt.io/v1/namespaces/{}/virtualmachineinstances/vm1/{tail}",
            namespace.name()
        );
        let reply = api.ask("PUT", &path, body)?;
        anyhow::ensure!(reply.code == 200, "{tail}: {} {}", reply.code, reply.text());
        Ok(())
    };
    put("freeze", r#"{"unfreezeTimeout":"5m0s"}"#)?;
    assert_eq!(
        virtctl_json(&namespace, "guestosinfo")?["fsFreezeStatus"],
        "frozen"
    );
    console.type_text("(echo text >/agent/file; sync; echo 'w'ritten) &\n")?;
    assert!(
        console.expect("written", Duration::from_secs(3)).is_err(),
        "a frozen file system took a write"
    );
    put("unfreeze", "")?;
    console.expect("written", STEP)?;

    // The thaw comes by itself.
    put("freeze", r#"{"unfreezeTimeout":"5s"}"#)?;
    let frozen = Instant::now();
    console.type_text("(echo more >>/agent/file; sync; echo 'w'ritten) &\n")?;
    console.expect("written", STEP)?;
    assert!(
        frozen.elapsed() >= Duration::from_secs(4),
        "it thawed too early"
    );
    Ok(())
}

#[test]
fn an_agent_that_comes_and_goes_costs_few_writes() -> anyhow::Result<()> {
    let namespace = Namespace::new("flapping")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    within(BOOT, "the guest's agent", || {
        holds(&namespace, "AgentConnected")
    })?;
    let before = writes_by_components(namespace.name())?.len();
    // The agent is started again a second after each end.
    console
        .run("for i in $(seq 30); do killall ld-linux-x86-64.so.2 2>/dev/null; sleep 1; done")?;
    let writes = writes_by_components(namespace.name())?;
    assert!(
        writes.len() - before <= 6,
        "{:#?}",
        writes.get(before..).unwrap_or_default()
    );
    within(STEP * 2, "the guest's agent, once it stays", || {
        holds(&namespace, "AgentConnected")
    })
}

#[test]
fn a_picture_of_the_screen_shows_what_is_there() -> anyhow::Result<()> {
    let namespace = Namespace::new("screen")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    let api = Api::start()?;
    let picture = |query: &str| -> anyhow::Result<Vec<u8>> {
        let path = format!(
            "/apis/subresources.kubevirt.io/v1/namespaces/{}/virtualmachineinstances/vm1/vnc/screenshot{query}",
            namespace.name()
        );
        let reply = api.ask("GET", &path, "")?;
        anyhow::ensure!(reply.code == 200, "{}: {}", reply.code, reply.text());
        anyhow::ensure!(reply.header("Content-Type") == "image/png");
        anyhow::ensure!(
            reply.body.starts_with(b"\x89PNG\r\n\x1a\n"),
            "it is no PNG file"
        );
        Ok(reply.body)
    };
    // From the firmware's first words to the kernel.
    let first = picture("")?;
    within(BOOT, "another picture", || {
        Ok(picture("?moveCursor=true")? != first)
    })
}
