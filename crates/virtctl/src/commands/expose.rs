//! `virtctl expose`: a Service for a virtual machine.

mod arguments;
mod service;

use anyhow::{Context, bail};
use k8s_openapi::api::core::v1::Service;
use kube::api::{DynamicObject, PostParams};
use kube::core::ApiResource;
use kube::{Api, core::GroupVersionKind};
use serde_json::Value;

use crate::cli::Connection;
use crate::{client, subresource};

pub(crate) use arguments::Expose;

/// `virtctl expose`.
pub(crate) async fn run(flags: &Connection, arguments: &Expose) -> anyhow::Result<()> {
    let (kind, words) = kind(&arguments.kind)?;
    let settings = service::Settings::read(arguments)?;
    let cluster = client::connect(flags).await?;
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("kubevirt.io", "v1", kind));
    let owners: Api<DynamicObject> =
        Api::namespaced_with(cluster.client.clone(), &cluster.namespace, &resource);
    let owner = owners
        .get(&arguments.object)
        .await
        .map_err(subresource::plain)
        .with_context(|| format!("error fetching {kind}"))?;
    let owner = serde_json::to_value(owner)?;
    let manifest = service::manifest(arguments, &settings, kind, &owner)?;
    let services: Api<Service> = Api::namespaced(cluster.client, &cluster.namespace);
    services
        .create(&PostParams::default(), &serde_json::from_value(manifest)?)
        .await
        .map_err(subresource::plain)
        .context("service creation failed")?;
    println!(
        "Service {} successfully created for {words} {}",
        arguments.name, arguments.object
    );
    Ok(())
}

/// The kind of a type as the user wrote it, and the type in the answer.
fn kind(text: &str) -> anyhow::Result<(&'static str, &str)> {
    let kind = match text.to_ascii_lowercase().as_str() {
        "vmi" | "vmis" | "virtualmachineinstance" | "virtualmachineinstances" => {
            "VirtualMachineInstance"
        }
        "vm" | "vms" | "virtualmachine" | "virtualmachines" => "VirtualMachine",
        "vmirs"
        | "vmirss"
        | "virtualmachineinstancereplicaset"
        | "virtualmachineinstancereplicasets" => "VirtualMachineInstanceReplicaSet",
        _ => bail!("unsupported resource type: {text}; use vm, vmi or vmirs"),
    };
    Ok((kind, text))
}

/// The text at a JSON pointer.
fn text<'a>(object: &'a Value, pointer: &str) -> Option<&'a str> {
    object.pointer(pointer).and_then(Value::as_str)
}
