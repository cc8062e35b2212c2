//! What one machine costs the Kubernetes API. The bounds are those of SPECIFICATION.md.

use kubevirt_tests::audit::writes_by_components;
use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Guest, Namespace};

const WRITES_PER_INSTANCE: usize = 8;

#[test]
fn an_instance_costs_few_writes_and_none_is_refused() -> anyhow::Result<()> {
    let namespace = Namespace::new("budget")?;
    let manifest = Guest::new("vm1")
        .image("guest-boot-sector", "64Mi")
        .grace(0)
        .vm();
    namespace.apply(&manifest)?;
    namespace.wait_field(BOOT, "vm", "vm1", "/status/printableStatus", "Running")?;
    // Events are written behind: wait for the last one before counting.
    kubevirt_tests::within(STEP, "the event Started", || {
        Ok(namespace
            .kubectl(&["get", "events"])?
            .text()?
            .contains("Started"))
    })?;
    let writes = writes_by_components(namespace.name())?;
    let of_instance: Vec<_> = writes
        .iter()
        .filter(|write| {
            write.resource != "virtualmachines"
                && !(write.resource == "virtualmachineinstances" && write.verb == "create")
        })
        .collect();
    assert!(!of_instance.is_empty(), "the audit log shows nothing");
    assert!(
        of_instance.len() <= WRITES_PER_INSTANCE,
        "{} writes: {of_instance:#?}",
        of_instance.len()
    );
    let refused: Vec<_> = writes.iter().filter(|write| write.code >= 400).collect();
    assert!(refused.is_empty(), "{refused:#?}");

    // Nothing is written while nothing changes.
    let before = writes_by_components(namespace.name())?.len();
    std::thread::sleep(std::time::Duration::from_secs(20));
    let after = writes_by_components(namespace.name())?;
    assert_eq!(after.len(), before, "{:#?}", &after[before..]);
    Ok(())
}
