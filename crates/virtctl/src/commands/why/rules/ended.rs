//! The guest was there, and has ended.

use serde_json::Value;

use super::super::diagnosis::{Finding, State};
use super::super::facts::Facts;
use super::super::look::{condition_is, list, name, number, seen, span, text, time};
use super::machine::last_end;

/// The pod was evicted or has to give way.
pub(super) fn evicted(facts: &Facts) -> Option<Finding> {
    let pod = facts.pod()?;
    let target = condition_is(pod, "DisruptionTarget", "True");
    let by_kubelet = text(pod, "/status/reason") == "Evicted";
    if target.is_none() && !by_kubelet {
        return None;
    }
    let reason = target.map_or("Evicted", |condition| text(condition, "/reason"));
    let message = if by_kubelet {
        text(pod, "/status/message")
    } else {
        target.map_or("", |condition| text(condition, "/message"))
    };
    let node = text(pod, "/spec/nodeName");
    let why = match reason {
        "PreemptionByScheduler" => "a pod of higher priority takes its place",
        "DeletionByTaintManager" => "its node has a taint that it does not tolerate",
        "EvictionByEvictionAPI" => "somebody drains the node, or evicts its pod",
        "TerminationByKubelet" | "Evicted" => {
            "the node runs short of memory or disk, or shuts down"
        }
        "DeletionByPodGC" => "its node is gone",
        _ => "it has to give way",
    };
    let again = again(facts);
    let finding = Finding::new(
        if again { State::Blocked } else { State::Failed },
        "Evicted",
        format!("was evicted from node {node}"),
    )
    .because(why)
    .because(message);
    let finding = if again {
        finding.remedy("it starts again by itself; to have it moved instead of ended, set evictionStrategy: LiveMigrate")
    } else {
        finding
            .remedy("start it again:")
            .remedy(facts.virtctl(&format!("start {}", facts.name)))
    };
    Some(finding.remedy(format!("$ kubectl describe node {node}")))
}

/// Whether virt-controller starts the machine again after a failure.
fn again(facts: &Facts) -> bool {
    facts.vm.is_some()
        && (facts.start_is_requested()
            || matches!(facts.run_strategy(), "Always" | "RerunOnFailure"))
}

/// The last starts failed, and the next one waits.
pub(super) fn crash_loop(facts: &Facts) -> Option<Finding> {
    let vm = facts.vm.as_ref()?;
    let count = number(vm, "/status/startFailure/consecutiveFailCount");
    if count <= 0
        || facts.living().is_some()
        || !matches!(facts.run_strategy(), "Always" | "RerunOnFailure" | "Once")
    {
        return None;
    }
    let starts = if count == 1 {
        "its last start".to_owned()
    } else {
        format!("its last {count} starts")
    };
    let next = time(vm, "/status/startFailure/retryAfterTimestamp").map_or(String::new(), |time| {
        let left = -facts.since(time);
        if left > 0 {
            format!(", the next try is in {} (at {time})", span(left))
        } else {
            ", the next try is now".to_owned()
        }
    });
    let mut finding = Finding::new(
        State::Blocked,
        "CrashLoopBackOff",
        format!("does not run: {starts} failed{next}"),
    );
    if let Some(oom) = out_of_memory(facts) {
        finding = finding.because(oom);
    }
    // The cause of a failed start is what virt-handler or virt-controller said last, not that the pod ended after it.
    let event = facts
        .event(
            "VirtualMachineInstance",
            &["SyncFailed", "FailedCreate", "FailedPvcNotFound"],
        )
        .or_else(|| facts.event("VirtualMachineInstance", &["Stopped"]));
    finding = match event {
        Some(event) => finding.because(format!("the last failure: {}", text(event, "/message"))),
        None => finding.because("no event tells why any more"),
    };
    Some(
        finding
            .remedy("remove what the message names; to try at once:")
            .remedy(facts.virtctl(&format!("restart {}", facts.name)))
            .remedy("to keep a failed instance for a look, let nothing start it again:")
            .remedy(facts.kubectl(&format!(
                "patch vm {} --type=merge -p '{{\"spec\":{{\"runStrategy\":\"Manual\"}}}}'",
                facts.name
            ))),
    )
}

