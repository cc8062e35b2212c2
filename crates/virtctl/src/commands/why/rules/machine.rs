//! What the VirtualMachine wants, and whether it is there.

use super::super::diagnosis::{Finding, State};
use super::super::facts::{Facts, is_final};
use super::super::look::{condition_is, is_deleting, list, number, seen, span, text, time};
use crate::suggest::{either, near};

/// Time beyond its grace period after which an end is said to hang, in seconds.
const HANG: i64 = 60;

/// Neither a VirtualMachine nor an instance has this name.
pub(super) fn does_not_exist(facts: &Facts) -> Option<Finding> {
    if facts.vm.is_some() || facts.vmi.is_some() {
        return None;
    }
    let near = near(&facts.name, facts.neighbours.iter().map(String::as_str));
    let finding = Finding::new(
        State::NotFound,
        "NotFound",
        format!("does not exist in namespace {}", facts.namespace),
    );
    let finding = if near.is_empty() {
        finding.remedy("see which machines there are:")
    } else {
        finding.remedy(format!("did you mean {}?", either(&near)))
    };
    Some(finding.remedy("$ kubectl get vm,vmi --all-namespaces"))
}

/// The VirtualMachine, or an instance without one, is being deleted.
pub(super) fn is_deleted(facts: &Facts) -> Option<Finding> {
    let owner = facts.vm.as_ref().or(facts.vmi.as_ref())?;
    if !is_deleting(owner) {
        return None;
    }
    let since = time(owner, "/metadata/deletionTimestamp").map_or(0, |time| facts.since(time));
    let grace = grace(facts);
    let foreign: Vec<&str> = list(owner, "/metadata/finalizers")
        .iter()
        .filter_map(|finalizer| finalizer.as_str())
        .filter(|finalizer| {
            !finalizer.contains("kubevirt.io/") && *finalizer != "foregroundDeleteVirtualMachine"
        })
        .collect();
    let mut finding = Finding::new(
        State::Waiting,
        "Deleting",
        format!("is being deleted since {}", span(since)),
    );
    if facts.living().is_some() {
        finding = finding.because(format!(
            "the guest has {grace}s to shut down, and is switched off then"
        ));
    }
    if !foreign.is_empty() && facts.vmi.is_none() {
        finding.state = State::Blocked;
        return Some(
            finding
                .because(format!(
                    "the finalizer {} is not KubeVirt's: whoever set it has to remove it",
                    foreign.join(", ")
                ))
                .remedy("find out who uses that finalizer, and why it is not done:")
                .remedy(facts.kubectl(&format!(
                    "get vm {} -o jsonpath='{{.metadata.finalizers}}'",
                    facts.name
                ))),
        );
    }
    if since > grace + HANG {
        finding.state = State::Blocked;
        finding = finding
            .because("that should be over: KubeVirt's finalizer is still there")
            .remedy(
                "look at virt-controller, which removes the finalizer, and at the machine's node:",
            )
            .remedy("$ kubectl -n kubevirt get pods -o wide")
            .remedy(facts.kubectl(&format!("get vm,vmi,pod -o wide | grep {}", facts.name)));
    } else {
        finding = finding
            .remedy("wait; not to wait for the guest:")
            .remedy(facts.virtctl(&format!("stop {} --force --grace-period=0", facts.name)));
    }
    Some(finding)
}

/// The instance is being stopped, to stay so or to be started again.
pub(super) fn is_stopping(facts: &Facts) -> Option<Finding> {
    let vmi = facts.vmi.as_ref()?;
    let halted = facts.vm.is_some() && facts.run_strategy() == "Halted";
    if is_final(vmi) || !(is_deleting(vmi) || halted) {
        return None;
    }
    let grace = grace(facts);
    let again = facts.start_is_requested() || matches!(facts.run_strategy(), "Always" | "Once");
    let since = time(vmi, "/metadata/deletionTimestamp").map_or(0, |time| facts.since(time));
    let what = if again {
        "is being restarted"
    } else {
        "is being stopped"
    };
    let finding = Finding::new(State::Waiting, "Stopping", what).because(format!(
        "the guest was asked to shut down {} ago; it has {grace}s for that, and is switched off then",
        span(since)
    ));
    if since > grace + HANG {
        let mut finding = finding
            .because("that should be over")
            .remedy("look at the virt-handler of the machine's node, which ends the guest:")
            .remedy("$ kubectl -n kubevirt get pods -l kubevirt.io=virt-handler -o wide")
            .remedy(facts.kubectl(&format!("describe vmi {}", facts.name)));
        finding.state = State::Blocked;
        return Some(finding);
    }
    Some(
        finding
            .remedy("wait; not to wait for the guest:")
            .remedy(facts.virtctl(&format!("stop {} --force --grace-period=0", facts.name))),
    )
}

/// A volume migration lost its instance: starting might use the wrong volumes.
pub(super) fn needs_recovery(facts: &Facts) -> Option<Finding> {
    let vm = facts.vm.as_ref()?;
    let condition = condition_is(vm, "ManualRecoveryRequired", "True")?;
    Some(
        Finding::new(
            State::Failed,
            "ManualRecoveryRequired",
            "is not started: it ended while its volumes were being moved",
        )
        .because(text(condition, "/message"))
        .remedy("set the template's volumes to those that have the data, the old ones as a rule, then start it:")
        .remedy(facts.virtctl(&format!("start {}", facts.name))),
    )
}

