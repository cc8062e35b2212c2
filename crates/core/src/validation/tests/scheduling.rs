use FaultReason::{
    FieldValueInvalid as Invalid, FieldValueNotSupported as NotSupported,
    FieldValueRequired as Required,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{FaultReason, check};

fn node_term(requirement: Value) -> Value {
    json!({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [requirement]}]}}}})
}

fn pod_term(kind: &str, weight: i32, key: &str) -> Value {
    json!({"affinity": {kind: {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": weight, "podAffinityTerm": {"topologyKey": key}}]}}})
}

fn spread(skew: i32, key: &str, otherwise: &str) -> Value {
    json!({"topologySpreadConstraints": [{"maxSkew": skew, "topologyKey": key, "whenUnsatisfiable": otherwise}]})
}

fn toleration(toleration: Value) -> Value {
    json!({"tolerations": [toleration]})
}

const TERMS: &str =
    "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";

#[rstest]
#[case::node_selector(json!({"nodeSelector": {"a/b": "c"}}), json!({"nodeSelector": {"a b": "c"}}), "nodeSelector[a b]", Invalid, "label name")]
#[case::node_selector_value(json!({"nodeSelector": {"a": ""}}), json!({"nodeSelector": {"a": "-"}}), "nodeSelector[a]", Invalid, "label value")]
#[case::scheduler(json!({"schedulerName": "my-scheduler"}), json!({"schedulerName": "My"}), "schedulerName", Invalid, "lower-case")]
#[case::priority(json!({"priorityClassName": "high"}), json!({"priorityClassName": "a_b"}), "priorityClassName", Invalid, "lower-case")]
#[case::operator(toleration(json!({"key": "a", "operator": "Exists"})), toleration(json!({"key": "a", "operator": "Is"})), "tolerations[0].operator", NotSupported, "Equal, Exists")]
#[case::no_key(toleration(json!({"operator": "Exists"})), toleration(json!({"value": "v"})), "tolerations[0].operator", Invalid, "Exists")]
#[case::value(toleration(json!({"key": "a", "value": "v"})), toleration(json!({"key": "a", "operator": "Exists", "value": "v"})), "tolerations[0].value", Invalid, "take it out")]
#[case::effect(toleration(json!({"key": "a", "effect": "NoSchedule"})), toleration(json!({"key": "a", "effect": "No"})), "tolerations[0].effect", NotSupported, "NoExecute")]
#[case::seconds(toleration(json!({"key": "a", "effect": "NoExecute", "tolerationSeconds": 3})), toleration(json!({"key": "a", "tolerationSeconds": 3})), "tolerations[0].effect", Invalid, "NoExecute")]
#[case::taint(toleration(json!({"key": "a/b"})), toleration(json!({"key": "a/b/c"})), "tolerations[0].key", Invalid, "taint")]
#[case::skew(
    spread(1, "zone", "ScheduleAnyway"),
    spread(0, "zone", "ScheduleAnyway"),
    "topologySpreadConstraints[0].maxSkew",
    Invalid,
    "at least 1"
)]
#[case::spread_key(
    spread(1, "zone", "DoNotSchedule"),
    spread(1, "", "DoNotSchedule"),
    "topologySpreadConstraints[0].topologyKey",
    Invalid,
    "kubernetes.io/hostname"
)]
#[case::otherwise(
    spread(1, "zone", "DoNotSchedule"),
    spread(1, "zone", "Fail"),
    "topologySpreadConstraints[0].whenUnsatisfiable",
    NotSupported,
    "DoNotSchedule"
)]
#[case::no_terms(node_term(json!({"key": "a", "operator": "Exists"})), json!({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}}}), TERMS, Required, "at least one term")]
#[case::node_operator(node_term(json!({"key": "a", "operator": "Gt", "values": ["1"]})), node_term(json!({"key": "a", "operator": "Ge", "values": ["1"]})), &format!("{TERMS}[0].matchExpressions[0].operator"), NotSupported, "In, NotIn")]
#[case::node_values(node_term(json!({"key": "a", "operator": "In", "values": ["1"]})), node_term(json!({"key": "a", "operator": "In"})), &format!("{TERMS}[0].matchExpressions[0].values"), Required, "at least one value")]
#[case::node_no_values(node_term(json!({"key": "a", "operator": "DoesNotExist"})), node_term(json!({"key": "a", "operator": "Exists", "values": ["1"]})), &format!("{TERMS}[0].matchExpressions[0].values"), Invalid, "take them out")]
#[case::node_number(node_term(json!({"key": "a", "operator": "Lt", "values": ["1"]})), node_term(json!({"key": "a", "operator": "Lt", "values": ["x"]})), &format!("{TERMS}[0].matchExpressions[0].values"), Invalid, "whole number")]
#[case::weight(
    pod_term("podAffinity", 100, "zone"),
    pod_term("podAffinity", 101, "zone"),
    "affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight",
    Invalid,
    "1 to 100"
)]
#[case::pod_key(
    pod_term("podAntiAffinity", 1, "zone"),
    pod_term("podAntiAffinity", 1, ""),
    "affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey",
    Invalid,
    "label of a node"
)]
#[case::dns_policy(json!({"dnsPolicy": "Default"}), json!({"dnsPolicy": "Mine"}), "dnsPolicy", NotSupported, "ClusterFirst")]
#[case::dns_none(json!({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["192.0.2.1"]}}), json!({"dnsPolicy": "None"}), "dnsConfig.nameservers", Required, "add its address")]
#[case::dns_many(json!({"dnsConfig": {"nameservers": ["192.0.2.1", "2001:db8::1", "192.0.2.3"]}}), json!({"dnsConfig": {"nameservers": ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]}}), "dnsConfig.nameservers", Invalid, "more than 3")]
#[case::dns_address(json!({}), json!({"dnsConfig": {"nameservers": ["dns.example"]}}), "dnsConfig.nameservers[0]", Invalid, "IP address")]
#[case::dns_searches(json!({"dnsConfig": {"searches": ["a.example", "b.example."]}}), json!({"dnsConfig": {"searches": ["a", "b", "c", "d", "e", "f", "g"]}}), "dnsConfig.searches", Invalid, "more than 6")]
#[case::dns_search(json!({}), json!({"dnsConfig": {"searches": ["a_b"]}}), "dnsConfig.searches[0]", Invalid, "not a domain")]
#[case::dns_option(json!({"dnsConfig": {"options": [{"name": "ndots", "value": "2"}]}}), json!({"dnsConfig": {"options": [{"value": "2"}]}}), "dnsConfig.options[0].name", Required, "ndots")]
fn rules(
    #[case] good: Value,
    #[case] bad: Value,
    #[case] field: &str,
    #[case] reason: FaultReason,
    #[case] message: &str,
) {
    check(&good, &bad, &format!("spec.{field}"), reason, message);
}
