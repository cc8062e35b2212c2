use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn instance(phase: &str, conditions: &[&str], spec: Value) -> VirtualMachineInstance {
    let conditions: Vec<_> = conditions
        .iter()
        .map(|condition| json!({ "type": condition, "status": "True" }))
        .collect();
    let mut complete = json!({ "domain": { "devices": {} } });
    json_patch::merge(&mut complete, &spec);
    serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": { "name": "web", "namespace": "default" },
        "spec": complete,
        "status": { "phase": phase, "nodeName": "one", "conditions": conditions },
    }))
    .unwrap()
}

/// The code of the refusal; 0 when it may go on.
fn code(subresource: Subresource, instance: &VirtualMachineInstance) -> u16 {
    state(subresource, instance, None).map_or_else(|refusal| refusal.code.as_u16(), |()| 0)
}

#[rstest]
// subresource, phase, conditions, code
#[case(Subresource::Pause, "Running", &[], 0)]
#[case(Subresource::Pause, "Running", &["Paused"], 409)]
#[case(Subresource::Pause, "Scheduled", &[], 409)]
#[case(Subresource::Pause, "Failed", &[], 409)]
#[case(Subresource::Unpause, "Running", &["Paused"], 0)]
#[case(Subresource::Unpause, "Running", &[], 409)]
#[case(Subresource::Unpause, "Succeeded", &["Paused"], 409)]
#[case(Subresource::Freeze, "Running", &[], 0)]
#[case(Subresource::Freeze, "Pending", &[], 409)]
#[case(Subresource::Unfreeze, "Running", &[], 0)]
#[case(Subresource::Unfreeze, "Scheduling", &[], 409)]
#[case(Subresource::Reset, "Running", &["Paused"], 0)]
#[case(Subresource::Reset, "Pending", &[], 0)]
#[case(Subresource::SoftReboot, "Running", &[], 0)]
#[case(Subresource::SoftReboot, "Running", &["Paused"], 409)]
#[case(Subresource::SoftReboot, "Running", &["AgentConnected", "Paused"], 409)]
#[case(Subresource::SoftReboot, "Scheduled", &["AgentConnected"], 409)]
#[case(Subresource::GuestOsInfo, "Running", &["AgentConnected"], 0)]
#[case(Subresource::GuestOsInfo, "Running", &[], 409)]
#[case(Subresource::UserList, "Running", &["AgentConnected"], 0)]
#[case(Subresource::UserList, "Failed", &["AgentConnected"], 409)]
#[case(Subresource::FileSystemList, "Running", &["AgentConnected", "Paused"], 0)]
#[case(Subresource::FileSystemList, "Running", &["Ready"], 409)]
#[case(Subresource::VncScreenshot, "Running", &[], 0)]
#[case(Subresource::VncScreenshot, "Scheduled", &[], 400)]
fn states(
    #[case] subresource: Subresource,
    #[case] phase: &str,
    #[case] conditions: &[&str],
    #[case] expected: u16,
) {
    let instance = instance(phase, conditions, json!({}));
    assert_eq!(code(subresource, &instance), expected);
}

#[rstest]
#[case("Scheduled", "one", true)]
#[case("Running", "one", true)]
#[case("Running", "", false)]
#[case("Scheduling", "one", false)]
#[case("Pending", "", false)]
#[case("Succeeded", "one", false)]
#[case("Failed", "one", false)]
#[case("Unknown", "one", false)]
#[case("", "", false)]
fn virt_handler_is_looked_up_for_guests_on_a_node(
    #[case] phase: &str,
    #[case] on: &str,
    #[case] found: bool,
) {
    let mut instance = instance(phase, &[], json!({}));
    instance.status.as_mut().unwrap().node_name = Some(on.to_owned());
    match node(&instance) {
        Ok(node) => assert_eq!((node, found), ("one", true)),
        Err(refusal) => assert_eq!((refusal.code.as_u16(), found), (400, false)),
    }
}