/// The instance is Failed.
pub(super) fn failed(facts: &Facts) -> Option<Finding> {
    let vmi = facts.vmi.as_ref()?;
    if text(vmi, "/status/phase") != "Failed" {
        return None;
    }
    let stopped = facts.event("VirtualMachineInstance", &["Stopped", "NodeUnresponsive"]);
    let words = stopped.map_or_else(|| ready_words(vmi), |event| text(event, "/message"));
    let reason = text(vmi, "/status/reason");
    let (cause, summary) = if let Some(oom) = out_of_memory(facts) {
        return Some(end(facts, "OutOfMemory", "was ended because its pod used up its memory", &oom, words)
            .remedy("raise or remove spec.domain.resources.limits.memory in the template, or give the guest less memory"));
    } else {
        match reason {
            "GuestCrashed" => ("GuestCrashed", "does not run: the guest crashed"),
            "GuestLost" => (
                "GuestLost",
                "does not run: QEMU is gone, and nothing tells how it ended",
            ),
            "LauncherEnded" => (
                "LauncherEnded",
                "does not run: its pod ended while the guest ran",
            ),
            "NodeUnresponsive" => (
                "NodeLost",
                "does not run: its node does not respond, and its pod is gone",
            ),
            _ if words.contains("crashed") => ("GuestCrashed", "does not run: the guest crashed"),
            _ => ("Failed", "does not run: it ended with a failure"),
        }
    };
    let finding = end(facts, cause, summary, "", words);
    let pod = facts
        .pod()
        .map(|pod| facts.kubectl(&format!("logs {} -c compute --tail=100", name(pod))));
    Some(match pod {
        Some(logs) => finding
            .remedy("QEMU's last words are in the log:")
            .remedy(logs),
        None => finding,
    })
}

fn end(facts: &Facts, cause: &'static str, summary: &str, first: &str, words: &str) -> Finding {
    let again = again(facts);
    let finding = Finding::new(
        if again { State::Blocked } else { State::Failed },
        cause,
        summary,
    )
    .because(first)
    .because(words);
    if again {
        finding.remedy("it is started again by itself")
    } else if facts.vm.is_some() {
        finding
            .remedy(format!(
                "nothing starts it again, as its run strategy is {}; to start it:",
                facts.run_strategy()
            ))
            .remedy(facts.virtctl(&format!("{} {}", start_word(facts), facts.name)))
    } else {
        finding.remedy("an instance without a VirtualMachine does not start again: delete it and create it anew")
    }
}

/// `Once` refuses a start while its instance is there.
fn start_word(facts: &Facts) -> &'static str {
    if facts.run_strategy() == "Once" {
        "stop"
    } else {
        "start"
    }
}

/// The message of `Ready`, which tells of an end when there is no event.
fn ready_words(vmi: &Value) -> &str {
    condition_is(vmi, "Ready", "False").map_or("", |condition| text(condition, "/message"))
}

/// Words for a container that the kernel ended for its memory.
fn out_of_memory(facts: &Facts) -> Option<String> {
    let by_status = facts.pods.iter().find_map(|pod| {
        list(pod, "/status/containerStatuses").iter().find_map(|status| {
            ["state", "lastState"].iter().find_map(|state| {
                (text(status, &format!("/{state}/terminated/reason")) == "OOMKilled")
                    .then(|| format!("container {} was killed because it reached its memory limit (OOMKilled)", text(status, "/name")))
            })
        })
    });
    by_status.or_else(|| {
        let event = facts.event("VirtualMachineInstance", &["Stopped"])?;
        text(event, "/message").contains("OOMKilled").then(|| {
            "the kernel killed it because it reached its memory limit (OOMKilled)".to_owned()
        })
    })
}

/// The guest has shut itself down, and that is the end of it.
pub(super) fn shut_down(facts: &Facts) -> Option<Finding> {
    let event = facts.event(
        "VirtualMachineInstance",
        &["Stopped", "ShuttingDown", "Deleted"],
    );
    let itself = event.is_some_and(|event| {
        text(event, "/reason") == "Stopped" && text(event, "/type") == "Normal"
    });
    let succeeded = facts.phase() == "Succeeded";
    let gone = facts.vmi.is_none() && facts.run_strategy() == "RerunOnFailure" && itself;
    if facts.start_is_requested() || !(succeeded || gone) {
        return None;
    }
    if facts.vm.is_some() && facts.run_strategy() == "Always" {
        return Some(
            Finding::new(
                State::Waiting,
                "Restarting",
                "has shut itself down, and is started again",
            )
            .because("its run strategy is Always")
            .remedy("wait; to have it stay off:")
            .remedy(facts.virtctl(&format!("stop {}", facts.name))),
        );
    }
    let ago = event.and_then(seen).map_or(String::new(), |time| {
        format!(" {} ago", span(facts.since(time)))
    });
    let finding = Finding::new(
        State::Stopped,
        "GuestShutDown",
        if itself || event.is_none() {
            format!("is stopped: the guest has shut itself down{ago}")
        } else {
            format!("is stopped: the guest shut down{ago}, as it was asked to")
        },
    );
    let finding = match last_end(facts) {
        Some(told) => finding.because(told),
        None => finding,
    };
    let strategy = facts.run_strategy();
    if strategy.is_empty() {
        return Some(finding.remedy("an instance without a VirtualMachine does not start again: delete it and create it anew"));
    }
    let finding = finding.because(format!(
        "its run strategy is {strategy}, which does not start it again then"
    ));
    Some(if strategy == "Once" {
        finding
            .remedy("Once means that it is not started again; to start it nevertheless:")
            .remedy(facts.virtctl(&format!(
                "stop {0} && virtctl -n {1} start {0}",
                facts.name, facts.namespace
            )))
    } else {
        finding
            .remedy("start it:")
            .remedy(facts.virtctl(&format!("start {}", facts.name)))
    })
}
