//! Parts die, guests do not notice.

use kubevirt_tests::kubectl::{get, kubectl, run};
use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Console, Guest, Namespace, within};
use serde_json::Value;

pub(crate) fn ready_pods(component: &str) -> anyhow::Result<usize> {
    let list = get(&[
        "pods",
        "-n",
        "kubevirt",
        "-l",
        &format!("kubevirt.io={component}"),
    ])?;
    let ready = |pod: &&Value| {
        pod["metadata"]["deletionTimestamp"].is_null()
            && pod["status"]["conditions"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
    };
    Ok(list["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(ready)
        .count())
}

#[test]
fn a_guest_lives_through_the_loss_of_virt_handler_and_virt_controller() -> anyhow::Result<()> {
    let namespace = Namespace::new("recovery")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    console.run("echo still-here >/tmp/memory")?;
    drop(console);
    let version = namespace.field("vmi", "vm1", "/metadata/uid")?;
    let handlers = ready_pods("virt-handler")?;
    for component in ["virt-handler", "virt-controller"] {
        run(
            &mut kubectl(),
            &[
                "delete",
                "pod",
                "-n",
                "kubevirt",
                "-l",
                &format!("kubevirt.io={component}"),
                "--grace-period=1",
            ],
        )?
        .text()?;
    }
    within(STEP * 2, "virt-handler on every node again", || {
        Ok(ready_pods("virt-handler")? == handlers)
    })?;
    within(STEP * 2, "virt-controller again", || {
        Ok(ready_pods("virt-controller")? == 2)
    })?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.type_text("\n")?;
    console.expect("# ", STEP)?;
    assert_eq!(console.run("cat /tmp/memory")?, "still-here");
    // The network's DHCP server is back, too.
    console.run("udhcpc -i eth0 -n -q -t 5")?;
    assert_eq!(namespace.field("vmi", "vm1", "/metadata/uid")?, version);
    assert_eq!(namespace.field("vmi", "vm1", "/status/phase")?, "Running");
    // And its end is still noticed.
    console.type_text("poweroff\n")?;
    within(BOOT, "the next instance", || {
        let uid = namespace.field("vmi", "vm1", "/metadata/uid")?;
        Ok(!uid.is_empty() && uid != version)
    })
}
