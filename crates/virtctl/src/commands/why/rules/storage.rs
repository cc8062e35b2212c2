//! Claims and DataVolumes that the machine's volumes name.

use serde_json::Value;

use super::super::diagnosis::{Finding, State};
use super::super::facts::Facts;
use super::super::look::{condition, is_deleting, list, name, span, text, time};
use crate::suggest::{either, near};

/// A volume of the machine that is on a claim.
struct Volume<'a> {
    /// The volume's name.
    name: &'a str,
    /// The claim's name.
    claim: &'a str,
    /// Whether a DataVolume makes the claim.
    imported: bool,
}

/// The volumes that are on claims.
fn volumes(facts: &Facts) -> Vec<Volume<'_>> {
    if !facts.is_preparing() {
        return Vec::new();
    }
    let Some(spec) = facts.spec() else {
        return Vec::new();
    };
    list(spec, "/volumes")
        .iter()
        .filter_map(|volume| {
            [
                ("/persistentVolumeClaim/claimName", false),
                ("/ephemeral/persistentVolumeClaim/claimName", false),
                ("/dataVolume/name", true),
            ]
            .iter()
            .map(|(pointer, imported)| (text(volume, pointer), *imported))
            .find(|(claim, _)| !claim.is_empty())
            .map(|(claim, imported)| Volume {
                name: name_of(volume),
                claim,
                imported,
            })
        })
        .collect()
}

fn name_of(volume: &Value) -> &str {
    text(volume, "/name")
}

fn find<'a>(objects: Option<&'a [Value]>, wanted: &str) -> Option<&'a Value> {
    objects?.iter().find(|object| name(object) == wanted)
}

/// A DataVolume is wanted, and nothing in the cluster makes one.
pub(super) fn importer_absent(facts: &Facts) -> Option<Finding> {
    if !facts.no_importer {
        return None;
    }
    let volume = volumes(facts)
        .into_iter()
        .find(|volume| volume.imported && find(facts.claims.as_deref(), volume.claim).is_none())?;
    Some(
        Finding::new(
            State::Blocked,
            "ImporterAbsent",
            format!(
                "waits for DataVolume {} of volume {}, and nothing in this cluster makes DataVolumes",
                volume.claim, volume.name
            ),
        )
        .because("the API server does not know the kind DataVolume: CDI is not installed")
        .remedy("install CDI, or name a PersistentVolumeClaim with the data in place of the DataVolume"),
    )
}

/// An import, a copy or an upload failed.
pub(super) fn data_volume_failed(facts: &Facts) -> Option<Finding> {
    for volume in volumes(facts) {
        let Some(data_volume) = find(facts.data_volumes.as_deref(), volume.claim) else {
            continue;
        };
        let running = condition(data_volume, "Running")
            .filter(|condition| text(condition, "/status") == "False")
            .filter(|condition| matches!(text(condition, "/reason"), "Error" | "ImagePullFailed"));
        let bound = condition(data_volume, "Bound")
            .filter(|condition| text(condition, "/reason") == "ErrExceededQuota");
        let failed = text(data_volume, "/status/phase") == "Failed";
        if failed || running.is_some() || bound.is_some() {
            let words = running
                .or(bound)
                .or_else(|| condition(data_volume, "Running"))
                .map_or("", |condition| text(condition, "/message"));
            return Some(
                Finding::new(
                    State::Blocked,
                    "DataVolumeFailed",
                    format!("waits for DataVolume {}, which fails", volume.claim),
                )
                .because(words)
                .remedy("remove the cause that the DataVolume and its importer pod tell; a DataVolume that is Failed has to be made anew:")
                .remedy(facts.kubectl(&format!("describe datavolume {}", volume.claim)))
                .remedy(facts.kubectl("get pods -l app=containerized-data-importer")),
            );
        }
    }
    None
}

/// A claim does not exist.
pub(super) fn claim_missing(facts: &Facts) -> Option<Finding> {
    let claims = facts.claims.as_deref()?;
    let volume = volumes(facts).into_iter().find(|volume| {
        find(Some(claims), volume.claim).is_none()
            && !(volume.imported && find(facts.data_volumes.as_deref(), volume.claim).is_some())
    })?;
    let near = near(volume.claim, claims.iter().map(name));
    let mut finding = Finding::new(
        State::Blocked,
        "ClaimMissing",
        format!(
            "waits for PersistentVolumeClaim {} of volume {}, which does not exist in namespace {}",
            volume.claim, volume.name, facts.namespace
        ),
    );
    if volume.imported {
        finding = finding.because(format!("there is no DataVolume {} either", volume.claim));
    }
    if !near.is_empty() {
        finding = finding.remedy(format!("did you mean {}?", either(&near)));
    }
    Some(
        finding
            .remedy("create the claim, the machine starts by itself then; or correct the name in the template and")
            .remedy(facts.start_anew()),
    )
}

