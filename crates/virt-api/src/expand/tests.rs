use kubevirt_runtime::instancetypes::FindError;
use rstest::rstest;
use serde_json::json;

use super::*;

fn sent(spec: Value) -> Vec<u8> {
    json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": { "name": "web" }, "spec": spec,
    })
    .to_string()
    .into_bytes()
}

fn template(more: Value) -> Value {
    let mut spec = json!({ "domain": { "devices": {} } });
    if let (Some(spec), Some(more)) = (spec.as_object_mut(), more.as_object()) {
        spec.extend(more.clone());
    }
    json!({ "runStrategy": "Halted", "template": { "spec": spec } })
}

#[tokio::test]
async fn what_fits_is_read_and_gets_the_namespace() {
    let volumes = json!({
        "volumes": [{ "name": "root", "emptyDisk": { "capacity": "1Gi" } }],
        "nodeSelector": { "zone": "a" },
        "domain": {
            "devices": { "disks": [{ "name": "root", "disk": { "bus": "virtio" } }] },
            "resources": { "requests": { "memory": "64Mi", "cpu": 1 } },
            "memory": { "guest": "64Mi" },
        },
        "readinessProbe": { "tcpSocket": { "port": 22 } },
    });
    let machine = read(&sent(template(volumes)), "default").await.unwrap();
    assert_eq!(machine.metadata.namespace.as_deref(), Some("default"));
    assert_eq!(machine.spec.template.spec.volumes.len(), 1);
}

#[tokio::test]
async fn what_clients_in_go_write_fits() {
    let mut object: Value = serde_json::from_slice(&sent(template(json!({})))).unwrap();
    object["metadata"]["creationTimestamp"] = Value::Null;
    object["spec"]["template"]["metadata"] = json!({ "creationTimestamp": null });
    object["status"] = json!({});
    read(object.to_string().as_bytes(), "default")
        .await
        .unwrap();
}

#[rstest]
#[case(json!({ "runStrategy": "Halted" }), "spec.template: is required")]
#[case(json!("all"), "spec: must be an object")]
#[case(template(json!({ "volumes": {} })), "spec.template.spec.volumes: must be a list")]
#[case(template(json!({ "volums": [] })), "spec.template.spec.volums: there is no such field")]
#[case(template(json!({ "volumes": [{ "emptyDisk": { "capacity": "1Gi" } }] })), "volumes[0].name: is required")]
#[case(template(json!({ "evictionStrategy": "Flee" })), "evictionStrategy: \"Flee\" is not supported")]
#[case(template(json!({ "terminationGracePeriodSeconds": "30" })), "terminationGracePeriodSeconds: must be a whole number")]
#[case(template(json!({ "domain": { "devices": {}, "cpu": { "cores": -1 } } })), "cores: must be 0 or more")]
#[tokio::test]
async fn what_does_not_fit_is_named(#[case] spec: Value, #[case] expected: &str) {
    let refusal = read(&sent(spec), "default").await.unwrap_err();
    assert_eq!(refusal.code, StatusCode::BAD_REQUEST);
    assert!(refusal.message.contains(expected), "{refusal}");
}

#[rstest]
#[case("", "empty")]
#[case("{", "cannot be decoded")]
#[case("[]", "send kind VirtualMachine")]
#[case(
    r#"{"kind":"VirtualMachine","apiVersion":"v1","spec":{}}"#,
    "of kubevirt.io/v1"
)]
#[case(
    r#"{"kind":"VirtualMachine","apiVersion":"kubevirt.io/v1","metadata":{}}"#,
    "spec: is required"
)]
#[tokio::test]
async fn what_is_no_machine_is_told(#[case] body: &str, #[case] expected: &str) {
    let refusal = read(body.as_bytes(), "default").await.unwrap_err();
    assert_eq!(refusal.code, StatusCode::BAD_REQUEST);
    assert!(refusal.message.contains(expected), "{refusal}");
}

#[tokio::test]
async fn another_namespace_is_refused() {
    let mut object: Value = serde_json::from_slice(&sent(template(json!({})))).unwrap();
    object["metadata"]["namespace"] = json!("other");
    let refusal = read(object.to_string().as_bytes(), "default")
        .await
        .unwrap_err();
    assert_eq!(refusal.code, StatusCode::BAD_REQUEST);
}

#[test]
fn whose_fault_it_is() {
    let problem = |error| Problem::Named {
        field: "instancetype",
        error,
    };
    let nameless = || problem(FindError::Nameless("VirtualMachineInstancetype"));
    let late = || {
        problem(FindError::Late {
            kind: "VirtualMachineInstancetype",
            name: "small".to_owned(),
        })
    };
    let code = |problem: Problem, sent| problem.told(sent).code.as_u16();
    assert_eq!(
        (code(nameless(), true), code(nameless(), false)),
        (400, 500)
    );
    assert_eq!((code(late(), true), code(late(), false)), (500, 500));
    let conflict = || Problem::Conflict("VM field(s) x".to_owned());
    assert_eq!(
        (code(conflict(), true), code(conflict(), false)),
        (400, 500)
    );
}
