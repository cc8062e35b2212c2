//! Losing a master loses nobody.

use std::process::Command;
use std::time::{Duration, Instant};

use kubevirt_tests::checkout;
use kubevirt_tests::kubectl::{kubectl, run};

/// Kills one apiserver and asks again and again until the answer is back.
fn lose(master: &str) -> anyhow::Result<Duration> {
    run(&mut Command::new(checkout().join("tests/kill-apiserver.sh")), &[master])?.text()?;
    let begin = Instant::now();
    kubevirt_tests::within(Duration::from_secs(20), "an answer through ha-proxy", || {
        Ok(run(&mut kubectl(), &["get", "nodes", "--request-timeout=1s"])?.success)
    })?;
    Ok(begin.elapsed())
}

#[test]
fn either_apiserver_may_be_killed() -> anyhow::Result<()> {
    for master in ["master1", "master2"] {
        let gap = lose(master)?;
        assert!(gap < Duration::from_secs(3), "{master} was missed for {gap:?}");
        // The other one must not be lost before this one is back.
        kubevirt_tests::within(Duration::from_secs(60), &format!("the return of {master}"), || {
            Ok(run(&mut Command::new(checkout().join("tests/kill-apiserver.sh")), &["--ready", master])?.success)
        })?;
    }
    Ok(())
}
