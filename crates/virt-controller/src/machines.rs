//! Carries out plans for VirtualMachines.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::jiff::Timestamp;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams, Preconditions};
use kubevirt_api::names::reason;
use kubevirt_api::{VirtualMachine, VirtualMachineInstance};
use kubevirt_core::vm::{self, Action, Observed};

use crate::context::{Context, machine_reference};
use crate::failures::{Failures, Memory};
use crate::instances::claims;
use crate::instancetypes::{self, Kept};
use crate::key::Key;
use crate::outcome::{self, Outcome, describe, is_already_there, is_conflict, is_gone};
use crate::volume_requests;

/// Works on the queue for ever.
pub(crate) async fn work(context: Arc<Context>) {
    loop {
        let key = context.machine_queue.next().await;
        let outcome = round(&context, &key).await;
        let uid = context
            .machines
            .get(&key)
            .map(|machine| machine.uid.to_string())
            .unwrap_or_default();
        let after = outcome::settle(&context, &context.machine_failures, &key, &uid, outcome);
        context.machine_queue.done(&key);
        if let Some(after) = after {
            context.machine_queue.add_after(key, after);
        }
    }
}

/// Looks at one object and does what is to be done now.
async fn round(context: &Context, key: &Key) -> Outcome {
    let Some(compact) = context.machines.get(key) else {
        context.machine_failures.forget(key);
        return Outcome::Settled(None);
    };
    let machine: VirtualMachine = match compact.decode() {
        Ok(machine) => machine,
        Err(error) => {
            tracing::warn!(%key, %error, "the object does not fit the schema and is left alone");
            return Outcome::Settled(None);
        }
    };
    let instance = context.instances.get(key);
    let instance: Option<VirtualMachineInstance> = match instance
        .map(|instance| instance.decode())
        .transpose()
    {
        Ok(instance) => instance,
        Err(error) => {
            tracing::warn!(%key, %error, "the instance does not fit the schema and is left alone");
            return Outcome::Settled(None);
        }
    };
    let uid = compact.uid.to_string();
    let look_again = match instancetypes::keep(context, key, &uid, &machine).await {
        Kept::Yes => None,
        Kept::NotYet(after) => Some(after),
        Kept::Ended(outcome) => return outcome,
    };
    let failure = context.machine_failures.of(key, &uid).failure();
    let claims = claims(context, key, &compact.claims);
    let observed = Observed {
        machine: &machine,
        instance: instance.as_ref(),
        claims: &claims,
        failure: failure.as_ref(),
    };
    let plan = match vm::plan(&observed, Timestamp::now(), chance(&uid)) {
        Ok(plan) => plan,
        Err(error) => return Outcome::Failed(format!("no plan can be made: {error}")),
    };
    let about = machine_reference(&machine);
    for action in plan.actions {
        match carry_out(context, key, &uid, &machine, &about, action).await {
            Outcome::Settled(None) => {}
            other => return other,
        }
    }
    let planned = plan
        .requeue_after
        .and_then(|after| Duration::try_from(after).ok());
    Outcome::Settled(planned.into_iter().chain(look_again).min())
}

/// A number in 0..=1 that is not the same for all machines or at all times.
fn chance(uid: &str) -> f64 {
    use std::hash::{BuildHasher, RandomState};
    // RandomState is seeded by the system.
    f64::from(u32::try_from(RandomState::new().hash_one(uid) >> 32).unwrap_or(0))
        / f64::from(u32::MAX)
}

