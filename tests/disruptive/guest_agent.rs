//! What virt-handler knows of a guest's agent, when it is started anew.

use std::time::{Duration, Instant};

use kubevirt_tests::api::Api;
use kubevirt_tests::audit::writes_by_components;
use kubevirt_tests::kubectl::{kubectl, run};
use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Console, Guest, Namespace, within};

use crate::recovery::ready_pods;

/// How long the file systems are frozen: longer than virt-handler is away.
const FROZEN: Duration = Duration::from_secs(30);

#[test]
fn a_restarted_virt_handler_thaws_in_time_and_writes_nothing() -> anyhow::Result<()> {
    let namespace = Namespace::new("thaw")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    let path = |tail: &str| {
        format!(
            "/apis/subresources.kubevirt.io/v1/namespaces/{}/virtualmachineinstances/vm1/{tail}",
            namespace.name()
        )
    };
    within(BOOT, "the guest's agent", || {
        let instance = namespace.get("vmi", "vm1")?.unwrap_or_default();
        Ok(instance["status"]["guestOSInfo"]["id"] == "kubevirt-test-guest")
    })?;
    let api = Api::start()?;
    let body = format!(r#"{{"unfreezeTimeout":"{}s"}}"#, FROZEN.as_secs());
    let reply = api.ask("PUT", &path("freeze"), &body)?;
    anyhow::ensure!(reply.code == 200, "{}: {}", reply.code, reply.text());
    let frozen = Instant::now();
    // The answer shows that the shell has taken it: what is typed and not yet sent is lost with the session.
    console.run("(echo text >/agent/file; sync) & true")?;
    drop(console);
    let before = writes_by_components(namespace.name())?.len();

    let handlers = ready_pods("virt-handler")?;
    let delete = [
        "delete",
        "pod",
        "-n",
        "kubevirt",
        "-l",
        "kubevirt.io=virt-handler",
        "--grace-period=1",
    ];
    run(&mut kubectl(), &delete)?.text()?;
    within(STEP * 2, "virt-handler on every node again", || {
        Ok(ready_pods("virt-handler")? == handlers)
    })?;
    within(FROZEN + STEP, "the thaw", || {
        let reply = api.ask("GET", &path("guestosinfo"), "")?;
        Ok(reply.code == 200 && reply.json()?["fsFreezeStatus"] == "thawed")
    })?;
    let least = FROZEN - Duration::from_secs(1);
    assert!(frozen.elapsed() >= least, "it thawed too early");
    let mut console = Console::open(&namespace, "vm1")?;
    console.type_text("\n")?;
    console.expect("# ", STEP)?;
    assert_eq!(console.run("cat /agent/file")?, "text");
    let writes = writes_by_components(namespace.name())?;
    let after = writes.get(before..).unwrap_or_default();
    assert!(after.is_empty(), "{after:#?}");
    Ok(())
}
