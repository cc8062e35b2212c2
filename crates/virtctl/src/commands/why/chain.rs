//! The way from the VirtualMachine down: each object with what it says.

use serde_json::Value;

use super::diagnosis::Link;
use super::facts::Facts;
use super::look::{condition, condition_is, list, name, seen, span, text, told};

/// The most events that are shown.
const EVENTS: usize = 3;
/// The most characters of an event that are shown.
const MESSAGE: usize = 240;

/// What the objects say, from the top.
pub(crate) fn of(facts: &Facts) -> Vec<Link> {
    let mut links = Vec::new();
    if let Some(vm) = &facts.vm {
        let mut says = format!(
            "{}, run strategy {}",
            or(text(vm, "/status/printableStatus"), "no status yet"),
            or(facts.run_strategy(), "not set")
        );
        if let Some(failure) = condition_is(vm, "Failure", "True") {
            says.push_str(&format!(", {}", told(failure)));
        }
        links.push(link("VirtualMachine", name(vm), says));
    }
    if let Some(vmi) = &facts.vmi {
        links.push(link("VirtualMachineInstance", name(vmi), instance(vmi)));
    } else if facts.vm.is_some() {
        links.push(link(
            "VirtualMachineInstance",
            &facts.name,
            "there is none".into(),
        ));
    }
    for pod in &facts.pods {
        links.push(link("Pod", name(pod), of_pod(pod)));
    }
    if facts.phase() != "Running" {
        links.extend(events(facts));
    }
    links
}

fn instance(vmi: &Value) -> String {
    let mut says = or(text(vmi, "/status/phase"), "no phase yet").to_owned();
    let node = text(vmi, "/status/nodeName");
    if !node.is_empty() {
        says.push_str(&format!(" on {node}"));
    }
    for kind in ["Synchronized", "Ready"] {
        if let Some(bad) = condition_is(vmi, kind, "False") {
            says.push_str(&format!(", {kind} is False ({})", text(bad, "/reason")));
        }
    }
    if let Some(paused) = condition_is(vmi, "Paused", "True") {
        says.push_str(&format!(", Paused ({})", text(paused, "/reason")));
    }
    says
}

fn of_pod(pod: &Value) -> String {
    let mut says = or(text(pod, "/status/phase"), "no phase yet").to_owned();
    if let Some(unscheduled) = condition_is(pod, "PodScheduled", "False") {
        says.push_str(&format!(", {}", text(unscheduled, "/reason")));
    }
    let node = text(pod, "/spec/nodeName");
    if !node.is_empty() {
        says.push_str(&format!(" on {node}"));
    }
    for status in list(pod, "/status/containerStatuses") {
        for state in ["waiting", "terminated"] {
            let reason = text(status, &format!("/state/{state}/reason"));
            if !reason.is_empty() {
                says.push_str(&format!(", {}: {reason}", text(status, "/name")));
            }
        }
    }
    if condition(pod, "DisruptionTarget").is_some() {
        says.push_str(", it is to give way");
    }
    says
}

/// The newest warnings, one of a kind each.
fn events(facts: &Facts) -> impl Iterator<Item = Link> {
    let mut kinds = Vec::new();
    facts
        .events
        .iter()
        .filter(|event| text(event, "/type") == "Warning")
        .filter(move |event| {
            let kind = (text(event, "/involvedObject/name"), text(event, "/reason"));
            let new = !kinds.contains(&kind);
            kinds.push(kind);
            new
        })
        .take(EVENTS)
        .map(|event| {
            let ago = seen(event).map_or(String::new(), |time| {
                format!(" ({} ago)", span(facts.since(time)))
            });
            let mut says: String = told(event).chars().take(MESSAGE).collect();
            if says.chars().count() == MESSAGE {
                says.push_str("...");
            }
            link(
                "Event of",
                text(event, "/involvedObject/name"),
                format!("{says}{ago}"),
            )
        })
}

fn link(kind: &str, name: &str, says: String) -> Link {
    Link {
        object: format!("{kind} {name}"),
        says,
    }
}

fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}
