use FaultReason::{FieldValueInvalid as Invalid, FieldValueRequired as Required};
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check};

fn ping(patch: Value) -> Value {
    let mut probe = json!({"guestAgentPing": {}});
    super::merge(&mut probe, &patch);
    probe
}

#[rstest]
#[case::nothing(json!({"exec": {"command": ["true"]}}), json!({}), "", Required, "guestAgentPing")]
#[case::two(json!({"tcpSocket": {"port": 22}}), json!({"tcpSocket": {"port": 22}, "httpGet": {"port": "http"}}), "", Invalid, "keep one")]
#[case::command(json!({"httpGet": {"port": 80}}), json!({"exec": {}}), ".exec.command", Required, "command")]
#[case::delay(ping(json!({"initialDelaySeconds": 5})), ping(json!({"initialDelaySeconds": -1})), ".initialDelaySeconds", Invalid, "negative")]
#[case::timeout(ping(json!({"timeoutSeconds": 5})), ping(json!({"timeoutSeconds": -1})), ".timeoutSeconds", Invalid, "negative")]
#[case::period(ping(json!({"periodSeconds": 0})), ping(json!({"periodSeconds": -1})), ".periodSeconds", Invalid, "negative")]
#[case::failures(ping(json!({"failureThreshold": 1})), ping(json!({"failureThreshold": -1})), ".failureThreshold", Invalid, "negative")]
fn rules(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    for name in ["livenessProbe", "readinessProbe"] {
        let (good, bad) = (json!({name: good}), json!({name: bad}));
        check(&good, &bad, &format!("spec.{name}{field}"), reason, message);
    }
}

#[test]
fn one_success_shows_that_a_guest_lives() {
    let bad = json!({"livenessProbe": ping(json!({"successThreshold": 2}))});
    let good = json!({"readinessProbe": ping(json!({"successThreshold": 2}))});
    let field = "spec.livenessProbe.successThreshold";
    check(&good, &bad, field, Invalid, "must be 1");
}

#[rstest]
#[case::http(json!({"httpGet": {"port": 80}}), "httpGet")]
#[case::tcp(json!({"tcpSocket": {"port": 80}}), "tcpSocket")]
fn no_pod_network(#[case] probe: Value, #[case] field: &str) {
    let alone = |probe: Value| {
        json!({
            "domain": {"devices": {"interfaces": null, "autoattachPodInterface": false}},
            "networks": null, "readinessProbe": probe,
        })
    };
    let field = format!("spec.readinessProbe.{field}");
    let good = alone(json!({"guestAgentPing": {}}));
    check(&good, &alone(probe), &field, Invalid, "pod's network");
}
