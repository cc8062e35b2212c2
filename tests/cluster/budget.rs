//! What one machine costs the Kubernetes API. The bounds are those of SPECIFICATION.md.

use kubevirt_tests::audit::writes_by_components;
use kubevirt_tests::kubectl::{get, kubectl, run};
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

/// Prints name and resident KiB of each of our daemons on a node, and of virt-handler whether it has loaded libvirt's library.
const RESIDENT: &str = r#"for d in /proc/[0-9]*; do
  n=$(cat $d/comm 2>/dev/null) || continue
  case $n in virt-api|virt-controller|virt-handler)
    l=idle; ! grep -q /libvirt.so $d/maps 2>/dev/null || l=libvirt
    while read -r k v _; do case $k in VmRSS:) echo "$n $l $v";; esac; done <$d/status;;
  esac
done"#;

/// The bound of virt-handler while no guest has run on its node since it began, in KiB.
const IDLE: u64 = 20 * 1024;
/// The bound of the others, which serve all tests that run beside this one, in KiB. `make bench` measures them idle.
const AT_WORK: u64 = 32 * 1024;
/// The bound of virt-handler once a guest has run on its node and libvirt's library is loaded, in KiB.
const WITH_LIBVIRT: u64 = 36 * 1024;

#[test]
fn the_daemons_stay_small() -> anyhow::Result<()> {
    let pods = get(&["pods", "-n", "kubevirt", "-l", "kubevirt.io=virt-handler"])?;
    let pods = pods["items"].as_array().cloned().unwrap_or_default();
    let mut seen = Vec::new();
    for pod in &pods {
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        // virt-handler sees the processes of its node.
        let ask = ["exec", "-n", "kubevirt", name, "-c", "virt-handler", "--"];
        let ask = [&ask[..], &["sh", "-c", RESIDENT]].concat();
        let text = run(&mut kubectl(), &ask)?.text()?;
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let (Some(daemon), Some(state), Some(size)) =
                (words.next(), words.next(), words.next())
            else {
                anyhow::bail!("virt-handler's pod {name} printed {line:?}");
            };
            let bound = match (daemon, state) {
                ("virt-handler", "libvirt") => WITH_LIBVIRT,
                ("virt-handler", _) => IDLE,
                _ => AT_WORK,
            };
            let size: u64 = size.parse()?;
            assert!(size <= bound, "{name}: {line} is more than {bound} KiB");
            seen.push(daemon.to_owned());
        }
    }
    for daemon in ["virt-api", "virt-controller", "virt-handler"] {
        assert!(
            seen.iter().any(|seen| seen == daemon),
            "no {daemon} among {seen:?}"
        );
    }
    Ok(())
}
