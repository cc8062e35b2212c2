//! What to do about a VirtualMachine: run strategies, start and stop requests, status.
//!
//! [`plan`] is a function of what was observed. It returns actions in the order in which they are to be carried out; the
//! first one that fails ends the round. A plan made from the result of another contains nothing.

mod back_off;
mod deletion;
mod observed;
mod printable_status;
mod recorded;
mod restart;
mod run_strategy;
mod status;
mod template;
#[cfg(test)]
mod tests;
mod volume_requests;

pub use observed::{Action, Failure, Observed, Plan};
pub use recorded::has_recorded;
pub use restart::{TemplateChange, template_change};

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kubevirt_api::names::reason::HOT_PLUG_VOLUME_ERROR;
use kubevirt_api::names::{finalizer, reason};
use serde_json::json;

use crate::vmi::{Notice, merge_patch};
use run_strategy::Decision;

/// How long a status that says no more than `Starting` may wait for the instance's first news, so that one write says both.
const FIRST_NEWS: SignedDuration = SignedDuration::from_secs(2);

/// Decides what is to be done now. `chance` in 0..=1 is the random part of back-offs.
///
/// # Errors
/// When the object cannot be expressed in JSON.
pub fn plan(
    observed: &Observed<'_>,
    now: Timestamp,
    chance: f64,
) -> Result<Plan, serde_json::Error> {
    let machine = observed.machine;
    if machine.metadata.deletion_timestamp.is_some() {
        return deletion::plan(observed);
    }
    let mut plan = Plan::default();
    let finalizers = machine.metadata.finalizers.clone().unwrap_or_default();
    if !finalizers
        .iter()
        .any(|name| name == finalizer::VM_CONTROLLER)
    {
        // The mutating webhook has set it; an object from before the webhook has none. It must be there before the instance.
        let finalizers: Vec<_> = finalizers
            .into_iter()
            .chain([finalizer::VM_CONTROLLER.to_owned()])
            .collect();
        plan.actions.push(Action::Patch(bound(
            observed,
            json!({ "metadata": { "finalizers": finalizers } }),
        )));
        return Ok(plan);
    }

    let volumes = volume_requests::spec_change(machine)?;
    let observed = &about_what_waits(observed, volumes.is_some());
    let state = recorded::record(observed, now, chance);
    let decision = run_strategy::decide(observed, &state, now);
    if let Some(spec) = run_strategy::spec_change(observed, &state) {
        plan.actions
            .push(Action::Patch(bound(observed, json!({ "spec": spec }))));
        return Ok(plan);
    }
    let later = observed
        .failure
        .filter(|failure| failure.retry_at > now)
        .map(|failure| (failure.reason == HOT_PLUG_VOLUME_ERROR, failure.retry_at));
    if let Some(spec) = volumes {
        match later {
            // What was refused waits, and nothing else with it.
            Some((true, retry)) => plan.requeue(Some(retry.duration_since(now))),
            _ => {
                let patch = bound(observed, json!({ "spec": spec }));
                plan.actions.push(Action::ChangeVolumes(patch));
                return Ok(plan);
            }
        }
    }
    let retry = later
        .filter(|(about_volumes, _)| !about_volumes)
        .map(|(_, retry)| retry);
    let create = match decision {
        // What was refused is tried again after a while; until then the status says why.
        Decision::Create if retry.is_none() => true,
        Decision::Create => {
            plan.requeue(retry.map(|retry| retry.duration_since(now)));
            false
        }
        Decision::WaitUntil(time) => {
            plan.requeue(Some(time.duration_since(now)));
            false
        }
        Decision::Delete | Decision::Nothing => false,
    };
    if let Some(identity) = template::missing_identity(machine).filter(|_| create) {
        plan.actions
            .push(Action::Patch(bound(observed, json!({ "spec": identity }))));
        return Ok(plan);
    }
    if create {
        let name = observed.name();
        plan.actions
            .push(Action::CreateInstance(Box::new(template::instance(
                machine, &state,
            ))));
        plan.notify(Notice {
            warning: false,
            reason: reason::SUCCESSFUL_CREATE,
            message: format!(
                "Started the virtual machine by creating the new virtual machine instance {name}"
            ),
        });
        // The status follows when the instance is seen.
        return Ok(plan);
    }
    let deleting = decision == Decision::Delete;
    let status = status::status(observed, &state, decision, now);
    let before = machine.status.clone().unwrap_or_default();
    if let Some(patch) = merge_patch::between(&before, &status)? {
        match status::may_wait(observed, now).filter(|_| !deleting) {
            Some(wait) => plan.requeue(Some(wait)),
            None => {
                plan.actions.push(Action::PatchStatus(bound(
                    observed,
                    json!({ "status": patch }),
                )));
                plan.actions
                    .extend(status::failure_notice(observed, &before).map(Action::Notify));
                let dropped = volume_requests::notices(machine);
                plan.actions.extend(dropped.into_iter().map(Action::Notify));
            }
        }
    }
    if deleting {
        plan.actions.extend(deletion::delete_instance(observed));
    }
    Ok(plan)
}

/// Without a refusal of volumes that nobody asks for any more.
fn about_what_waits<'a>(observed: &Observed<'a>, volumes: bool) -> Observed<'a> {
    Observed {
        failure: observed
            .failure
            .filter(|failure| volumes || failure.reason != HOT_PLUG_VOLUME_ERROR),
        ..*observed
    }
}

fn bound(observed: &Observed<'_>, mut patch: serde_json::Value) -> serde_json::Value {
    merge_patch::bind(
        &mut patch,
        observed
            .machine
            .metadata
            .resource_version
            .as_deref()
            .unwrap_or_default(),
    );
    patch
}
