//! The objects that a VirtualMachine or a VirtualMachineInstance depends on, as a tree.

mod builder;
mod select;
mod spec;
mod tree;

use axum::Json;
use axum::response::{IntoResponse, Response};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use kubevirt_api::names::label;
use kubevirt_api::{ObjectGraphOptions, VirtualMachineInstance};
use kubevirt_core::config::Gate;

use crate::aggregated::Aggregated;
use crate::aggregated::route::{Subresource, Target};
use crate::lifecycle::options;
use crate::objects::{self, INSTANCE};
use crate::status::{Refusal, from_api};
use select::Wanted;

/// Most pods of one instance: it has one, and another one while it moves.
const PODS: u32 = 16;

/// Carries out `objectgraph` with the options of the request's body; 200 with the root of the tree.
pub(crate) async fn carry_out(
    context: &Aggregated,
    target: &Target,
    body: &[u8],
) -> Result<Response, Refusal> {
    let features = &context.config.current().features;
    if !features.is_on(Gate::ObjectGraph) {
        return Err(Refusal::bad_request(format!(
            "objectgraph needs the feature gate {}: {}",
            Gate::ObjectGraph.name(),
            features.remedy(Gate::ObjectGraph)
        )));
    }
    let options: ObjectGraphOptions = options::decode(body)?;
    let wanted = Wanted::new(options)?;
    let instance = objects::instance(&context.client, target).await?;
    let root = if target.subresource == Subresource::MachineObjectGraph {
        let machine = objects::machine(&context.client, target).await?;
        let instance = instance.filter(|instance| tree::is_owned(instance, &machine));
        let pods = match &instance {
            Some(instance) => pods(context, target, instance).await?,
            None => Vec::new(),
        };
        tree::machine(&machine, instance.as_ref(), &pods)
    } else {
        let instance = instance.ok_or_else(|| Refusal::not_found(INSTANCE, &target.name))?;
        tree::instance(&instance, &pods(context, target, &instance).await?)
    };
    Ok(Json(wanted.of(root)).into_response())
}

/// Names of the instance's pods that are not going.
async fn pods(
    context: &Aggregated,
    target: &Target,
    instance: &VirtualMachineInstance,
) -> Result<Vec<String>, Refusal> {
    let uid = instance.metadata.uid.as_deref().unwrap_or_default();
    let parameters = ListParams::default()
        .labels(&format!("{}={uid}", label::CREATED_BY))
        .limit(PODS);
    let list = Api::<Pod>::namespaced(context.client.clone(), &target.namespace)
        .list_metadata(&parameters)
        .await
        .map_err(|error| from_api(error, INSTANCE, &target.name))?;
    let staying = list
        .items
        .into_iter()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none());
    Ok(staying.filter_map(|pod| pod.metadata.name).collect())
}

#[cfg(test)]
mod tests;
