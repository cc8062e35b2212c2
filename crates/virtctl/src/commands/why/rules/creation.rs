//! The API server refuses the instance or its pod.

use super::super::diagnosis::{Finding, State};
use super::super::facts::Facts;
use super::super::look::{condition_is, is_deleting, text};

/// The API server's words, when the instance or its launcher pod is not made.
fn refusal(facts: &Facts) -> Option<&str> {
    if facts.pods.iter().any(|pod| !is_deleting(pod)) || !facts.is_preparing() {
        return None;
    }
    if let Some(vmi) = facts.living() {
        let condition = condition_is(vmi, "Synchronized", "False").filter(|condition| {
            matches!(
                text(condition, "/reason"),
                "FailedCreate" | "FailedCreateValidation"
            )
        });
        return match condition {
            Some(condition) => Some(text(condition, "/message")),
            None => facts
                .event("VirtualMachineInstance", &["FailedCreate"])
                .map(|event| text(event, "/message")),
        };
    }
    let failure = condition_is(facts.vm.as_ref()?, "Failure", "True")?;
    matches!(text(failure, "/reason"), "FailedCreate" | "FailedDelete")
        .then(|| text(failure, "/message"))
}

/// What is between `before` and `after`.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before)
        .and_then(|(_, rest)| rest.split_once(after))
        .map_or("", |(inner, _)| inner)
}

/// A webhook that the API server has to ask does not answer.
pub(super) fn webhook_down(facts: &Facts) -> Option<Finding> {
    let message = refusal(facts)?;
    if !["failed calling webhook", "failed to call webhook"]
        .iter()
        .any(|words| message.contains(words))
    {
        return None;
    }
    let webhook = between(message, "webhook \"", "\"");
    let own = webhook.ends_with("kubevirt.io") || webhook.contains("virt-api");
    let finding = Finding::new(
        State::Blocked,
        "WebhookDown",
        format!("cannot be started: the webhook {webhook} does not answer the API server"),
    )
    .because(message);
    Some(if own {
        finding
            .remedy("it is KubeVirt's own, served by virt-api: look at its pods and its Service; it is tried again by itself")
            .remedy("$ kubectl -n kubevirt get pods,endpoints -l kubevirt.io=virt-api")
    } else {
        finding
            .remedy("repair what serves it, or remove its configuration when it is not needed; it is tried again by itself")
            .remedy("$ kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations")
    })
}

/// A quota is used up, or wants limits that the pod does not have.
pub(super) fn quota(facts: &Facts) -> Option<Finding> {
    let message = refusal(facts)?;
    if let Some((_, rest)) = message.split_once("exceeded quota: ") {
        let quota = rest.split(',').next().unwrap_or_default();
        return Some(
            Finding::new(
                State::Blocked,
                "Quota",
                format!("cannot be started: the quota {quota} of namespace {} is used up", facts.namespace),
            )
            .because(rest.split_once(", ").map_or(rest, |(_, numbers)| numbers))
            .remedy("free what others use, have the quota raised, or make the machine smaller; it is tried again by itself")
            .remedy(facts.kubectl(&format!("describe quota {quota}"))),
        );
    }
    let (_, rest) = message.split_once("failed quota: ")?;
    let quota = rest.split(':').next().unwrap_or_default();
    Some(
        Finding::new(
            State::Blocked,
            "Quota",
            format!(
                "cannot be started: the quota {quota} wants values that the machine does not set"
            ),
        )
        .because(rest)
        .remedy(
            "set them in the template's spec.domain.resources, or make a LimitRange with defaults",
        )
        .remedy(facts.kubectl(&format!("describe quota {quota}"))),
    )
}

/// The namespace does not allow such pods.
pub(super) fn pod_security(facts: &Facts) -> Option<Finding> {
    let message = refusal(facts)?;
    if !message.contains("violates PodSecurity") {
        return None;
    }
    let level = between(message, "violates PodSecurity \"", "\"");
    Some(
        Finding::new(
            State::Blocked,
            "PodSecurity",
            format!("cannot be started: namespace {} enforces Pod Security {level}", facts.namespace),
        )
        .because(message)
        .remedy("take out of the template what that level does not allow, or let the namespace allow more:")
        .remedy(format!(
            "$ kubectl label namespace {} pod-security.kubernetes.io/enforce=privileged --overwrite",
            facts.namespace
        )),
    )
}

/// Any other refusal.
pub(super) fn refused(facts: &Facts) -> Option<Finding> {
    let message = refusal(facts)?;
    let what = if facts.living().is_some() {
        "its pod"
    } else {
        "its instance"
    };
    let denied = between(message, "admission webhook \"", "\" denied");
    let finding = Finding::new(
        State::Blocked,
        "Refused",
        if denied.is_empty() {
            format!("cannot be started: {what} cannot be made")
        } else {
            format!("cannot be started: the admission webhook {denied} refuses {what}")
        },
    )
    .because(message);
    let finding = if message.contains("maximum ") || message.contains("minimum ") {
        finding
            .remedy("a limit range is in the way:")
            .remedy(facts.kubectl("describe limitrange"))
    } else {
        finding.remedy("remove what the message names; it is tried again by itself")
    };
    Some(finding.remedy(facts.kubectl(&format!("describe vm,vmi {}", facts.name))))
}
