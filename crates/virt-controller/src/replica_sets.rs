//! Carries out plans for VirtualMachineInstanceReplicaSets.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::jiff::Timestamp;
use kube::Resource;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams, Preconditions};
use kube::core::DynamicObject;
use kubevirt_api::names::reason;
use kubevirt_api::{VirtualMachineInstance, VirtualMachineInstanceReplicaSet};
use kubevirt_core::replica_set::{self, Action, Failure, Member, Observed};
use kubevirt_core::vmi::Notice;

use crate::compact::{self, Compact};
use crate::context::Context;
use crate::failures::Memory;
use crate::key::Key;
use crate::machines::refused;
use crate::outcome::{self, Outcome, describe, is_conflict, is_gone};

/// Where the specification of the instances is.
const SPEC: &str = "/spec/template/spec";

/// A set was seen, or is the answer to a write.
pub(crate) fn see(context: &Context, object: DynamicObject) {
    let (key, version) = (
        Key::of(&object.metadata),
        compact::version(&object.metadata),
    );
    match Compact::new(object, SPEC) {
        Ok(compact) => {
            if context.sets.put(key.clone(), version, compact).is_some() {
                context.set_queue.add(key);
            }
        }
        Err(error) => tracing::warn!(%key, %error, "replica set cannot be kept"),
    }
}

/// An instance was seen or is gone: whoever controls it, or might, looks again.
pub(crate) fn member_changed(context: &Context, key: &Key, instance: &Compact) {
    match &instance.controller {
        Some(owner) if owner.replica_set => context.set_queue.add(key.sibling(&owner.name)),
        Some(_) => {}
        None => {
            let same = |set: &Key, _: &Arc<Compact>| {
                (set.namespace() == key.namespace()).then(|| set.clone())
            };
            for set in context.sets.collect(same) {
                context.set_queue.add(set);
            }
        }
    }
}

/// Works on the queue for ever.
pub(crate) async fn work(context: Arc<Context>) {
    loop {
        let key = context.set_queue.next().await;
        let outcome = round(&context, &key).await;
        let set = context.sets.get(&key);
        let uid = set.map(|set| set.uid.to_string()).unwrap_or_default();
        let after = outcome::settle(&context, &context.set_failures, &key, &uid, outcome);
        context.set_queue.done(&key);
        if let Some(after) = after {
            context.set_queue.add_after(key, after);
        }
    }
}

/// Looks at one set and does what is to be done now.
async fn round(context: &Context, key: &Key) -> Outcome {
    let Some(compact) = context.sets.get(key) else {
        context.set_failures.forget(key);
        return Outcome::Settled(None);
    };
    let set: VirtualMachineInstanceReplicaSet = match compact.decode() {
        Ok(set) => set,
        Err(error) => {
            tracing::warn!(%key, %error, "the object does not fit the schema and is left alone");
            return Outcome::Settled(None);
        }
    };
    let uid = compact.uid.to_string();
    let now = Timestamp::now();
    let refusal = context.set_failures.of(key, &uid).failure();
    let refusal = refusal.filter(|failure| failure.retry_at > now);
    let members = members(context, key, &set);
    let observed = Observed {
        set: &set,
        members: &members,
        failure: refusal.as_ref().map(|failure| Failure {
            reason: failure.reason,
            message: &failure.message,
        }),
    };
    let actions = match replica_set::plan(&observed, now) {
        Ok(actions) => actions,
        Err(error) => return Outcome::Failed(format!("no plan can be made: {error}")),
    };
    let about = set.object_ref(&());
    for action in actions {
        match carry_out(context, key, &uid, &about, action).await {
            Outcome::Settled(None) => {}
            other => return other,
        }
    }
    let wait =
        refusal.and_then(|failure| Duration::try_from(failure.retry_at.duration_since(now)).ok());
    Outcome::Settled(wait)
}

/// The instances that concern the set. Those of others are told apart without decoding them.
fn members(context: &Context, key: &Key, set: &VirtualMachineInstanceReplicaSet) -> Vec<Member> {
    let concerned = |instance: &Key, compact: &Arc<Compact>| {
        let ours = match &compact.controller {
            Some(owner) => owner.replica_set && *owner.name == *key.name(),
            None => true,
        };
        (ours && instance.namespace() == key.namespace()).then(|| compact.clone())
    };
    let instances = context.instances.collect(concerned);
    let member = |compact: &Arc<Compact>| {
        let instance: VirtualMachineInstance = compact.decode().ok()?;
        Member::of(set, &instance)
    };
    instances.iter().filter_map(member).collect()
}

