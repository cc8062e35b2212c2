//! Carries out plans for VirtualMachineInstances.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{ObjectReference, Pod};
use k8s_openapi::jiff::Timestamp;
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, Preconditions};
use kubevirt_api::names::{label, reason};
use kubevirt_api::{VirtualMachine, VirtualMachineInstance};
use kubevirt_core::launcher_pod::{self, Claim};
use kubevirt_core::vmi::{self, Action, LauncherPod, Observed, Owner};

use crate::context::{Context, instance_reference};
use crate::key::Key;
use crate::outcome::{Outcome, describe, is_already_there, is_conflict, is_gone};
use crate::{nodes, outcome};

/// Unrelated pods that may stand under the names of one instance's pod before it is left to wait.
const ATTEMPTS: u32 = 8;

/// Works on the queue for ever.
pub(crate) async fn work(context: Arc<Context>) {
    loop {
        let key = context.instance_queue.next().await;
        context
            .figures
            .waiting
            .set(i64::try_from(context.instance_queue.len()).unwrap_or(i64::MAX));
        let outcome = round(&context, &key).await;
        let uid = context
            .instances
            .get(&key)
            .map(|instance| instance.uid.to_string())
            .unwrap_or_default();
        let after = outcome::settle(&context, &context.instance_failures, &key, &uid, outcome);
        context.instance_queue.done(&key);
        if let Some(after) = after {
            context.instance_queue.add_after(key, after);
        }
    }
}

/// Looks at one object and does what is to be done now.
async fn round(context: &Context, key: &Key) -> Outcome {
    let Some(compact) = context.instances.get(key) else {
        context.instance_failures.forget(key);
        return Outcome::Settled(None);
    };
    let instance: VirtualMachineInstance = match compact.decode() {
        Ok(instance) => instance,
        Err(error) => {
            tracing::warn!(%key, %error, "the object does not fit the schema and is left alone");
            return Outcome::Settled(None);
        }
    };
    let now = Timestamp::now();
    let uid = compact.uid.to_string();
    let memory = context.instance_failures.of(key, &uid);
    let failure = memory.create_failure();
    let pods = context
        .pods
        .collect(|_, pod| (pod.owner_uid == uid).then(|| LauncherPod::clone(pod)));
    let claims = claims(context, key, &compact.claims);
    let config = context.config.borrow().clone();
    let observed = Observed {
        instance: &instance,
        pods: &pods,
        claims: &claims,
        owner: owner(context, key, compact.machine.as_deref(), &instance),
        node: nodes::state(context, compact.node.as_deref(), now),
        cluster: nodes::cluster(context),
        config: &config,
        launcher: &context.launcher,
        create_failure: failure.as_ref(),
        attempt: memory.attempt,
    };
    let plan = match vmi::plan(&observed, now) {
        Ok(plan) => plan,
        Err(error) => return Outcome::Failed(format!("no plan can be made: {error}")),
    };
    let reference = instance_reference(&instance);
    for action in plan.actions {
        match carry_out(context, key, &uid, &reference, action).await {
            Outcome::Settled(None) => {}
            other => return other,
        }
    }
    Outcome::Settled(
        plan.requeue_after
            .and_then(|after| Duration::try_from(after).ok()),
    )
}

/// The claims that exist of those that are named.
pub(crate) fn claims(context: &Context, key: &Key, names: &[Box<str>]) -> BTreeMap<String, Claim> {
    names
        .iter()
        .filter_map(|name| {
            Some((
                name.to_string(),
                Claim::clone(&*context.claims.get(&key.sibling(name))?),
            ))
        })
        .collect()
}

fn owner(
    context: &Context,
    key: &Key,
    machine: Option<&str>,
    instance: &VirtualMachineInstance,
) -> Owner {
    let Some(name) = machine else {
        return Owner::None;
    };
    let Some(compact) = context.machines.get(&key.sibling(name)) else {
        return Owner::Missing;
    };
    match compact.decode::<VirtualMachine>() {
        Ok(machine) if kubevirt_core::vm::has_recorded(&machine, instance) => Owner::HasRecorded,
        Ok(_) => Owner::HasNotRecorded,
        Err(_) => Owner::HasRecorded,
    }
}