/// The instancetype or the preference cannot be had.
pub(super) fn instancetype_missing(facts: &Facts) -> Option<Finding> {
    let vm = facts.vm.as_ref()?;
    let failure = condition_is(vm, "Failure", "True")?;
    if facts.living().is_some() {
        return None;
    }
    let (cause, field, what, plural) = match text(failure, "/reason") {
        "FailedFindInstancetype" => (
            "InstancetypeNotFound",
            "instancetype",
            "instancetype",
            "instancetypes",
        ),
        "FailedFindPreference" => (
            "PreferenceNotFound",
            "preference",
            "preference",
            "preferences",
        ),
        _ => return None,
    };
    let named = text(vm, &format!("/spec/{field}/name"));
    let kind = text(vm, &format!("/spec/{field}/kind"));
    let near = near(named, facts.offers.iter().map(String::as_str));
    let mut finding = Finding::new(
        State::Blocked,
        cause,
        format!("is not started: its {what} {named} cannot be had"),
    )
    .because(text(failure, "/message"));
    if !near.is_empty() {
        finding = finding.remedy(format!("did you mean {}?", either(&near)));
    }
    // What was kept of it when it was first named is gone: no other object helps as long as that is named.
    if text(failure, "/message").contains("controllerrevision") {
        return Some(
            finding
                .because(format!("the revision in which the {what} was kept is gone"))
                .remedy(format!("have the {what} read anew, once it exists:"))
                .remedy(facts.kubectl(&format!(
                    "patch vm {} --subresource=status --type=merge -p '{{\"status\":{{\"{field}Ref\":null}}}}'",
                    facts.name
                ))),
        );
    }
    let namespaced = !kind.is_empty() && !kind.to_lowercase().contains("cluster");
    let list = if namespaced {
        facts.kubectl(&format!("get virtualmachine{plural}"))
    } else {
        format!("$ kubectl get virtualmachinecluster{plural}")
    };
    Some(
        finding
            .remedy(format!("create the {what}, or name one that exists in spec.{field}; it is tried again by itself"))
            .remedy(list),
    )
}

/// The user wants it off.
pub(super) fn halted(facts: &Facts) -> Option<Finding> {
    facts.vm.as_ref()?;
    if facts.run_strategy() != "Halted" || facts.start_is_requested() {
        return None;
    }
    let field = match facts.vm.as_ref()?.pointer("/spec/running") {
        Some(serde_json::Value::Bool(_)) => "spec.running is false",
        _ => "its run strategy is Halted",
    };
    let finding = Finding::new(State::Stopped, "Halted", "is stopped, and is to be").because(
        format!("{field}: it was made so, or somebody has stopped it"),
    );
    let finding = match last_end(facts) {
        Some(told) => finding.because(told),
        None => finding,
    };
    Some(
        finding
            .remedy("start it:")
            .remedy(facts.virtctl(&format!("start {}", facts.name))),
    )
}

/// A run strategy that starts nothing by itself.
pub(super) fn not_started(facts: &Facts) -> Option<Finding> {
    facts.vm.as_ref()?;
    if facts.start_is_requested() || facts.living().is_some() {
        return None;
    }
    let strategy = facts.run_strategy();
    match strategy {
        "Manual" | "RerunOnFailure" => {}
        "WaitAsReceiver" => {
            return Some(
                Finding::new(
                    State::Waiting,
                    "WaitingForReceiver",
                    "waits for a guest to be migrated here from another cluster",
                )
                .because("its run strategy is WaitAsReceiver")
                .remedy("start the migration in the other cluster"),
            );
        }
        _ => return None,
    }
    let why = if strategy == "Manual" {
        "its run strategy is Manual: it starts only when somebody says so"
    } else {
        "its run strategy is RerunOnFailure: it starts when somebody says so, and again after a failure"
    };
    let finding = Finding::new(State::Stopped, "NotStarted", "is stopped").because(why);
    let finding = match last_end(facts) {
        Some(told) => finding.because(told),
        None => finding.because("nothing tells of an earlier run"),
    };
    Some(
        finding
            .remedy("start it:")
            .remedy(facts.virtctl(&format!("start {}", facts.name))),
    )
}

/// How the guest ended last, as far as events tell.
pub(super) fn last_end(facts: &Facts) -> Option<String> {
    let event = facts.event(
        "VirtualMachineInstance",
        &["Stopped", "ShuttingDown", "Deleted"],
    )?;
    let ago = seen(event).map_or(String::new(), |time| {
        format!(", {} ago", span(facts.since(time)))
    });
    Some(match text(event, "/reason") {
        "Stopped" => format!(
            "the last that was told of the guest: {}{ago}",
            text(event, "/message")
        ),
        _ => format!("it was stopped through Kubernetes{ago}"),
    })
}

/// Seconds that the guest has to shut down.
fn grace(facts: &Facts) -> i64 {
    facts
        .spec()
        .and_then(|spec| spec.pointer("/terminationGracePeriodSeconds"))
        .map_or(30, |value| number(value, ""))
}