/// A claim has lost its volume, or is being deleted.
pub(super) fn claim_lost(facts: &Facts) -> Option<Finding> {
    for volume in volumes(facts) {
        let Some(claim) = find(facts.claims.as_deref(), volume.claim) else {
            continue;
        };
        let says = if text(claim, "/status/phase") == "Lost" {
            "has lost its PersistentVolume"
        } else if is_deleting(claim) {
            "is being deleted"
        } else {
            continue;
        };
        return Some(
            Finding::new(
                State::Blocked,
                "ClaimLost",
                format!(
                    "needs PersistentVolumeClaim {} of volume {}, which {says}",
                    volume.claim, volume.name
                ),
            )
            .remedy("bring the volume back, or make a new claim with the data")
            .remedy(facts.kubectl(&format!("describe pvc {}", volume.claim))),
        );
    }
    None
}

/// A DataVolume is being filled.
pub(super) fn data_volume_goes_on(facts: &Facts) -> Option<Finding> {
    for volume in volumes(facts) {
        let Some(data_volume) = find(facts.data_volumes.as_deref(), volume.claim) else {
            continue;
        };
        let phase = text(data_volume, "/status/phase");
        if matches!(
            phase,
            "Succeeded" | "WaitForFirstConsumer" | "PendingPopulation"
        ) {
            continue;
        }
        let progress = text(data_volume, "/status/progress");
        let mut finding = Finding::new(
            State::Waiting,
            "DataVolumeInProgress",
            format!("waits for DataVolume {} to be filled", volume.claim),
        )
        .because(format!(
            "it is in phase {}",
            if phase.is_empty() { "Pending" } else { phase }
        ));
        if !progress.is_empty() && progress != "N/A" {
            finding = finding.because(format!("{progress} done"));
        }
        return Some(
            finding
                .remedy("wait:")
                .remedy(facts.kubectl(&format!("get datavolume {} --watch", volume.claim))),
        );
    }
    None
}

/// A claim has no volume yet.
pub(super) fn claim_unbound(facts: &Facts) -> Option<Finding> {
    let (volume, claim) = volumes(facts).into_iter().find_map(|volume| {
        let claim = find(facts.claims.as_deref(), volume.claim)?;
        (text(claim, "/status/phase") == "Pending").then_some((volume, claim))
    })?;
    let summary = format!(
        "waits for PersistentVolumeClaim {} of volume {} to be bound",
        volume.claim, volume.name
    );
    let describe = facts.kubectl(&format!("describe pvc {}", volume.claim));
    let class = text(claim, "/spec/storageClassName");
    if let Some(classes) = &facts.storage_classes {
        let by_default = "storageclass.kubernetes.io/is-default-class";
        if class.is_empty()
            && claim.pointer("/spec/storageClassName").is_none()
            && !classes.iter().any(|class| {
                class
                    .pointer("/metadata/annotations")
                    .and_then(|all| all.get(by_default))
                    .and_then(Value::as_str)
                    == Some("true")
            })
        {
            return Some(
                Finding::new(State::Blocked, "NoStorageClass", summary)
                    .because("it names no storage class, and the cluster has no default one")
                    .remedy("make the claim anew with one of the storage classes, or have a default set:")
                    .remedy("$ kubectl get storageclass"),
            );
        }
        if !class.is_empty() && !classes.iter().any(|object| name(object) == class) {
            let near = near(class, classes.iter().map(name));
            let mut finding = Finding::new(State::Blocked, "NoStorageClass", summary)
                .because(format!("its storage class {class} does not exist"));
            if !near.is_empty() {
                finding = finding.remedy(format!("did you mean {}?", either(&near)));
            }
            return Some(
                finding
                    .remedy("make the claim anew with a storage class that exists, or create that class:")
                    .remedy("$ kubectl get storageclass"),
            );
        }
    }
    let about = |reason: &str| {
        facts.events.iter().find(|event| {
            text(event, "/involvedObject/kind") == "PersistentVolumeClaim"
                && text(event, "/involvedObject/name") == volume.claim
                && text(event, "/reason") == reason
        })
    };
    if let Some(failed) = about("ProvisioningFailed").or_else(|| about("FailedBinding")) {
        return Some(
            Finding::new(State::Blocked, "ProvisioningFailed", summary)
                .because(text(failed, "/message"))
                .remedy("remove what the message names; the provisioner tries again by itself")
                .remedy(describe),
        );
    }
    let waits = facts.storage_classes.as_ref().is_some_and(|classes| {
        classes.iter().any(|object| {
            name(object) == class && text(object, "/volumeBindingMode") == "WaitForFirstConsumer"
        })
    });
    let since = time(claim, "/metadata/creationTimestamp").map_or(0, |time| facts.since(time));
    let mut finding = Finding::new(State::Waiting, "ClaimUnbound", summary);
    finding = if waits {
        finding.because("its storage class makes the volume when the machine's pod has a node, which takes some seconds")
    } else {
        finding.because(format!("its volume is being made since {}", span(since)))
    };
    Some(
        finding
            .remedy("wait; if it lasts, look at the provisioner of its storage class:")
            .remedy(describe)
            .remedy("$ kubectl get storageclass,pv"),
    )
}