async fn carry_out(
    context: &Context,
    key: &Key,
    uid: &str,
    about: &ObjectReference,
    action: Action,
) -> Outcome {
    let instances = context.api::<VirtualMachineInstance>(key.namespace());
    match action {
        Action::Notify(notice) => {
            context.tell(about, &notice);
            Outcome::Settled(None)
        }
        Action::PatchStatus(patch) => {
            context.figures.writes.inc();
            let answer = context
                .api::<VirtualMachineInstanceReplicaSet>(key.namespace())
                .patch_status(key.name(), &PatchParams::default(), &Patch::Merge(patch))
                .await;
            match answer {
                Ok(object) => {
                    see(context, object);
                    Outcome::Settled(None)
                }
                Err(error) => failed(context, "cannot write the status", &error),
            }
        }
        Action::PatchInstance { name, patch } => {
            context.figures.writes.inc();
            let answer = instances
                .patch(&name, &PatchParams::default(), &Patch::Merge(patch))
                .await;
            match answer {
                Ok(object) => {
                    context.see_instance(object);
                    Outcome::Settled(None)
                }
                Err(error) => failed(context, "cannot change the owner of an instance", &error),
            }
        }
        Action::CreateInstance(instance) => create(context, key, uid, about, &instance).await,
        Action::DeleteInstance {
            name,
            uid: instance,
        } => {
            let only = DeleteParams::default().preconditions(Preconditions {
                uid: Some(instance),
                resource_version: None,
            });
            context.figures.writes.inc();
            match instances.delete(&name, &only).await {
                Ok(answer) => {
                    if let Some(object) = answer.left() {
                        context.see_instance(object);
                    }
                    Outcome::Settled(None)
                }
                Err(error) if is_gone(&error) || is_conflict(&error) => Outcome::Stale,
                Err(error) if outcome::is_without_answer(&error) => Outcome::Failed(format!(
                    "no answer about the end of an instance: {}",
                    describe(&error)
                )),
                Err(error) => refused(
                    &context.set_failures,
                    key,
                    uid,
                    reason::FAILED_DELETE,
                    describe(&error),
                ),
            }
        }
    }
}

async fn create(
    context: &Context,
    key: &Key,
    uid: &str,
    about: &ObjectReference,
    instance: &VirtualMachineInstance,
) -> Outcome {
    let object = match serde_json::to_value(instance).and_then(serde_json::from_value) {
        Ok(object) => object,
        Err(error) => {
            return Outcome::Failed(format!("the instance cannot be expressed in JSON: {error}"));
        }
    };
    context.figures.writes.inc();
    let instances = context.api::<VirtualMachineInstance>(key.namespace());
    match instances.create(&PostParams::default(), &object).await {
        Ok(created) => {
            let name = created.metadata.name.clone().unwrap_or_default();
            context.set_failures.update(key, uid, Memory::created);
            context.see_instance(created);
            let notice = Notice {
                warning: false,
                reason: reason::SUCCESSFUL_CREATE,
                message: format!(
                    "Started the virtual machine by creating the new virtual machine instance {name}"
                ),
            };
            context.tell(about, &notice);
            Outcome::Settled(None)
        }
        // One that was made all the same is seen by the watch before the next try.
        Err(error) if outcome::is_without_answer(&error) => Outcome::Failed(format!(
            "no answer about the instance: {}",
            describe(&error)
        )),
        Err(error) => {
            let message = describe(&error);
            let notice = Notice {
                warning: true,
                reason: reason::FAILED_CREATE,
                message: format!("Error creating virtual machine instance: {message}"),
            };
            context.tell(about, &notice);
            refused(
                &context.set_failures,
                key,
                uid,
                reason::FAILED_CREATE,
                message,
            )
        }
    }
}

fn failed(context: &Context, what: &str, error: &kube::Error) -> Outcome {
    if is_gone(error) {
        return Outcome::Stale;
    }
    if is_conflict(error) {
        context.figures.conflicts.inc();
        return Outcome::Stale;
    }
    Outcome::Failed(format!("{what}: {}", describe(error)))
}
