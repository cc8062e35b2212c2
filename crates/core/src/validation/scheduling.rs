//! Where the pod may run. The rules are those of pods: a pod that breaks them could not be created.

use kubevirt_api::k8s_openapi::{
    api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm, Toleration},
    apimachinery::pkg::apis::meta::v1::LabelSelector,
};

use super::{Faults, Path, text, vmi::Context};

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    let spec = context.spec;
    for (key, value) in &spec.node_selector {
        let path = context.path.field("nodeSelector").key(key);
        if !text::is_label_name(key) {
            faults.invalid(&path, format!("{key:?} is not a label name"));
        }
        if !value.is_empty() && !text::is_label_value(value) {
            faults.invalid(&path, format!("{value:?} is not a label value"));
        }
    }
    for (field, name) in [
        ("schedulerName", &spec.scheduler_name),
        ("priorityClassName", &spec.priority_class_name),
    ] {
        if let Some(name) = name
            .as_deref()
            .filter(|name| !name.is_empty() && !text::is_dns_subdomain(name))
        {
            faults.invalid(
                &context.path.field(field),
                format!("{name:?} is not a name: use {}", text::DNS_SUBDOMAIN),
            );
        }
    }
    for (index, toleration) in spec.tolerations.iter().enumerate() {
        tolerates(
            faults,
            &context.path.field("tolerations").index(index),
            toleration,
        );
    }
    for (index, spread) in spec.topology_spread_constraints.iter().enumerate() {
        let path = context.path.field("topologySpreadConstraints").index(index);
        if spread.max_skew < 1 {
            faults.invalid(&path.field("maxSkew"), "must be at least 1");
        }
        topology_key(faults, &path, &spread.topology_key);
        let allowed = ["DoNotSchedule", "ScheduleAnyway"];
        faults.one_of(
            &path.field("whenUnsatisfiable"),
            Some(&spread.when_unsatisfiable),
            &allowed,
        );
        if spread.min_domains.is_some_and(|domains| domains < 1) {
            faults.invalid(&path.field("minDomains"), "must be at least 1");
        }
        label_selector(
            faults,
            &path.field("labelSelector"),
            spread.label_selector.as_ref(),
        );
    }
    affinity(faults, context);
}

fn tolerates(faults: &mut Faults, path: &Path, toleration: &Toleration) {
    let operator = toleration
        .operator
        .as_deref()
        .filter(|operator| !operator.is_empty())
        .unwrap_or("Equal");
    let key = toleration.key.as_deref().unwrap_or_default();
    faults.one_of(
        &path.field("operator"),
        Some(operator),
        &["Equal", "Exists"],
    );
    if key.is_empty() && operator != "Exists" {
        faults.invalid(
            &path.field("operator"),
            "must be Exists when key is empty: set it, or give a key",
        );
    }
    if !key.is_empty() && !text::is_label_name(key) {
        faults.invalid(
            &path.field("key"),
            format!("{key:?} is not the name of a taint"),
        );
    }
    if operator == "Exists"
        && toleration
            .value
            .as_deref()
            .is_some_and(|value| !value.is_empty())
    {
        faults.invalid(
            &path.field("value"),
            "must be empty when operator is Exists: take it out",
        );
    }
    let effect = toleration.effect.as_deref().unwrap_or_default();
    faults.one_of(
        &path.field("effect"),
        Some(effect),
        &["", "NoSchedule", "PreferNoSchedule", "NoExecute"],
    );
    if toleration.toleration_seconds.is_some() && effect != "NoExecute" {
        faults.invalid(
            &path.field("effect"),
            "must be NoExecute when tolerationSeconds is set",
        );
    }
}

