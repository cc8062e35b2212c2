use FaultReason::{
    FieldValueDuplicate as Duplicate, FieldValueInvalid as Invalid, FieldValueRequired as Required,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check_gate, check_with, gates};

/// Devices of a guest that has two claims.
fn devices(devices: Value) -> Value {
    json!({
        "domain": {"devices": devices},
        "resourceClaims": [{"name": "one", "resourceClaimName": "a"}, {"name": "two", "resourceClaimTemplateName": "b"}],
    })
}

fn display(ram_fb: bool) -> Value {
    json!({"display": {"ramFB": {"enabled": ram_fb}}})
}

#[rstest]
#[case::name(json!({"gpus": [{"name": "a", "deviceName": "x/y"}]}), json!({"gpus": [{"name": "", "deviceName": "x/y"}]}), "gpus[0].name", Required, "name")]
#[case::name_twice(json!({"gpus": [{"name": "a", "deviceName": "x/y"}], "hostDevices": [{"name": "b", "deviceName": "x/y"}]}), json!({"gpus": [{"name": "a", "deviceName": "x/y"}], "hostDevices": [{"name": "a", "deviceName": "x/y"}]}), "hostDevices[0].name", Duplicate, "rename")]
#[case::nothing(json!({"gpus": [{"name": "a", "claimName": "one", "requestName": "r"}]}), json!({"gpus": [{"name": "a"}]}), "gpus[0].deviceName", Required, "claimName")]
#[case::both(json!({"hostDevices": [{"name": "a", "claimName": "two", "requestName": "r"}]}), json!({"hostDevices": [{"name": "a", "deviceName": "x/y", "claimName": "two", "requestName": "r"}]}), "hostDevices[0]", Invalid, "take one of them out")]
#[case::request(json!({}), json!({"gpus": [{"name": "a", "claimName": "one"}]}), "gpus[0].requestName", Required, "request")]
#[case::claim(json!({}), json!({"gpus": [{"name": "a", "requestName": "r"}]}), "gpus[0].claimName", Required, "resourceClaims")]
#[case::unknown_claim(json!({}), json!({"gpus": [{"name": "a", "claimName": "three", "requestName": "r"}]}), "gpus[0].claimName", Invalid, "add it there")]
#[case::displays(json!({"gpus": [{"name": "a", "deviceName": "x/y", "virtualGPUOptions": display(true)}, {"name": "b", "deviceName": "x/y", "virtualGPUOptions": display(false)}]}), json!({"gpus": [{"name": "a", "deviceName": "x/y", "virtualGPUOptions": display(true)}, {"name": "b", "deviceName": "x/y", "virtualGPUOptions": {"display": {}}}]}), "gpus", Invalid, "ramFB")]
fn rules(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    check_with(
        &gates(&["HostDevices"]),
        &devices(good),
        &devices(bad),
        &format!("spec.domain.devices.{field}"),
        reason,
        message,
    );
}

#[rstest]
#[case::devices("HostDevices", json!({"hostDevices": [{"name": "a", "deviceName": "x/y"}]}), "hostDevices")]
#[case::gpu_claims("GPUsWithDRA", json!({"gpus": [{"name": "a", "claimName": "one", "requestName": "r"}]}), "gpus[0].claimName")]
fn gated(#[case] gate: &str, #[case] given: Value, #[case] field: &str) {
    let field = format!("spec.domain.devices.{field}");
    check_gate(gate, &devices(given), &field);
}

#[rstest]
#[case::neither(json!({"name": "a", "resourceClaimName": "c"}), json!({"name": "a"}), "[0]", Required, "resourceClaimTemplateName")]
#[case::both(json!({"name": "a", "resourceClaimTemplateName": "c"}), json!({"name": "a", "resourceClaimName": "c", "resourceClaimTemplateName": "c"}), "[0]", Invalid, "take one of them out")]
#[case::name(json!({"name": "a-1", "resourceClaimName": "c"}), json!({"name": "A", "resourceClaimName": "c"}), "[0].name", Invalid, "DNS label")]
fn claims(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let field = format!("spec.resourceClaims{field}");
    let (good, bad) = (
        json!({"resourceClaims": [good]}),
        json!({"resourceClaims": [bad]}),
    );
    check_with(&json!({}), &good, &bad, &field, reason, message);
}

#[test]
fn claims_of_one_name() {
    let claims = |second: &str| json!({"resourceClaims": [{"name": "a", "resourceClaimName": "c"}, {"name": second, "resourceClaimName": "c"}]});
    let field = "spec.resourceClaims[1].name";
    check_with(
        &json!({}),
        &claims("b"),
        &claims("a"),
        field,
        Duplicate,
        "rename",
    );
}
