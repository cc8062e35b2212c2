//! The node that the instance is on.

use super::super::diagnosis::{Finding, State};
use super::super::facts::Facts;
use super::super::look::{condition, condition_is, name, span, text, time, told};

/// The node of an instance that has not ended.
fn node_name(facts: &Facts) -> Option<&str> {
    let node = text(facts.living()?, "/status/nodeName");
    (!node.is_empty()).then_some(node)
}

/// The node is gone or does not answer.
pub(super) fn lost(facts: &Facts) -> Option<Finding> {
    let node = node_name(facts)?;
    let safe = "only when it is certain that the node is switched off, have its pods forgotten; the machine then starts elsewhere:";
    if facts.node_is_missing {
        return Some(
            Finding::new(
                State::Blocked,
                "NodeLost",
                format!("was on node {node}, which does not exist any more"),
            )
            .because("what runs on it is not known")
            .remedy("see which nodes there are, and whether the pod is still listed:")
            .remedy("$ kubectl get nodes")
            .remedy(facts.kubectl(&format!(
                "get pod -l kubevirt.io/created-by={} -o wide",
                uid(facts)
            ))),
        );
    }
    let object = facts.nodes.iter().find(|object| name(object) == node)?;
    let ready = condition(object, "Ready")?;
    if text(ready, "/status") == "True" {
        return None;
    }
    let since = time(ready, "/lastTransitionTime").map_or(String::new(), |time| {
        format!(" since {}", span(facts.since(time)))
    });
    Some(
        Finding::new(
            State::Blocked,
            "NodeNotReady",
            format!("is on node {node}, which is not ready{since}"),
        )
        .because(told(ready))
        .because("the guest may still run there, so it is not started elsewhere: two of it would destroy its disks")
        .remedy("repair the node, or wait for it to come back:")
        .remedy(format!("$ kubectl describe node {node}"))
        .remedy(safe)
        .remedy(format!(
            "$ kubectl taint node {node} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"
        )),
    )
}

/// No virt-handler works on the node.
pub(super) fn handler_missing(facts: &Facts) -> Option<Finding> {
    let node = node_name(facts)?;
    let handlers = facts.handlers.as_ref()?;
    let here: Vec<_> = handlers
        .iter()
        .filter(|pod| text(pod, "/spec/nodeName") == node)
        .collect();
    if here
        .iter()
        .any(|pod| condition_is(pod, "Ready", "True").is_some())
    {
        return None;
    }
    let says = here.first().map_or_else(
        || "there is no virt-handler pod on it".to_owned(),
        |pod| {
            format!(
                "its pod {} is not ready ({})",
                name(pod),
                text(pod, "/status/phase")
            )
        },
    );
    let namespace = handlers
        .first()
        .map_or("kubevirt", |pod| text(pod, "/metadata/namespace"));
    let running = facts.phase() == "Running";
    let (state, summary) = if running {
        (
            State::Running,
            format!("runs, but nobody looks after it: virt-handler does not work on node {node}"),
        )
    } else {
        (
            State::Blocked,
            format!("cannot be started: virt-handler does not work on node {node}"),
        )
    };
    Some(
        Finding::new(state, "HandlerMissing", summary)
            .because(says)
            .remedy("look at virt-handler; the machine goes on by itself when it works:")
            .remedy(format!(
                "$ kubectl -n {namespace} get pods -l kubevirt.io=virt-handler -o wide"
            ))
            .remedy(format!(
                "$ kubectl -n {namespace} describe daemonset virt-handler"
            )),
    )
}

fn uid(facts: &Facts) -> &str {
    facts
        .vmi
        .as_ref()
        .map_or("", |vmi| text(vmi, "/metadata/uid"))
}
