//! Taking back that a guest is to leave its node.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use k8s_openapi::api::core::v1::Node;
use kube::Api;
use kubevirt_api::{EvacuateCancelOptions, VirtualMachine, VirtualMachineInstance};
use serde_json::json;

use crate::aggregated::Aggregated;
use crate::aggregated::route::{Subresource, Target};
use crate::lifecycle::options;
use crate::objects::{self, INSTANCE, MACHINE};
use crate::patching::{self, ATTEMPTS, Change, Failure, Part};
use crate::status::{Refusal, from_api};

/// Where an instance says the node that it is to leave.
const PATH: &str = "/status/evacuationNodeName";

/// Carries out `evacuate/cancel` with the request's body; 200 without a body, also when there is nothing to take back.
pub(crate) async fn carry_out(
    context: &Aggregated,
    target: &Target,
    body: &[u8],
) -> Result<Response, Refusal> {
    let options = read_options(body)?;
    let dry_run = options::dry_run(Some(&options.dry_run))?;
    let api = objects::api::<VirtualMachineInstance>(&context.client, &target.namespace);
    for _ in 0..ATTEMPTS {
        if target.subresource == Subresource::MachineEvacuateCancel {
            created(&objects::machine(&context.client, target).await?)?;
        }
        let instance = objects::instance(&context.client, target)
            .await?
            .ok_or_else(|| Refusal::not_found(INSTANCE, &target.name))?;
        let Some(node) = leaving(&instance) else {
            return Ok(StatusCode::OK.into_response());
        };
        let taint = &context.config.current().migrations.node_drain_taint_key;
        not_drained(find_node(context, node).await?.as_ref(), taint)?;
        let change = take_back(&instance, node, &options.evacuation_node_name)?;
        match patching::patch(&api, INSTANCE, &target.name, &change, dry_run).await {
            Ok(()) => return Ok(StatusCode::OK.into_response()),
            Err(Failure::Changed) => patching::pause().await,
            Err(Failure::Other(refusal)) => return Err(refusal),
        }
    }
    Err(patching::modified(INSTANCE, &target.name))
}

/// The options, which must say the node.
fn read_options(body: &[u8]) -> Result<EvacuateCancelOptions, Refusal> {
    let missing = || {
        Refusal::bad_request(
            "evacuationNodeName is required in the request's body: say which node the guest was to leave",
        )
    };
    let mut value = options::value(body)?.ok_or_else(missing)?;
    if let Some(fields) = value.as_object_mut() {
        fields.entry("evacuationNodeName").or_insert(json!(""));
    }
    let options: EvacuateCancelOptions =
        kubevirt_runtime::decode::decode(&value).map_err(|error| {
            Refusal::bad_request(format!("the request body cannot be decoded: {error}"))
        })?;
    if options.evacuation_node_name.is_empty() {
        return Err(missing());
    }
    Ok(options)
}

/// 409 for a machine without an instance.
fn created(machine: &VirtualMachine) -> Result<(), Refusal> {
    let status = machine.status.as_ref();
    match status.and_then(|status| status.created) {
        Some(true) => Ok(()),
        _ => {
            let name = machine.metadata.name.as_deref().unwrap_or_default();
            Err(Refusal::conflict(MACHINE, name, "VM is not running"))
        }
    }
}

/// The node that the instance is to leave, if any.
fn leaving(instance: &VirtualMachineInstance) -> Option<&str> {
    let node = instance.status.as_ref()?.evacuation_node_name.as_deref()?;
    (!node.is_empty()).then_some(node)
}

async fn find_node(context: &Aggregated, name: &str) -> Result<Option<Node>, Refusal> {
    Api::<Node>::all(context.client.clone())
        .get_opt(name)
        .await
        .map_err(|error| from_api(error, "node", name))
}

/// Who drains a node by its taint would mark the instance again at once. A node that is gone drains nothing.
fn not_drained(node: Option<&Node>, taint: &str) -> Result<(), Refusal> {
    let spec = node.and_then(|node| node.spec.as_ref());
    let mut taints = spec
        .and_then(|spec| spec.taints.as_ref())
        .into_iter()
        .flatten();
    if !taints.any(|one| one.key == taint && one.effect == "NoSchedule") {
        return Ok(());
    }
    let name = node.and_then(|node| node.metadata.name.as_deref());
    Err(Refusal::bad_request(format!(
        "node {:?} is drained by its taint {taint}:NoSchedule: take the taint away first",
        name.unwrap_or_default()
    )))
}