async fn carry_out(
    context: &Context,
    key: &Key,
    uid: &str,
    machine: &VirtualMachine,
    about: &ObjectReference,
    action: Action,
) -> Outcome {
    let machines = || context.api::<VirtualMachine>(key.namespace());
    let instances = || context.api::<VirtualMachineInstance>(key.namespace());
    match action {
        Action::Notify(notice) => {
            context.tell(about, &notice);
            Outcome::Settled(None)
        }
        Action::Patch(patch) => {
            context.figures.writes.inc();
            let answer = machines()
                .patch(key.name(), &PatchParams::default(), &Patch::Merge(patch))
                .await;
            written(context, answer)
        }
        Action::ChangeVolumes(patch) => volume_requests::carry_out(context, key, uid, patch).await,
        Action::PatchStatus(patch) => {
            context.figures.writes.inc();
            let answer = machines()
                .patch_status(key.name(), &PatchParams::default(), &Patch::Merge(patch))
                .await;
            written(context, answer)
        }
        Action::CreateInstance(mut instance) => {
            let completed =
                instancetypes::complete(context, key, uid, machine, &mut instance).await;
            if let Err(outcome) = completed {
                return outcome;
            }
            let object = match serde_json::to_value(&*instance).and_then(serde_json::from_value) {
                Ok(object) => object,
                Err(error) => {
                    return Outcome::Failed(format!(
                        "the instance cannot be expressed in JSON: {error}"
                    ));
                }
            };
            context.figures.writes.inc();
            match instances().create(&PostParams::default(), &object).await {
                Ok(created) => {
                    context.machine_failures.update(key, uid, Memory::created);
                    context.see_instance(created);
                    Outcome::Settled(None)
                }
                // Ours from a POST whose answer was lost, or another's: seeing it tells.
                Err(error) if is_already_there(&error) => {
                    match instances().get_opt(key.name()).await {
                        Ok(Some(found)) => {
                            context.machine_failures.update(key, uid, Memory::created);
                            context.see_instance(found);
                            Outcome::Again
                        }
                        Ok(None) => Outcome::Stale,
                        Err(error) => Outcome::Failed(format!(
                            "cannot read the instance: {}",
                            describe(&error)
                        )),
                    }
                }
                Err(error) if outcome::is_without_answer(&error) => Outcome::Failed(format!(
                    "no answer about the instance: {}",
                    describe(&error)
                )),
                Err(error) => refused(
                    &context.machine_failures,
                    key,
                    uid,
                    reason::FAILED_CREATE,
                    describe(&error),
                ),
            }
        }
        Action::DeleteInstance { uid: instance } => {
            let only = DeleteParams::default().preconditions(Preconditions {
                uid: Some(instance),
                resource_version: None,
            });
            context.figures.writes.inc();
            match instances().delete(key.name(), &only).await {
                Ok(answer) => {
                    if let Some(object) = answer.left() {
                        context.see_instance(object);
                    }
                    context.machine_failures.update(key, uid, Memory::created);
                    Outcome::Settled(None)
                }
                Err(error) if is_gone(&error) || is_conflict(&error) => Outcome::Stale,
                Err(error) if outcome::is_without_answer(&error) => Outcome::Failed(format!(
                    "no answer about the end of the instance: {}",
                    describe(&error)
                )),
                Err(error) => {
                    let outcome = refused(
                        &context.machine_failures,
                        key,
                        uid,
                        reason::FAILED_DELETE,
                        describe(&error),
                    );
                    // The plan asks for it again whatever the status says: not at once.
                    if outcome == Outcome::Again {
                        Outcome::Settled(Some(Duration::from_secs(5)))
                    } else {
                        outcome
                    }
                }
            }
        }
    }
}

/// Notes that something was refused, for the status to say it and for a later try.
pub(crate) fn refused(
    failures: &Failures,
    key: &Key,
    uid: &str,
    reason: &'static str,
    message: String,
) -> Outcome {
    tracing::info!(%key, reason, %message, "refused");
    failures.update(key, uid, |memory| {
        memory.refused(reason, message, Timestamp::now())
    });
    Outcome::Again
}

/// What the answer to a write of a machine means.
pub(crate) fn written(
    context: &Context,
    answer: Result<kube::core::DynamicObject, kube::Error>,
) -> Outcome {
    match answer {
        Ok(object) => {
            let gone = object.metadata.deletion_timestamp.is_some()
                && object
                    .metadata
                    .finalizers
                    .as_ref()
                    .is_none_or(Vec::is_empty);
            if !gone {
                context.see_machine(object);
            }
            Outcome::Settled(None)
        }
        Err(error) if is_gone(&error) => Outcome::Stale,
        Err(error) if is_conflict(&error) => {
            context.figures.conflicts.inc();
            Outcome::Stale
        }
        Err(error) => Outcome::Failed(format!("cannot write the object: {}", describe(&error))),
    }
}
