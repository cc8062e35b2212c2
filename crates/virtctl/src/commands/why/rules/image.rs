//! Images that cannot be pulled.

use serde_json::Value;

use super::super::diagnosis::{Finding, State};
use super::super::facts::Facts;
use super::super::look::{condition_is, list, text};

/// kubelet's words for an image that it does not get.
const REASONS: [&str; 7] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "RegistryUnavailable",
    "ImageInspectError",
    "SignatureValidationFailed",
];

/// A container waits for its image, or for the image of a volume.
pub(super) fn cannot_be_pulled(facts: &Facts) -> Option<Finding> {
    if facts.living().is_none() || facts.phase() == "Running" {
        return None;
    }
    let (reason, waiting, fallback) = from_pod(facts).or_else(|| from_instance(facts))?;
    // The back-off's message may have lost the registry's words; the event of the attempt has them.
    let attempt = facts
        .events
        .iter()
        .filter(|event| {
            text(event, "/involvedObject/kind") == "Pod" && text(event, "/reason") == "Failed"
        })
        .map(|event| text(event, "/message"))
        .find(|message| message.starts_with("Failed to pull image"));
    let image = quoted_image(waiting)
        .or_else(|| attempt.and_then(quoted_image))
        .unwrap_or(fallback);
    let words = if waiting.contains("rpc error") || attempt.is_none() {
        waiting
    } else {
        attempt.unwrap_or(waiting)
    };
    let registry = registry_words(words, image);
    let mut finding = Finding::new(
        State::Blocked,
        "ImagePull",
        format!("waits for the image {image}, which cannot be pulled"),
    );
    if let Some(volume) = volume_of(facts, image) {
        finding = finding.because(format!("it is the containerDisk of volume {volume}"));
    }
    finding = finding.because(if registry.is_empty() {
        format!("kubelet says {reason}")
    } else {
        format!("the registry's answer: {registry}")
    });
    Some(
        finding
            .remedy(remedy(reason, &registry))
            .remedy("when the template is corrected:")
            .remedy(facts.start_anew()),
    )
}

/// Reason, message, and the container's image.
type Waiting<'a> = (&'a str, &'a str, &'a str);

fn from_pod(facts: &Facts) -> Option<Waiting<'_>> {
    let pod = facts.pod()?;
    ["/status/initContainerStatuses", "/status/containerStatuses"]
        .iter()
        .flat_map(|pointer| list(pod, pointer))
        .find_map(|status| {
            let reason = text(status, "/state/waiting/reason");
            REASONS.contains(&reason).then(|| {
                (
                    reason,
                    text(status, "/state/waiting/message"),
                    text(status, "/image"),
                )
            })
        })
}

fn from_instance(facts: &Facts) -> Option<Waiting<'_>> {
    let condition = condition_is(facts.living()?, "Synchronized", "False")?;
    let reason = text(condition, "/reason");
    REASONS
        .contains(&reason)
        .then(|| (reason, text(condition, "/message"), "of its pod"))
}

/// `X` of `... image "X" ...`.
fn quoted_image(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("image \"")?;
    rest.split_once('"').map(|(image, _)| image)
}

/// The end of the chain of errors, which is what the registry, or the way to it, said.
fn registry_words(message: &str, image: &str) -> String {
    let tail = message
        .rsplit_once("\": ")
        .map_or(message, |(_, tail)| tail);
    let tail = tail.strip_prefix(image).unwrap_or(tail);
    tail.trim_start_matches([':', ' ']).trim().to_owned()
}

fn volume_of<'a>(facts: &'a Facts, image: &str) -> Option<&'a str> {
    list(facts.spec()?, "/volumes")
        .iter()
        .find(|volume: &&Value| text(volume, "/containerDisk/image") == image)
        .map(|volume| text(volume, "/name"))
}

fn remedy(reason: &str, words: &str) -> String {
    let words = words.to_lowercase();
    let has = |all: &[&str]| all.iter().any(|part| words.contains(part));
    let text = match reason {
        "InvalidImageName" => "correct the image's name in the template: it is not one",
        "ErrImageNeverPull" => {
            "the pull policy is Never and the node does not have the image: bring it there, or change imagePullPolicy"
        }
        "SignatureValidationFailed" => {
            "the image's signature is not accepted on the node: use a signed image, or have the policy changed"
        }
        _ if has(&["not found", "manifest unknown", "name unknown"]) => {
            "correct the image's name and tag in the template, or push the image; kubelet tries again by itself"
        }
        _ if has(&[
            "unauthorized",
            "denied",
            "authorization",
            "authentication",
            "401",
            "403",
        ]) =>
        {
            "the registry wants credentials: name a secret in containerDisk.imagePullSecret, or correct the image's name"
        }
        _ if has(&["no such host", "server misbehaving"]) => {
            "the node cannot find the registry's host name: correct it, or the node's name resolution"
        }
        _ if has(&["x509", "certificate"]) => {
            "the node does not trust the registry's certificate: install its CA on the nodes"
        }
        _ if has(&["http response to https"]) => {
            "the registry speaks plain HTTP: allow that in the nodes' container runtime, or give the registry a certificate"
        }
        _ if has(&[
            "refused",
            "timeout",
            "timed out",
            "unreachable",
            "i/o",
            "eof",
        ]) =>
        {
            "the node cannot reach the registry: look at the registry and the network; kubelet tries again by itself"
        }
        _ if has(&["toomanyrequests", "rate limit"]) => {
            "the registry limits pulls: wait, or use credentials or a mirror; kubelet tries again by itself"
        }
        _ if has(&["no space left"]) => {
            "the node's disk is full: make room there; kubelet tries again by itself"
        }
        _ => "correct the image, or its registry; kubelet tries again by itself",
    };
    text.to_owned()
}
