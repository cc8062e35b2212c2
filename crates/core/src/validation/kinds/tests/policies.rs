//! Migration policies and plugins.

use kubevirt_api::{MigrationPolicy, Plugin};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::validation::FaultReason::{
    FieldValueInvalid as Invalid, FieldValueNotSupported as NotSupported,
    FieldValueRequired as Required,
};
use crate::validation::kinds::*;

#[rstest]
#[case::timeout(json!({"completionTimeoutPerGiB": 0}), json!({"completionTimeoutPerGiB": -1}), "spec.completionTimeoutPerGiB", Invalid, "negative")]
#[case::bandwidth(json!({"bandwidthPerMigration": "64Mi"}), json!({"bandwidthPerMigration": "-1"}), "spec.bandwidthPerMigration", Invalid, "negative")]
#[case::bandwidth_text(json!({"bandwidthPerMigration": 0}), json!({"bandwidthPerMigration": "fast"}), "spec.bandwidthPerMigration", Invalid, "not an amount")]
#[case::both(json!({"experimental": {"stallDetector": {}}}), json!({"experimental": {"stallDetector": {}, "downtimeTuning": {}}}), "spec.experimental", Invalid, "take one out")]
fn policies(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let gates = json!({"featureGates": ["MigrationStallDetection", "MigrationDowntimeTuning"]});
    let base = json!({"selectors": {}});
    let faults = |patch| {
        let policy = changed::<MigrationPolicy>(&base, patch);
        validate_migration_policy(&policy, &config(gates.clone()))
    };
    assert_eq!(faults(&good), [], "good");
    one(&faults(&bad), field, reason, message);
}

#[rstest]
#[case(json!({"experimental": {"stallDetector": {}}}), "spec.experimental.stallDetector", "MigrationStallDetection")]
#[case(json!({"experimental": {"downtimeTuning": {}}}), "spec.experimental.downtimeTuning", "MigrationDowntimeTuning")]
#[case(json!({"maxDowntimeMs": 500}), "spec.maxDowntimeMs", "MigrationDowntimeTuning")]
fn what_is_not_settled_needs_its_gate(
    #[case] patch: Value,
    #[case] field: &str,
    #[case] gate: &str,
) {
    let policy = changed::<MigrationPolicy>(&json!({"selectors": {}}), &patch);
    let faults = validate_migration_policy(&policy, &config(json!({})));
    one(&faults, field, NotSupported, gate);
    let on = config(json!({"featureGates": [gate]}));
    assert_eq!(validate_migration_policy(&policy, &on), []);
}

#[rstest]
#[case::neither(json!({"domainHooks": [{"cel": {"expression": "domain"}}]}), json!({"domainHooks": [{}]}), "spec.domainHooks[0]", Required, "cel or sidecar")]
#[case::both(json!({"domainHooks": [{"sidecar": {"socketPath": "/s.sock"}}]}), json!({"domainHooks": [{"cel": {"expression": "domain"}, "sidecar": {"socketPath": "/s.sock"}}]}), "spec.domainHooks[0]", Invalid, "take one out")]
#[case::expression(json!({}), json!({"domainHooks": [{"cel": {"expression": ""}}]}), "spec.domainHooks[0].cel.expression", Required, "empty")]
#[case::path(json!({}), json!({"domainHooks": [{"sidecar": {"socketPath": "/a/../b"}}]}), "spec.domainHooks[0].sidecar.socketPath", Invalid, "has .. in it")]
#[case::no_hooks(json!({"nodeHooks": [{"socket": "/s.sock", "permittedHooks": ["PreVMStart", "PostMigrationTarget"]}]}), json!({"nodeHooks": [{"socket": "/s.sock", "permittedHooks": []}]}), "spec.nodeHooks[0].permittedHooks", Required, "PreVMStart")]
#[case::hook(json!({}), json!({"nodeHooks": [{"socket": "/s.sock", "permittedHooks": ["OnFire"]}]}), "spec.nodeHooks[0].permittedHooks[0]", NotSupported, "OnFire")]
#[case::socket(json!({}), json!({"nodeHooks": [{"socket": "", "permittedHooks": ["PreVMStart"]}]}), "spec.nodeHooks[0].socket", Required, "socket")]
#[case::timeout(json!({"domainHooks": [{"cel": {"expression": "domain"}, "timeout": "1s"}]}), json!({"domainHooks": [{"cel": {"expression": "domain"}, "timeout": "0s"}]}), "spec.domainHooks[0].timeout", Invalid, "more than 0")]
#[case::strategy(json!({"failureStrategy": "Ignore"}), json!({"failureStrategy": "Panic"}), "spec.failureStrategy", NotSupported, "Fail, Ignore")]
#[case::reference(json!({"mutatingAdmissionPolicies": [{"name": "a"}]}), json!({"validatingAdmissionWebhooks": [{"name": ""}]}), "spec.validatingAdmissionWebhooks[0].name", Required, "must name")]
fn plugins(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    let faults = |patch| validate_plugin(&changed::<Plugin>(&json!({}), patch));
    assert_eq!(faults(&good), [], "good");
    one(&faults(&bad), field, reason, message);
}
