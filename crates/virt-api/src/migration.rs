//! Moving a running VirtualMachine: a VirtualMachineInstanceMigration is made, which is all that this endpoint ever does.
//!
//! Nothing of this version carries such an object out. It is made all the same, as kubectl may make one: programs that
//! ask for a move find the object that they expect, admission judges it, and it can be deleted. The answer says with a
//! warning that the guest stays where it is, so that nobody waits for it.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use kube::api::PostParams;
use kube::core::DynamicObject;
use kubevirt_api::{
    MigrateOptions, VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceMigration,
    VirtualMachineInstancePhase as Phase,
};
use serde_json::{Value, json};

use crate::aggregated::Aggregated;
use crate::aggregated::route::Target;
use crate::lifecycle::options;
use crate::objects::{self, INSTANCE, MACHINE};
use crate::status::Refusal;
use crate::warning::warned;

/// What the names of the objects begin with.
const PREFIX: &str = "kubevirt-migrate-vm-";

/// Carries out `migrate` with the request's body; 202 without a body when the object was made.
pub(crate) async fn carry_out(
    context: &Aggregated,
    target: &Target,
    body: &[u8],
) -> Result<Response, Refusal> {
    let options: MigrateOptions = options::decode(body)?;
    let dry_run = options::dry_run(Some(&options.dry_run))?;
    let machine = objects::machine(&context.client, target).await?;
    let instance = objects::instance(&context.client, target).await?;
    let migration = migration(&machine, instance.as_ref(), &options)?;
    let api = objects::api::<VirtualMachineInstanceMigration>(&context.client, &target.namespace);
    let parameters = PostParams {
        dry_run,
        ..PostParams::default()
    };
    let migration: DynamicObject =
        serde_json::from_value(migration).map_err(|error| not_made(&error))?;
    let made = api
        .create(&parameters, &migration)
        .await
        .map_err(|error| match error {
            kube::Error::Api(status) => not_made(&status.message),
            other => not_made(&other),
        })?;
    let accepted = StatusCode::ACCEPTED.into_response();
    Ok(warned(
        accepted,
        &stays(&target.name, made.metadata.name.as_deref(), dry_run),
    ))
}

/// The object that asks for the move.
///
/// # Errors
/// 404 without an instance, 409 for one that does not run.
fn migration(
    machine: &VirtualMachine,
    instance: Option<&VirtualMachineInstance>,
    options: &MigrateOptions,
) -> Result<Value, Refusal> {
    let name = machine.metadata.name.as_deref().unwrap_or_default();
    let Some(instance) = instance else {
        return Err(Refusal::not_found(INSTANCE, name));
    };
    let status = instance.status.as_ref();
    let phase = status.map(|status| status.phase).unwrap_or_default();
    if phase != Phase::Running {
        let why = format!(
            "VM is not running: the phase of its VMI is {:?}",
            phase.as_str()
        );
        return Err(Refusal::conflict(MACHINE, name, &why));
    }
    let mut spec = json!({ "vmiName": name });
    if !options.added_node_selector.is_empty() {
        spec["addedNodeSelector"] = json!(options.added_node_selector);
    }
    Ok(json!({
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachineInstanceMigration",
        "metadata": { "generateName": PREFIX, "namespace": machine.metadata.namespace },
        "spec": spec,
    }))
}

/// Whatever keeps the object from being made is told with 500, as clients of the original know it.
fn not_made(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::internal(format!(
        "the VirtualMachineInstanceMigration cannot be made: {error}"
    ))
}

fn stays(machine: &str, made: Option<&str>, dry_run: bool) -> String {
    let stays = format!(
        "nothing of this version of KubeVirt moves running guests: {machine} stays on its node"
    );
    match made {
        Some(made) if !dry_run => format!(
            "{stays}, and the VirtualMachineInstanceMigration {made} waits until it is deleted"
        ),
        _ => stays,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn machine() -> VirtualMachine {
        serde_json::from_value(json!({
            "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
            "metadata": { "name": "web", "namespace": "default" },
            "spec": { "runStrategy": "Always", "template": { "spec": { "domain": { "devices": {} } } } },
        }))
        .unwrap()
    }

    fn instance(phase: &str) -> VirtualMachineInstance {
        serde_json::from_value(json!({
            "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
            "metadata": { "name": "web", "namespace": "default" },
            "spec": { "domain": { "devices": {} } },
            "status": { "phase": phase },
        }))
        .unwrap()
    }

    #[rstest]
    #[case(None, 404)]
    #[case(Some("Pending"), 409)]
    #[case(Some("Scheduled"), 409)]
    #[case(Some("Succeeded"), 409)]
    #[case(Some("Failed"), 409)]
    fn only_what_runs_moves(#[case] phase: Option<&str>, #[case] code: u16) {
        let instance = phase.map(instance);
        let refusal = migration(&machine(), instance.as_ref(), &MigrateOptions::default());
        assert_eq!(refusal.unwrap_err().code.as_u16(), code);
    }

    #[test]
    fn the_object_names_the_instance_and_the_added_labels() {
        let running = instance("Running");
        let plain = migration(&machine(), Some(&running), &MigrateOptions::default()).unwrap();
        assert_eq!(plain["metadata"]["generateName"], "kubevirt-migrate-vm-");
        assert_eq!(plain["metadata"]["namespace"], "default");
        assert_eq!(plain["spec"], json!({ "vmiName": "web" }));
        let options = MigrateOptions {
            added_node_selector: [("zone".to_owned(), "b".to_owned())].into(),
            ..MigrateOptions::default()
        };
        let aimed = migration(&machine(), Some(&running), &options).unwrap();
        assert_eq!(aimed["spec"]["addedNodeSelector"], json!({ "zone": "b" }));
    }

    #[test]
    fn the_warning_names_what_waits() {
        assert!(stays("web", Some("kubevirt-migrate-vm-x"), false).contains("-vm-x waits"));
        assert!(!stays("web", Some("kubevirt-migrate-vm-x"), true).contains("waits"));
    }
}