/// The change that takes it back, when it is the node that was meant.
fn take_back(
    instance: &VirtualMachineInstance,
    node: &str,
    meant: &str,
) -> Result<Change, Refusal> {
    if node != meant {
        let name = instance.metadata.name.as_deref().unwrap_or_default();
        let why = format!("VMI is to leave node {node:?}, not {meant:?}: look again");
        return Err(Refusal::conflict(INSTANCE, name, &why));
    }
    Ok(Change {
        part: Part::Object,
        operations: json!([
            { "op": "test", "path": PATH, "value": meant },
            { "op": "remove", "path": PATH },
        ]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::Value;

    fn instance(status: Value) -> VirtualMachineInstance {
        serde_json::from_value(json!({
            "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
            "metadata": { "name": "web", "namespace": "default" },
            "spec": { "domain": { "devices": {} } }, "status": status,
        }))
        .unwrap()
    }

    #[rstest]
    #[case("")]
    #[case("{}")]
    #[case("null")]
    #[case(r#"{"evacuationNodeName": null}"#)]
    #[case(r#"{"evacuationNodeName": ""}"#)]
    #[case(r#"{"evacuationNodeName": 5}"#)]
    #[case("[]")]
    #[case("{")]
    fn the_node_is_required(#[case] body: &str) {
        let refusal = read_options(body.as_bytes()).unwrap_err();
        assert_eq!(refusal.code, StatusCode::BAD_REQUEST, "{refusal}");
    }

    #[test]
    fn the_node_is_read() {
        let options = read_options(br#"{"evacuationNodeName":"a","dryRun":["All"]}"#).unwrap();
        assert_eq!(options.evacuation_node_name, "a");
        assert_eq!(options.dry_run, ["All"]);
    }

    #[test]
    fn nothing_to_take_back() {
        assert_eq!(leaving(&instance(json!({}))), None);
        assert_eq!(
            leaving(&instance(json!({ "evacuationNodeName": "" }))),
            None
        );
    }

    #[test]
    fn only_the_node_that_was_meant() {
        let leaving = instance(json!({ "evacuationNodeName": "a" }));
        assert_eq!(
            take_back(&leaving, "a", "b").unwrap_err().code,
            StatusCode::CONFLICT
        );
        let change = take_back(&leaving, "a", "a").unwrap();
        assert_eq!(
            change.operations[0],
            json!({ "op": "test", "path": PATH, "value": "a" })
        );
        assert_eq!(change.operations[1]["op"], "remove");
    }

    #[rstest]
    #[case("kubevirt.io/drain", "NoSchedule", false)]
    #[case("kubevirt.io/drain", "NoExecute", true)]
    #[case("node.kubernetes.io/unschedulable", "NoSchedule", true)]
    fn a_drained_node_is_refused(#[case] key: &str, #[case] effect: &str, #[case] fine: bool) {
        let node: Node = serde_json::from_value(json!({
            "metadata": { "name": "a" }, "spec": { "taints": [{ "key": key, "effect": effect }] },
        }))
        .unwrap();
        let outcome = not_drained(Some(&node), "kubevirt.io/drain");
        assert_eq!(outcome.is_ok(), fine);
        assert!(not_drained(None, "kubevirt.io/drain").is_ok());
    }

    #[test]
    fn a_machine_must_have_an_instance() {
        let machine = |created: bool| -> VirtualMachine {
            serde_json::from_value(json!({
                "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
                "metadata": { "name": "web", "namespace": "default" },
                "spec": { "runStrategy": "Always", "template": { "spec": { "domain": { "devices": {} } } } },
                "status": { "created": created },
            }))
            .unwrap()
        };
        assert!(created(&machine(true)).is_ok());
        assert_eq!(
            created(&machine(false)).unwrap_err().code,
            StatusCode::CONFLICT
        );
    }
}
