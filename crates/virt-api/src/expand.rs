//! A VirtualMachine with its template completed by its instancetype and preference, which it then does not name any more:
//! one that there is, or one that is sent along.

mod schema;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use kubevirt_api::{VirtualMachine, VirtualMachineSpec};
use kubevirt_core::instancetype::{Selection, expand, is_named, written_out};
use kubevirt_runtime::instancetypes::{FindError, Finder};
use serde_json::Value;

use crate::aggregated::Aggregated;
use crate::aggregated::route::{Subresource, Target};
use crate::lifecycle::options;
use crate::objects;
use crate::status::Refusal;

/// Carries out `expand-spec`, or `expand-vm-spec` with the request's body; 200 with the VirtualMachine.
pub(crate) async fn carry_out(
    context: &Aggregated,
    target: &Target,
    body: &[u8],
) -> Result<Response, Refusal> {
    let sent = target.subresource == Subresource::ExpandVmSpec;
    let machine = match sent {
        false => objects::machine(&context.client, target).await?,
        true => read(body, &target.namespace).await?,
    };
    let expanded = complete(context, &machine, &target.namespace)
        .await
        .map_err(|problem| problem.told(sent))?;
    Ok(Json(expanded).into_response())
}

/// Why a template cannot be completed.
#[derive(Debug, thiserror::Error)]
enum Problem {
    /// Something that the VirtualMachine names cannot be had.
    #[error("spec.{field}: {error}")]
    Named {
        field: &'static str,
        error: FindError,
    },
    /// What is named and the template contradict each other.
    #[error("{0}")]
    Conflict(String),
}

impl Problem {
    /// The answer: about a VirtualMachine that was sent it is the sender's fault, unless trying again may help.
    fn told(self, sent: bool) -> Refusal {
        let passing = matches!(&self, Self::Named { error, .. } if !error.is_lasting());
        match sent && !passing {
            true => Refusal::bad_request(self.to_string()),
            false => Refusal::internal(self.to_string()),
        }
    }
}

async fn complete(
    context: &Aggregated,
    machine: &VirtualMachine,
    namespace: &str,
) -> Result<VirtualMachine, Problem> {
    if !is_named(machine) {
        return Ok(machine.clone());
    }
    let finder = Finder::new(context.client.clone());
    let named = |field| move |error| Problem::Named { field, error };
    let (instancetype, preference) = tokio::join!(
        finder.instancetype(machine, namespace),
        finder.preference(machine, namespace)
    );
    let selection = Selection {
        instancetype: instancetype.map_err(named("instancetype"))?.instancetype,
        preference: preference.map_err(named("preference"))?.preference,
    };
    let template = expand(
        &machine.spec.template,
        &selection,
        &context.config.current(),
    )
    .map_err(|conflicts| {
        let texts = conflicts.iter().map(ToString::to_string);
        Problem::Conflict(texts.collect::<Vec<_>>().join("; "))
    })?;
    Ok(written_out(machine, template))
}

/// Reads the VirtualMachine of a request's body, which may say no other namespace than the request's path.
async fn read(body: &[u8], namespace: &str) -> Result<VirtualMachine, Refusal> {
    let Some(sent) = options::value(body)? else {
        return Err(Refusal::bad_request(
            "the request body is empty: send the whole VirtualMachine",
        ));
    };
    // Making the schema takes a while: other requests are not to wait for it.
    let (sent, faults) = tokio::task::spawn_blocking(move || {
        let faults = faults(&sent);
        (sent, faults)
    })
    .await
    .map_err(|error| Refusal::internal(format!("the object cannot be checked: {error}")))?;
    let faults = faults?;
    if !faults.is_empty() {
        return Err(Refusal::bad_request(format!(
            "the object is not a valid VirtualMachine: {}",
            faults.join("; ")
        )));
    }
    let mut machine: VirtualMachine = kubevirt_runtime::decode::decode(&sent).map_err(|error| {
        Refusal::bad_request(format!("the object is not a valid VirtualMachine: {error}"))
    })?;
    match machine.metadata.namespace.as_deref() {
        None | Some("") => machine.metadata.namespace = Some(namespace.to_owned()),
        Some(other) if other != namespace => {
            return Err(Refusal::bad_request(format!(
                "metadata.namespace: VM namespace must be {namespace:?}, as in the request's path, not {other:?}"
            )));
        }
        Some(_) => {}
    }
    Ok(machine)
}

/// What of the object does not fit the schema of a VirtualMachine.
fn faults(sent: &Value) -> Result<Vec<String>, Refusal> {
    let text = |field: &str| sent.get(field).and_then(Value::as_str).unwrap_or_default();
    let versions = ["kubevirt.io/v1", "kubevirt.io/v1alpha3"];
    if text("kind") != "VirtualMachine" || !versions.contains(&text("apiVersion")) {
        return Ok(vec![format!(
            "it is kind {:?} of apiVersion {:?}: send kind VirtualMachine of {}",
            text("kind"),
            text("apiVersion"),
            versions[0]
        )]);
    }
    let Some(spec) = sent.get("spec") else {
        return Ok(vec!["spec: is required".to_owned()]);
    };
    let schema = kubevirt_api::schema_of::<VirtualMachineSpec>().map_err(|error| {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("the schema of VirtualMachines cannot be made: {error}"),
        )
    })?;
    Ok(schema::faults(&schema, "spec", spec))
}

#[cfg(test)]
mod tests;
