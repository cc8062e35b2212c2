//! The guest is there.

use super::super::diagnosis::{Finding, State};
use super::super::facts::Facts;
use super::super::look::{condition_is, list, name, span, text, time, told};

fn running(facts: &Facts) -> Option<&serde_json::Value> {
    facts.living().filter(|_| facts.phase() == "Running")
}

/// It moves to another node.
pub(super) fn migrating(facts: &Facts) -> Option<Finding> {
    let vmi = running(facts)?;
    let flag = |field: &str| {
        vmi.pointer(&format!("/status/migrationState/{field}"))
            .and_then(serde_json::Value::as_bool)
            .unwrap_or_default()
    };
    let started = time(vmi, "/status/migrationState/startTimestamp");
    let migration = facts
        .migrations
        .iter()
        .find(|migration| !matches!(text(migration, "/status/phase"), "Succeeded" | "Failed"));
    if let Some(started) = started
        && !flag("completed")
        && !flag("failed")
    {
        return Some(
            Finding::new(
                State::Running,
                "Migrating",
                format!(
                    "runs, and is being migrated from {} to {} since {}",
                    text(vmi, "/status/migrationState/sourceNode"),
                    text(vmi, "/status/migrationState/targetNode"),
                    span(facts.since(started))
                ),
            )
            .remedy("wait; to have it stay:")
            .remedy(facts.virtctl(&format!("migrate-cancel {}", facts.name))),
        );
    }
    let migration = migration?;
    let phase = text(migration, "/status/phase");
    let since = time(migration, "/metadata/creationTimestamp").map_or(0, |time| facts.since(time));
    Some(
        Finding::new(
            State::Running,
            "Migrating",
            format!("runs, and is to be migrated: {} since {}", if phase.is_empty() { "Pending" } else { phase }, span(since)),
        )
        .because(format!("migration {}", name(migration)))
        .remedy("wait; if it lasts, the pod for the target waits for something, or other migrations come first:")
        .remedy(facts.kubectl(&format!("describe vmim {}", name(migration)))),
    )
}

/// Its processors stand still.
pub(super) fn paused(facts: &Facts) -> Option<Finding> {
    let vmi = running(facts)?;
    let condition = condition_is(vmi, "Paused", "True")?;
    let since = time(condition, "/lastTransitionTime").map_or(String::new(), |time| {
        format!(" since {}", span(facts.since(time)))
    });
    let node = text(vmi, "/status/nodeName");
    Some(match text(condition, "/reason") {
        "PausedIOError" => Finding::new(
            State::Paused,
            "PausedIOError",
            format!("is paused{since}: a disk could not be read or written"),
        )
        .because(text(condition, "/message"))
        .because("most often a volume, or the node's storage beneath it, is full")
        .remedy("find the disk, make room or repair it:")
        .remedy(facts.kubectl(&format!(
            "logs {} -c compute --tail=100",
            facts.pod().map_or("POD", name)
        )))
        .remedy(format!("$ kubectl describe node {node}"))
        .remedy("then let the guest go on:")
        .remedy(facts.virtctl(&format!("unpause vmi {}", facts.name))),
        "PausedByMigrationMonitor" => Finding::new(
            State::Paused,
            "PausedByMigration",
            format!("is paused{since}, for the end of its migration"),
        )
        .because(text(condition, "/message"))
        .remedy("wait for the end of the migration"),
        _ => {
            let start = text(vmi, "/spec/startStrategy") == "Paused";
            let finding = Finding::new(
                State::Paused,
                "PausedByUser",
                format!("is paused{since}, as its user wanted"),
            );
            let finding = if start {
                finding.because("it was started paused (startStrategy: Paused)")
            } else {
                finding.because(text(condition, "/message"))
            };
            finding
                .remedy("let it go on:")
                .remedy(facts.virtctl(&format!("unpause vmi {}", facts.name)))
        }
    })
}

/// It runs, and is not ready.
pub(super) fn not_ready(facts: &Facts) -> Option<Finding> {
    let vmi = running(facts)?;
    let condition = condition_is(vmi, "Ready", "False")?;
    let probe = facts.pod_event(&["Unhealthy"]);
    let mut finding =
        Finding::new(State::Running, "NotReady", "runs, and is not ready").because(told(condition));
    if let Some(probe) = probe {
        finding = finding.because(text(probe, "/message"));
    }
    Some(if vmi.pointer("/spec/readinessProbe").is_some() {
        finding
            .remedy("its readiness probe does not succeed (yet): look whether the guest has booted and offers what the probe asks for:")
            .remedy(facts.virtctl(&format!("console {}", facts.name)))
    } else {
        finding
            .remedy("look at its pod:")
            .remedy(facts.kubectl(&format!("describe pod {}", facts.pod().map_or("", name))))
    })
}

/// All is well.
pub(super) fn well(facts: &Facts) -> Option<Finding> {
    let vmi = running(facts)?;
    let since = list(vmi, "/status/phaseTransitionTimestamps")
        .iter()
        .find(|entry| text(entry, "/phase") == "Running")
        .and_then(|entry| time(entry, "/phaseTransitionTimestamp"));
    let mut summary = "runs".to_owned();
    if let Some(since) = since {
        summary.push_str(&format!(
            " since {} (from {since})",
            span(facts.since(since))
        ));
    }
    summary.push_str(&format!(" on node {}", text(vmi, "/status/nodeName")));
    let address = list(vmi, "/status/interfaces")
        .iter()
        .map(|interface| text(interface, "/ipAddress"))
        .find(|address| !address.is_empty());
    if let Some(address) = address {
        summary.push_str(&format!(", address {address}"));
    }
    let agent = condition_is(vmi, "AgentConnected", "True").is_some();
    let mut finding = Finding::new(
        State::Running,
        if agent {
            "Running"
        } else {
            "RunningWithoutAgent"
        },
        summary,
    );
    if !agent {
        finding = finding.because(
            "the guest agent is not connected: guestosinfo, userlist, fslist and quiet snapshots need qemu-guest-agent in the guest",
        );
    }
    if let Some(bad) = condition_is(vmi, "Synchronized", "False") {
        finding = finding.because(format!(
            "a change could not be carried out: {}",
            text(bad, "/message")
        ));
    }
    if let Some(restart) = facts
        .vm
        .as_ref()
        .and_then(|vm| condition_is(vm, "RestartRequired", "True"))
    {
        finding = finding
            .because(format!(
                "changes wait for a restart: {}",
                text(restart, "/message")
            ))
            .remedy(facts.virtctl(&format!("restart {}", facts.name)));
    }
    Some(finding)
}
