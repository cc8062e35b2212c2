use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn instance(phase: &str, spec: Value, node: &str) -> VirtualMachineInstance {
    serde_json::from_value(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": { "name": "web", "namespace": "default" },
        "spec": spec,
        "status": { "phase": phase, "nodeName": node },
    }))
    .unwrap()
}

#[rstest]
#[case("Running", 0)]
#[case("Failed", 409)]
#[case("Succeeded", 400)]
#[case("Scheduled", 400)]
#[case("Pending", 400)]
#[case("", 400)]
fn only_running_instances_have_a_console(#[case] phase: &str, #[case] code: u16) {
    let found = instance(phase, json!({ "domain": { "devices": {} } }), "node1");
    match checks::node(&found) {
        Ok(node) => assert_eq!((node, code), ("node1", 0)),
        Err(refusal) => assert_eq!(refusal.code.as_u16(), code),
    }
}

#[test]
fn a_console_that_is_switched_off_comes_first() {
    let spec = json!({ "domain": { "devices": { "autoattachSerialConsole": false } } });
    for phase in ["Running", "Failed"] {
        assert_eq!(
            checks::node(&instance(phase, spec.clone(), "node1"))
                .unwrap_err()
                .code
                .as_u16(),
            400
        );
    }
    let without_node = instance("Running", json!({ "domain": { "devices": {} } }), "");
    assert_eq!(checks::node(&without_node).unwrap_err().code.as_u16(), 400);
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}

#[test]
fn the_handshake_goes_on_without_anything_else() {
    let asked = headers(&[
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-version", "13"),
        (
            "sec-websocket-protocol",
            "base64url.bearer.authorization.k8s.io.c2VjcmV0, plain.kubevirt.io",
        ),
        ("sec-websocket-extensions", "permessage-deflate"),
        ("authorization", "Bearer secret"),
        ("x-remote-user", "alice"),
    ]);
    let onward = handshake(&asked).unwrap();
    assert_eq!(onward.len(), 5);
    assert_eq!(onward["sec-websocket-protocol"], "plain.kubevirt.io");
    assert_eq!(onward["sec-websocket-key"], "dGhlIHNhbXBsZSBub25jZQ==");
}

#[rstest]
#[case(&[("upgrade", "websocket"), ("sec-websocket-key", "a"), ("sec-websocket-version", "13")])]
#[case(&[("connection", "upgrade"), ("upgrade", "SPDY/3.1"), ("sec-websocket-key", "a"), ("sec-websocket-version", "13")])]
#[case(&[("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13")])]
#[case(&[("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-key", "a"), ("sec-websocket-version", "8")])]
#[case(&[])]
fn what_is_no_websocket_is_refused(#[case] pairs: &[(&'static str, &'static str)]) {
    assert_eq!(
        handshake(&headers(pairs)).unwrap_err().code,
        StatusCode::BAD_REQUEST
    );
}
