use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn instance(devices: Value, status: Value) -> VirtualMachineInstance {
    serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": { "name": "web", "namespace": "default" },
        "spec": { "domain": { "devices": devices } },
        "status": status,
    }))
    .unwrap()
}

fn code(subresource: Subresource, devices: Value, status: Value) -> u16 {
    match checks::state(subresource, &instance(devices, status)) {
        Ok(()) => 0,
        Err(refusal) => refusal.code.as_u16(),
    }
}

#[rstest]
#[case("Running", 0, 0)]
#[case("Failed", 409, 400)]
#[case("Succeeded", 400, 400)]
#[case("Scheduled", 400, 400)]
#[case("Pending", 400, 400)]
#[case("", 400, 400)]
fn only_running_instances_have_a_console_and_a_display(
    #[case] phase: &str,
    #[case] console: u16,
    #[case] display: u16,
) {
    let status = json!({ "phase": phase, "nodeName": "node1" });
    assert_eq!(
        code(Subresource::Console, json!({}), status.clone()),
        console
    );
    assert_eq!(code(Subresource::Vnc, json!({}), status.clone()), display);
    let vsock = json!({ "autoattachVSOCK": true });
    assert_eq!(code(Subresource::Vsock, vsock, status), display);
}

#[test]
fn what_is_switched_off_comes_first() {
    for phase in ["Running", "Failed"] {
        let status = json!({ "phase": phase });
        let console = json!({ "autoattachSerialConsole": false });
        assert_eq!(code(Subresource::Console, console, status.clone()), 400);
        let display = json!({ "autoattachGraphicsDevice": false });
        assert_eq!(code(Subresource::Vnc, display, status.clone()), 400);
        assert_eq!(code(Subresource::Vsock, json!({}), status.clone()), 400);
        assert_eq!(code(Subresource::Usbredir, json!({}), status), 409);
    }
    let passthrough = json!({ "clientPassthrough": {} });
    let usb = |phase: &str| {
        let status = json!({ "phase": phase });
        code(Subresource::Usbredir, passthrough.clone(), status)
    };
    assert_eq!((usb("Running"), usb("Scheduled")), (501, 400));
}

#[test]
fn ports_need_a_guest_that_is_not_paused_and_has_an_address() {
    let paused =
        json!({ "phase": "Running", "conditions": [{ "type": "Paused", "status": "True" }] });
    for forward in [
        Subresource::InstancePortForward,
        Subresource::MachinePortForward,
    ] {
        assert_eq!(code(forward, json!({}), paused.clone()), 409);
        assert_eq!(code(forward, json!({}), json!({ "phase": "Running" })), 0);
    }
    let of = |interfaces: Value| {
        checks::address(&instance(
            json!({}),
            json!({ "phase": "Running", "interfaces": interfaces }),
        ))
    };
    assert_eq!(of(json!([])).unwrap_err().code, StatusCode::BAD_REQUEST);
    assert_eq!(of(json!([{}])).unwrap_err().code, StatusCode::BAD_REQUEST);
    let found = of(json!([{ "ipAddress": "fd00::2" }, { "ipAddress": "10.0.0.2" }]));
    assert_eq!(found.unwrap().to_string(), "fd00::2");
}

#[test]
fn a_running_instance_is_on_a_node() {
    let on = |node: &str| instance(json!({}), json!({ "phase": "Running", "nodeName": node }));
    assert_eq!(checks::node(&on("node1")).unwrap(), "node1");
    assert_eq!(checks::node(&on("")).unwrap_err().code.as_u16(), 400);
}

#[test]
fn queries() {
    assert_eq!(checks::vsock_query(Some("port=22")).unwrap(), (22, true));
    assert_eq!(
        checks::vsock_query(Some("tls=false&port=4294967295")).unwrap(),
        (u32::MAX, false)
    );
    for wrong in [None, Some("port="), Some("port=-1"), Some("port=22&tls=no")] {
        assert_eq!(checks::vsock_query(wrong).unwrap_err().code.as_u16(), 400);
    }
    assert!(!checks::preserve_session(None).unwrap());
    assert!(checks::preserve_session(Some("preserveSession=true")).unwrap());
    assert!(checks::preserve_session(Some("preserveSession=maybe")).is_err());
}
