//! Writes volumes that were asked for into the template of a VirtualMachine.

use k8s_openapi::jiff::Timestamp;
use kube::api::{Patch, PatchParams};
use kubevirt_api::VirtualMachine;
use kubevirt_api::names::reason::HOT_PLUG_VOLUME_ERROR;
use serde_json::Value;

use crate::context::Context;
use crate::failures::Memory;
use crate::key::Key;
use crate::machines::written;
use crate::outcome::{Outcome, describe, is_conflict, is_gone, is_without_answer};

/// Writes `patch`. A refusal is remembered, so that the status says it, and does not end what else is to be done.
pub(crate) async fn carry_out(context: &Context, key: &Key, uid: &str, patch: Value) -> Outcome {
    context.figures.writes.inc();
    let answer = context
        .api::<VirtualMachine>(key.namespace())
        .patch(key.name(), &PatchParams::default(), &Patch::Merge(patch))
        .await;
    let memory = &context.machine_failures;
    match &answer {
        Ok(_) => drop(memory.update(key, uid, Memory::created)),
        Err(error) if is_gone(error) || is_conflict(error) || is_without_answer(error) => {}
        Err(error) => {
            let message = describe(error);
            tracing::info!(%key, reason = HOT_PLUG_VOLUME_ERROR, %message, "refused");
            memory.update(key, uid, |memory| {
                memory.refused(HOT_PLUG_VOLUME_ERROR, message, Timestamp::now());
            });
            return Outcome::Again;
        }
    }
    written(context, answer)
}
