//! What to do about a VirtualMachineInstanceReplicaSet: how many instances there are to be, which go, what its status says.
//!
//! [`plan`] is a function of what was observed. The actions come in the order in which they are to be carried out; the first
//! one that fails ends the round. A plan made from the result of another contains nothing.

mod instance;
mod member;
mod status;
#[cfg(test)]
mod tests;

pub use member::Member;

use k8s_openapi::jiff::Timestamp;
use kubevirt_api::names::reason;
use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstanceReplicaSet};
use serde_json::{Value, json};

use crate::vmi::{Notice, merge_patch};

/// Most instances that one round makes or deletes, so that no set starves the others.
const BURST: usize = 50;

/// What is known.
#[derive(Debug)]
pub struct Observed<'a> {
    /// The set.
    pub set: &'a VirtualMachineInstanceReplicaSet,
    /// The instances of its namespace that it controls, or that its selector finds and nobody controls.
    pub members: &'a [Member],
    /// The last refusal, while it is not yet to be tried again.
    pub failure: Option<Failure<'a>>,
}

/// Something that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure<'a> {
    /// `FailedCreate` or `FailedDelete`.
    pub reason: &'a str,
    /// The API server's words.
    pub message: &'a str,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Write the set's status with this JSON merge patch, which is bound to the version that was observed.
    PatchStatus(Value),
    /// Change an instance with this JSON merge patch: take it over, or let it go.
    PatchInstance {
        /// Its name.
        name: String,
        /// The patch.
        patch: Value,
    },
    /// POST this instance; the API server completes its name.
    CreateInstance(Box<VirtualMachineInstance>),
    /// DELETE the instance, if it still has this UID.
    DeleteInstance {
        /// Its name.
        name: String,
        /// Its UID.
        uid: String,
    },
    /// Tell the user.
    Notify(Notice),
}

/// Decides what is to be done now.
///
/// # Errors
/// When the object cannot be expressed in JSON.
pub fn plan(observed: &Observed<'_>, now: Timestamp) -> Result<Vec<Action>, serde_json::Error> {
    let set = observed.set;
    let mut actions = Vec::new();
    // Whoever deletes the set says what becomes of the instances; the garbage collector carries it out.
    if set.metadata.deletion_timestamp.is_none() {
        adopt(observed, &mut actions);
        let paused = set.spec.paused.unwrap_or_default();
        if !paused && observed.failure.is_none() {
            scale(observed, &mut actions);
        }
    }
    let before = set.status.clone().unwrap_or_default();
    let status = status::status(observed, now);
    if let Some(patch) = merge_patch::between(&before, &status)? {
        let mut patch = json!({ "status": patch });
        let version = set.metadata.resource_version.as_deref();
        merge_patch::bind(&mut patch, version.unwrap_or_default());
        // First: what follows may change all of it, and then its own news bring the next round.
        actions.insert(0, Action::PatchStatus(patch));
        let notices = status::notices(&before, &status).into_iter();
        actions.extend(notices.map(Action::Notify));
    }
    Ok(actions)
}

/// Takes over what the selector finds and nobody controls, and lets go of what it does not find any more.
fn adopt(observed: &Observed<'_>, actions: &mut Vec<Action>) {
    for member in observed.members.iter().filter(|member| !member.deleting) {
        let patch = match (member.controlled, member.selected) {
            (false, true) => instance::adoption(observed.set, member),
            (true, false) => instance::release(observed.set, member),
            _ => continue,
        };
        actions.push(Action::PatchInstance {
            name: member.name.clone(),
            patch,
        });
    }
}

fn scale(observed: &Observed<'_>, actions: &mut Vec<Action>) {
    let wanted = usize::try_from(observed.set.spec.replicas.unwrap_or(1)).unwrap_or_default();
    // Those that have ended are replaced.
    let ended = observed
        .members
        .iter()
        .filter(|member| member.counts_as_ours() && member.ended);
    let mut gone: Vec<&Member> = ended.collect();
    let mut live: Vec<&Member> = observed
        .members
        .iter()
        .filter(|member| member.is_live())
        .collect();
    let missing = wanted.saturating_sub(live.len());
    if live.len() > wanted {
        live.sort_by(|first, second| first.goes_before(second));
        gone.extend(live.iter().take(live.len() - wanted));
    }
    for member in gone.into_iter().take(BURST) {
        actions.push(Action::DeleteInstance {
            name: member.name.clone(),
            uid: member.uid.clone(),
        });
        actions.push(notice(
            reason::SUCCESSFUL_DELETE,
            format!(
                "Stopped the virtual machine by deleting the virtual machine instance {}",
                member.name
            ),
        ));
    }
    for _ in 0..missing.min(BURST) {
        actions.push(Action::CreateInstance(Box::new(instance::instance(
            observed.set,
        ))));
    }
}

fn notice(reason: &'static str, message: String) -> Action {
    Action::Notify(Notice {
        warning: false,
        reason,
        message,
    })
}