fn affinity(faults: &mut Faults, context: &Context<'_>) {
    let Some(affinity) = &context.spec.affinity else {
        return;
    };
    let path = context.path.field("affinity");
    const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
    const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
    if let Some(node) = &affinity.node_affinity {
        let path = path.field("nodeAffinity");
        if let Some(required) = &node.required_during_scheduling_ignored_during_execution {
            let path = path.field(REQUIRED).field("nodeSelectorTerms");
            if required.node_selector_terms.is_empty() {
                faults.required(&path, "must have at least one term");
            }
            for (index, term) in required.node_selector_terms.iter().enumerate() {
                node_term(faults, &path.index(index), term);
            }
        }
        for (index, preferred) in node
            .preferred_during_scheduling_ignored_during_execution
            .iter()
            .flatten()
            .enumerate()
        {
            let path = path.field(PREFERRED).index(index);
            weight(faults, &path, preferred.weight);
            node_term(faults, &path.field("preference"), &preferred.preference);
        }
    }
    let pod = affinity.pod_affinity.as_ref();
    let anti = affinity.pod_anti_affinity.as_ref();
    let kinds = [
        (
            "podAffinity",
            pod.and_then(|pod| {
                pod.required_during_scheduling_ignored_during_execution
                    .as_ref()
            }),
            pod.and_then(|pod| {
                pod.preferred_during_scheduling_ignored_during_execution
                    .as_ref()
            }),
        ),
        (
            "podAntiAffinity",
            anti.and_then(|pod| {
                pod.required_during_scheduling_ignored_during_execution
                    .as_ref()
            }),
            anti.and_then(|pod| {
                pod.preferred_during_scheduling_ignored_during_execution
                    .as_ref()
            }),
        ),
    ];
    for (field, required, preferred) in kinds {
        let path = path.field(field);
        for (index, term) in required.into_iter().flatten().enumerate() {
            pod_term(faults, &path.field(REQUIRED).index(index), term);
        }
        for (index, term) in preferred.into_iter().flatten().enumerate() {
            let path = path.field(PREFERRED).index(index);
            weight(faults, &path, term.weight);
            pod_term(
                faults,
                &path.field("podAffinityTerm"),
                &term.pod_affinity_term,
            );
        }
    }
}

fn weight(faults: &mut Faults, path: &Path, weight: i32) {
    if !(1..=100).contains(&weight) {
        faults.invalid(
            &path.field("weight"),
            format!("{weight} is not a weight: use 1 to 100"),
        );
    }
}

fn topology_key(faults: &mut Faults, path: &Path, key: &str) {
    if !text::is_label_name(key) {
        faults.invalid(
            &path.field("topologyKey"),
            format!("{key:?} is not the label of a node: use one such as kubernetes.io/hostname"),
        );
    }
}

fn pod_term(faults: &mut Faults, path: &Path, term: &PodAffinityTerm) {
    topology_key(faults, path, &term.topology_key);
    label_selector(
        faults,
        &path.field("labelSelector"),
        term.label_selector.as_ref(),
    );
}

fn node_term(faults: &mut Faults, path: &Path, term: &NodeSelectorTerm) {
    let lists = [
        ("matchExpressions", &term.match_expressions),
        ("matchFields", &term.match_fields),
    ];
    for (field, requirements) in lists {
        for (index, requirement) in requirements.iter().flatten().enumerate() {
            node_requirement(faults, &path.field(field).index(index), requirement);
        }
    }
}

fn node_requirement(faults: &mut Faults, path: &Path, requirement: &NodeSelectorRequirement) {
    let values = requirement.values.as_deref().unwrap_or_default();
    let operator = requirement.operator.as_str();
    faults.one_of(
        &path.field("operator"),
        Some(operator),
        &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"],
    );
    set_values(faults, path, operator, values.len());
    if matches!(operator, "Gt" | "Lt") && !(values.len() == 1 && values[0].parse::<i64>().is_ok()) {
        faults.invalid(
            &path.field("values"),
            format!("must be one whole number when operator is {operator}"),
        );
    }
    if !text::is_label_name(&requirement.key) {
        faults.invalid(
            &path.field("key"),
            format!("{:?} is not a label name", requirement.key),
        );
    }
}

fn label_selector(faults: &mut Faults, path: &Path, selector: Option<&LabelSelector>) {
    let Some(selector) = selector else { return };
    for (name, value) in selector.match_labels.iter().flatten() {
        if !text::is_label_name(name) || !(value.is_empty() || text::is_label_value(value)) {
            faults.invalid(
                &path.field("matchLabels").key(name),
                "is not a label that an object can have",
            );
        }
    }
    for (index, requirement) in selector.match_expressions.iter().flatten().enumerate() {
        let path = path.field("matchExpressions").index(index);
        let operator = requirement.operator.as_str();
        faults.one_of(
            &path.field("operator"),
            Some(operator),
            &["In", "NotIn", "Exists", "DoesNotExist"],
        );
        set_values(
            faults,
            &path,
            operator,
            requirement.values.as_ref().map_or(0, Vec::len),
        );
        if !text::is_label_name(&requirement.key) {
            faults.invalid(
                &path.field("key"),
                format!("{:?} is not a label name", requirement.key),
            );
        }
    }
}

fn set_values(faults: &mut Faults, path: &Path, operator: &str, count: usize) {
    match operator {
        "In" | "NotIn" if count == 0 => {
            faults.required(
                &path.field("values"),
                format!("must have at least one value when operator is {operator}"),
            );
        }
        "Exists" | "DoesNotExist" if count > 0 => {
            faults.invalid(
                &path.field("values"),
                format!("must be empty when operator is {operator}: take them out"),
            );
        }
        _ => {}
    }
}