async fn carry_out(
    context: &Context,
    key: &Key,
    uid: &str,
    about: &ObjectReference,
    action: Action,
) -> Outcome {
    match action {
        Action::Notify(notice) => {
            context.tell(about, &notice);
            Outcome::Settled(None)
        }
        Action::ConfirmNoPod => confirm_no_pod(context, key, uid).await,
        Action::CreatePod(pod) => create_pod(context, key, uid, &pod).await,
        Action::DeletePod { name, uid } => {
            let pods: Api<Pod> = Api::namespaced(context.client.clone(), key.namespace());
            let only = DeleteParams::default().preconditions(Preconditions {
                uid: Some(uid.clone()),
                resource_version: None,
            });
            context.figures.writes.inc();
            match pods.delete(&name, &only).await {
                Ok(answer) => {
                    if let Some(pod) = answer.left() {
                        context.see_pod(&pod);
                    }
                    Outcome::Settled(None)
                }
                // Gone, or another one under its name: the watch will tell.
                Err(error) if is_gone(&error) || is_conflict(&error) => Outcome::Settled(None),
                Err(error) => {
                    Outcome::Failed(format!("cannot delete pod {name}: {}", describe(&error)))
                }
            }
        }
        Action::Patch(patch) => {
            let api = context.api::<VirtualMachineInstance>(key.namespace());
            context.figures.writes.inc();
            match api
                .patch(key.name(), &PatchParams::default(), &Patch::Merge(patch))
                .await
            {
                Ok(object) => {
                    context.see_instance(object);
                    Outcome::Settled(None)
                }
                Err(error) if is_gone(&error) => Outcome::Stale,
                Err(error) if is_conflict(&error) => {
                    context.figures.conflicts.inc();
                    Outcome::Stale
                }
                Err(error) => {
                    Outcome::Failed(format!("cannot write the object: {}", describe(&error)))
                }
            }
        }
    }
}

/// Asks the API server for pods of the instance unless its pod was seen to go.
async fn confirm_no_pod(context: &Context, key: &Key, uid: &str) -> Outcome {
    if context.podless.contains(uid) {
        return Outcome::Settled(None);
    }
    let pods: Api<Pod> = Api::namespaced(context.client.clone(), key.namespace());
    let selector = ListParams::default().labels(&format!("{}={uid}", label::CREATED_BY));
    match pods.list(&selector).await {
        Ok(list) => {
            let owned: Vec<_> = list
                .items
                .iter()
                .filter(|pod| {
                    LauncherPod::from_pod(pod).is_some_and(|facts| facts.owner_uid == uid)
                })
                .collect();
            if owned.is_empty() {
                context.podless.add(uid);
                return Outcome::Settled(None);
            }
            owned.into_iter().for_each(|pod| context.see_pod(pod));
            Outcome::Stale
        }
        Err(error) => Outcome::Failed(format!(
            "cannot list the pods of the object: {}",
            describe(&error)
        )),
    }
}

/// Posts the pod. Its name makes that harmless to repeat.
async fn create_pod(context: &Context, key: &Key, uid: &str, pod: &Pod) -> Outcome {
    let pods: Api<Pod> = Api::namespaced(context.client.clone(), key.namespace());
    context.figures.writes.inc();
    match pods.create(&PostParams::default(), pod).await {
        Ok(created) => {
            context
                .instance_failures
                .update(key, uid, crate::failures::Memory::created);
            context.see_pod(&created);
            Outcome::Settled(None)
        }
        Err(error) if is_already_there(&error) => taken(context, key, uid, &pods, pod).await,
        // Without an answer the pod may exist: the same again, soon.
        Err(error) if outcome::is_without_answer(&error) => Outcome::Failed(format!(
            "no answer about the launcher pod: {}",
            describe(&error)
        )),
        Err(error) => {
            let message = describe(&error);
            tracing::info!(%key, %message, "launcher pod refused");
            context.instance_failures.update(key, uid, |memory| {
                memory.refused(reason::FAILED_CREATE, message, Timestamp::now());
            });
            // At once, for the plan to say so.
            Outcome::Again
        }
    }
}

/// A pod stands under the name: our own from a POST whose answer was lost, or somebody else's.
async fn taken(context: &Context, key: &Key, uid: &str, pods: &Api<Pod>, pod: &Pod) -> Outcome {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    match pods.get_opt(name).await {
        Ok(Some(found))
            if LauncherPod::from_pod(&found).is_some_and(|facts| facts.owner_uid == uid) =>
        {
            context
                .instance_failures
                .update(key, uid, crate::failures::Memory::created);
            context.see_pod(&found);
            Outcome::Again
        }
        Ok(Some(_)) => {
            let memory = context.instance_failures.update(key, uid, |memory| {
                memory.attempt += 1;
                if memory.attempt >= ATTEMPTS {
                    memory.attempt = 0;
                    memory.refused(
                        reason::FAILED_CREATE,
                        format!(
                            "other pods stand under the names of the launcher pod ({} and others): delete them",
                            launcher_pod::pod_name(key.name(), uid, 0)
                        ),
                        Timestamp::now(),
                    );
                }
            });
            tracing::info!(%key, pod = name, attempt = memory.attempt, "an unrelated pod bears the launcher pod's name");
            Outcome::Again
        }
        Ok(None) => Outcome::Stale,
        Err(error) => Outcome::Failed(format!("cannot read pod {name}: {}", describe(&error))),
    }
}
