//! Losing a master loses nobody.

use std::process::Command;
use std::time::{Duration, Instant};

use kubevirt_tests::kubectl::{kubectl, run};
use kubevirt_tests::{checkout, within};

/// kubectl towards one master, not through ha-proxy.
fn master_is_ready(address: &str) -> anyhow::Result<bool> {
    let server = format!("https://{address}:6443");
    Ok(run(
        kubectl().args(["--server", &server, "--request-timeout=2s"]),
        &["get", "--raw", "/readyz"],
    )?
    .success)
}

#[test]
fn either_apiserver_may_be_killed() -> anyhow::Result<()> {
    for (master, address) in [
        ("master1", "192.168.200.101"),
        ("master2", "192.168.200.102"),
    ] {
        let kill = ["kill", master, "kube-apiserver"];
        run(
            &mut Command::new(checkout().join("cluster/local/service.sh")),
            &kill,
        )?
        .text()?;
        let begin = Instant::now();
        within(
            Duration::from_secs(20),
            "an answer through ha-proxy",
            || Ok(run(&mut kubectl(), &["get", "nodes", "--request-timeout=1s"])?.success),
        )?;
        let gap = begin.elapsed();
        assert!(
            gap < Duration::from_secs(3),
            "{master} was missed for {gap:?}"
        );
        // The other one must not be lost before this one is back.
        within(
            Duration::from_secs(90),
            &format!("the return of {master}"),
            || master_is_ready(address),
        )?;
    }
    Ok(())
}
