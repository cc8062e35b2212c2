//! VirtualMachines that name an instancetype or a preference: what these say is kept in revisions, and completes the instance.
//! The others cost nothing here.

use std::time::Duration;

use k8s_openapi::api::apps::v1::ControllerRevision;
use k8s_openapi::jiff::Timestamp;
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use kubevirt_api::names::reason;
use kubevirt_api::{InstancetypeStatusRef, VirtualMachine, VirtualMachineInstance};
use kubevirt_core::instancetype::{
    self, Matcher, Selection, Wanted, controller_revision, expand, expand_instance, is_named,
    status_reference, wanted, written_out,
};
use kubevirt_core::vmi::merge_patch;
use kubevirt_runtime::instancetypes::{FindError, Finder};
use serde_json::{Value, json};

use crate::context::Context;
use crate::failures::Memory;
use crate::key::Key;
use crate::machines::{refused, written};
use crate::outcome::{Outcome, describe, is_already_there};

/// How a round goes on after the revisions have been looked at.
pub(crate) enum Kept {
    /// Everything is as it is to be.
    Yes,
    /// It could not be done; try again after this time. The status says why.
    NotYet(Duration),
    /// The round ends here.
    Ended(Outcome),
}

/// What could not be done.
enum Problem {
    /// The user has to do something.
    Lasting(&'static str, String),
    /// It may go away by itself.
    Passing(String),
}

/// Keeps in revisions what a machine names, and says so in its status; or writes it out where the settings want that.
pub(crate) async fn keep(
    context: &Context,
    key: &Key,
    uid: &str,
    machine: &VirtualMachine,
) -> Kept {
    let status = machine.status.as_ref();
    let kept = status
        .is_some_and(|status| status.instancetype_ref.is_some() || status.preference_ref.is_some());
    if !(is_named(machine) || kept) || machine.metadata.deletion_timestamp.is_some() {
        return Kept::Yes;
    }
    let config = context.config.borrow().clone();
    let policy = &config.instancetype_reference_policy;
    let write_out = instancetype::is_to_be_expanded(machine, policy);
    let wanted = match wanted(machine) {
        Ok(wanted) => wanted,
        Err(error) => {
            let message = error.to_string();
            return wait(context, key, uid).unwrap_or_else(|| {
                let reason = reason::FAILED_FIND_INSTANCETYPE;
                Kept::Ended(refused(
                    &context.machine_failures,
                    key,
                    uid,
                    reason,
                    message,
                ))
            });
        }
    };
    if !write_out && wanted.iter().all(|one| *one == Wanted::Nothing) {
        return Kept::Yes;
    }
    if let Some(wait) = wait(context, key, uid) {
        return wait;
    }
    let done = if write_out {
        write(context, key, machine).await
    } else {
        store(context, key, machine, wanted).await
    };
    Kept::Ended(match done {
        Ok(outcome) => {
            context.machine_failures.update(key, uid, Memory::created);
            outcome
        }
        Err(Problem::Lasting(reason, message)) => {
            refused(&context.machine_failures, key, uid, reason, message)
        }
        Err(Problem::Passing(message)) => Outcome::Failed(message),
    })
}

/// Whether a refusal is to be waited out first.
fn wait(context: &Context, key: &Key, uid: &str) -> Option<Kept> {
    let failure = context.machine_failures.of(key, uid).failure()?;
    let left = failure.retry_at.duration_since(Timestamp::now());
    Duration::try_from(left)
        .ok()
        .filter(|left| !left.is_zero())
        .map(Kept::NotYet)
}

/// Makes the revisions that are wanted, and notes them in the status in one write.
async fn store(
    context: &Context,
    key: &Key,
    machine: &VirtualMachine,
    wanted: [Wanted; 2],
) -> Result<Outcome, Problem> {
    let mut status = serde_json::Map::new();
    let fields = [
        ("instancetypeRef", reason::FAILED_FIND_INSTANCETYPE),
        ("preferenceRef", reason::FAILED_FIND_PREFERENCE),
    ];
    for (one, (field, reason)) in wanted.into_iter().zip(fields) {
        let reference: Option<InstancetypeStatusRef> = match one {
            Wanted::Nothing => continue,
            Wanted::Cleared => None,
            Wanted::Named(matcher, revision) => Some(status_reference(&matcher, &revision)),
            Wanted::Made(matcher) => {
                let revision = make(context, key, machine, &matcher, reason).await?;
                Some(status_reference(&matcher, &revision))
            }
        };
        let value = serde_json::to_value(reference).map_err(|error| {
            Problem::Passing(format!("a reference cannot be expressed in JSON: {error}"))
        })?;
        status.insert(field.to_owned(), value);
    }
    let patch = json!({ "status": status });
    context.figures.writes.inc();
    let answer = context
        .api::<VirtualMachine>(key.namespace())
        .patch_status(key.name(), &PatchParams::default(), &bound(machine, patch))
        .await;
    Ok(again(written(context, answer)))
}

/// Makes the revision of an object as it is now; its name.
async fn make(
    context: &Context,
    key: &Key,
    machine: &VirtualMachine,
    matcher: &Matcher,
    reason: &'static str,
) -> Result<String, Problem> {
    let finder = Finder::new(context.client.clone());
    let current = finder
        .current(matcher, key.namespace())
        .await
        .map_err(|error| problem(reason, &error))?;
    let revision = controller_revision(machine, matcher, &current.metadata, &current.spec);
    let name = revision.metadata.name.clone().unwrap_or_default();
    let api: Api<ControllerRevision> = Api::namespaced(context.client.clone(), key.namespace());
    context.figures.writes.inc();
    match api.create(&PostParams::default(), &revision).await {
        Ok(_) => Ok(name),
        // The name says what it holds.
        Err(error) if is_already_there(&error) => Ok(name),
        Err(error) => Err(Problem::Passing(format!(
            "cannot keep {} {} in a revision: {}",
            matcher.kind.name(),
            matcher.name,
            describe(&error)
        ))),
    }
}

/// Writes into the machine what it names.
async fn write(context: &Context, key: &Key, machine: &VirtualMachine) -> Result<Outcome, Problem> {
    let selection = selection(context, key, machine).await?;
    let config = context.config.borrow().clone();
    let template = expand(&machine.spec.template, &selection, &config).map_err(|conflicts| {
        let texts: Vec<_> = conflicts.iter().map(ToString::to_string).collect();
        Problem::Lasting(reason::FAILED_CREATE, texts.join("; "))
    })?;
    let after = written_out(machine, template);
    let patch = merge_patch::between(&machine.spec, &after.spec)
        .map_err(|error| {
            Problem::Passing(format!("the change cannot be expressed in JSON: {error}"))
        })?
        .unwrap_or_else(|| json!({}));
    context.figures.writes.inc();
    let answer = context
        .api::<VirtualMachine>(key.namespace())
        .patch(
            key.name(),
            &PatchParams::default(),
            &bound(machine, json!({ "spec": patch })),
        )
        .await;
    Ok(again(written(context, answer)))
}

/// Completes the instance that a machine makes with what the machine names.
pub(crate) async fn complete(
    context: &Context,
    key: &Key,
    uid: &str,
    machine: &VirtualMachine,
    instance: &mut VirtualMachineInstance,
) -> Result<(), Outcome> {
    if !is_named(machine) {
        return Ok(());
    }
    let selection = match selection(context, key, machine).await {
        Ok(selection) => selection,
        Err(Problem::Lasting(reason, message)) => {
            return Err(refused(
                &context.machine_failures,
                key,
                uid,
                reason,
                message,
            ));
        }
        Err(Problem::Passing(message)) => return Err(Outcome::Failed(message)),
    };
    let config = context.config.borrow().clone();
    expand_instance(instance, &selection, &config).map_err(|conflicts| {
        let texts: Vec<_> = conflicts.iter().map(ToString::to_string).collect();
        refused(
            &context.machine_failures,
            key,
            uid,
            reason::FAILED_CREATE,
            texts.join("; "),
        )
    })
}

async fn selection(
    context: &Context,
    key: &Key,
    machine: &VirtualMachine,
) -> Result<Selection, Problem> {
    let finder = Finder::new(context.client.clone());
    let (instancetype, preference) = tokio::join!(
        finder.instancetype(machine, key.namespace()),
        finder.preference(machine, key.namespace())
    );
    Ok(Selection {
        instancetype: instancetype
            .map_err(|error| problem(reason::FAILED_FIND_INSTANCETYPE, &error))?
            .instancetype,
        preference: preference
            .map_err(|error| problem(reason::FAILED_FIND_PREFERENCE, &error))?
            .preference,
    })
}

fn problem(reason: &'static str, error: &FindError) -> Problem {
    if error.is_lasting() {
        Problem::Lasting(reason, error.to_string())
    } else {
        Problem::Passing(error.to_string())
    }
}

fn bound(machine: &VirtualMachine, mut patch: Value) -> Patch<Value> {
    let version = machine.metadata.resource_version.as_deref();
    merge_patch::bind(&mut patch, version.unwrap_or_default());
    Patch::Merge(patch)
}

/// What was written is looked at anew.
fn again(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Settled(_) => Outcome::Again,
        other => other,
    }
}
