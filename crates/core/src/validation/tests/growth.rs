use FaultReason::FieldValueInvalid as Invalid;
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check_with};

fn guest(guest: &str, most: &str) -> Value {
    json!({"domain": {"memory": {"guest": guest, "maxGuest": most}}})
}

fn with(mut manifest: Value, patch: Value) -> Value {
    super::merge(&mut manifest, &patch);
    manifest
}

#[rstest]
#[case::less(guest("2Gi", "2Gi"), guest("2Gi", "1Gi"), "domain.memory.guest")]
#[case::small(guest("1Gi", "4Gi"), guest("512Mi", "4Gi"), "less than 1Gi")]
#[case::step(guest("1Gi", "1026Mi"), guest("1Gi", "1025Mi"), "2Mi")]
#[case::step_of_guest(guest("1026Mi", "2Gi"), guest("1025Mi", "2Gi"), "2Mi")]
#[case::large_pages(
    with(guest("1Gi", "2Gi"), json!({"domain": {"memory": {"hugepages": {"pageSize": "1Gi"}}}})),
    with(guest("1Gi", "1026Mi"), json!({"domain": {"memory": {"hugepages": {"pageSize": "1Gi"}}}})),
    "1Gi"
)]
#[case::architecture(json!({"architecture": "arm64"}), with(guest("1Gi", "2Gi"), json!({"architecture": "arm64"})), "amd64")]
fn rules(#[case] good: Value, #[case] bad: Value, #[case] message: &str) {
    let field = "spec.domain.memory.maxGuest";
    check_with(&json!({}), &good, &bad, field, Invalid, message);
}

#[test]
fn staged() {
    let settings = json!({"vmRolloutStrategy": "Stage"});
    let field = "spec.domain.memory.maxGuest";
    let bad = guest("1Gi", "2Gi");
    check_with(&settings, &json!({}), &bad, field, Invalid, "LiveUpdate");
}

#[rstest]
#[case::real_time(json!({"domain": {"cpu": {"realtime": {}}}}), "cpu.realtime")]
#[case::topology(json!({"domain": {"cpu": {"realtime": null}}}), "cpu.numa")]
fn processors(#[case] patch: Value, #[case] message: &str) {
    let fixed = json!({"domain": {
        "cpu": {"dedicatedCpuPlacement": true, "numa": {"guestMappingPassthrough": {}}},
        "memory": {"guest": "1Gi", "hugepages": {"pageSize": "2Mi"}},
    }});
    let good = with(fixed, patch);
    let bad = with(good.clone(), guest("1Gi", "2Gi"));
    let field = "spec.domain.memory.maxGuest";
    check_with(&json!({}), &good, &bad, field, Invalid, message);
}