#[rstest]
#[case(json!({ "tcpSocket": { "port": 80 } }), 403)]
#[case(json!({ "httpGet": { "port": 80 } }), 403)]
#[case(json!({ "exec": { "command": ["true"] } }), 403)]
#[case(json!({ "guestAgentPing": {} }), 0)]
fn a_probe_that_a_pause_would_fail_forbids_it(#[case] probe: Value, #[case] expected: u16) {
    let found = instance("Running", &[], json!({ "livenessProbe": probe }));
    assert_eq!(code(Subresource::Pause, &found), expected);
    let paused = instance("Running", &["Paused"], json!({ "livenessProbe": probe }));
    assert_eq!(code(Subresource::Unpause, &paused), 0);
}

#[rstest]
#[case(json!({}), 0)]
#[case(json!({ "snapshotInProgress": "" }), 0)]
#[case(json!({ "snapshotInProgress": "nightly" }), 409)]
fn a_guest_that_is_snapshotted_stays_paused(#[case] status: Value, #[case] expected: u16) {
    let machine: VirtualMachine = serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": { "name": "web" },
        "spec": { "template": { "spec": { "domain": { "devices": {} } } } },
        "status": status,
    }))
    .unwrap();
    let paused = instance("Running", &["Paused"], json!({}));
    let answer = state(Subresource::Unpause, &paused, Some(&machine));
    assert_eq!(
        answer.map_or_else(|refusal| refusal.code.as_u16(), |()| 0),
        expected
    );
}

#[rstest]
#[case(json!({ "acpi": { "enabled": false } }), &[], 409)]
#[case(json!({ "acpi": { "enabled": false } }), &["AgentConnected"], 0)]
#[case(json!({ "acpi": { "enabled": true } }), &[], 0)]
#[case(json!({ "acpi": {} }), &[], 0)]
#[case(Value::Null, &[], 0)]
fn a_soft_reboot_needs_somebody_to_ask(
    #[case] features: Value,
    #[case] conditions: &[&str],
    #[case] expected: u16,
) {
    let spec = json!({ "domain": { "features": features } });
    assert_eq!(
        code(
            Subresource::SoftReboot,
            &instance("Running", conditions, spec)
        ),
        expected
    );
}

#[test]
fn a_guest_without_screen_has_no_picture() {
    let spec = json!({ "domain": { "devices": { "autoattachGraphicsDevice": false } } });
    let found = instance("Running", &[], spec);
    assert_eq!(code(Subresource::VncScreenshot, &found), 400);
}

#[rstest]
#[case(None, Some(false))]
#[case(Some(""), Some(false))]
#[case(Some("moveCursor=true"), Some(true))]
#[case(Some("moveCursor=false"), Some(false))]
#[case(Some("a=b&moveCursor=true"), Some(true))]
#[case(Some("moveCursor="), Some(false))]
#[case(Some("moveCursor=maybe"), None)]
#[case(Some("xmoveCursor=true"), Some(false))]
fn the_pointer(#[case] query: Option<&str>, #[case] expected: Option<bool>) {
    assert_eq!(move_cursor(query).ok(), expected);
}

#[rstest]
#[case("", None)]
#[case("{}", None)]
#[case("{\"unfreezeTimeout\":null}", None)]
#[case("{\"unfreezeTimeout\":5}", None)]
#[case("[", None)]
#[case("unfreezeTimeout: 5m0s", Some("{\"unfreezeTimeout\":\"5m0s\"}"))]
#[case("{\"unfreezeTimeout\":\"0s\"}", Some("{\"unfreezeTimeout\":\"0s\"}"))]
fn freezing_has_an_end(#[case] body: &str, #[case] expected: Option<&str>) {
    match freeze_options(body.as_bytes()) {
        Ok(onward) => assert_eq!(Some(std::str::from_utf8(&onward).unwrap()), expected),
        Err(refusal) => assert_eq!((refusal.code.as_u16(), expected), (400, None)),
    }
}
