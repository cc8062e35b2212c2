//! On which nodes the pod may run (contract 8.1).

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm,
};
use kubevirt_api::names::label;

use super::Input;

const HOST_MODEL: &str = "host-model";
const HOST_PASSTHROUGH: &str = "host-passthrough";

pub(super) fn node_selector(input: &Input<'_>) -> BTreeMap<String, String> {
    let spec = &input.instance.spec;
    // What the guest asks for comes before what the settings say of all.
    let mut selector = input.config.pods.node_selectors.clone();
    selector.extend(spec.node_selector.clone());
    let mut demand = |key: String| selector.insert(key, "true".to_owned());
    demand(label::SCHEDULABLE.to_owned());
    let model = model(input);
    // `maximum` is libvirt's word for all that the emulator can do; no node lacks it.
    if !matches!(model, HOST_MODEL | HOST_PASSTHROUGH | "maximum" | "") {
        demand(format!("{}{model}", label::CPU_MODEL));
    }
    for feature in spec.domain.cpu.iter().flat_map(|cpu| &cpu.features) {
        if matches!(feature.policy.as_deref(), None | Some("" | "require")) {
            demand(format!("{}{}", label::CPU_FEATURE, feature.name));
        }
    }
    let machine = spec
        .domain
        .machine
        .as_ref()
        .map(|machine| machine.type_.as_str())
        .unwrap_or_default();
    if !machine.is_empty() {
        demand(format!("{}{machine}", label::MACHINE_TYPE));
    }
    if let Some(architecture) = spec
        .architecture
        .as_ref()
        .filter(|architecture| !architecture.is_empty())
    {
        selector.insert("kubernetes.io/arch".to_owned(), architecture.clone());
    }
    selector
}

/// The affinity asked for, and nodes to stay away from.
pub(super) fn affinity(input: &Input<'_>) -> Option<Affinity> {
    let spec = &input.instance.spec;
    let mut avoid = Vec::new();
    if model(input) == HOST_MODEL {
        avoid.push(absent(label::OBSOLETE_HOST_MODEL.to_owned()));
    }
    for feature in spec.domain.cpu.iter().flat_map(|cpu| &cpu.features) {
        if feature.policy.as_deref() == Some("forbid") {
            avoid.push(absent(format!("{}{}", label::CPU_FEATURE, feature.name)));
        }
    }
    if avoid.is_empty() {
        return spec.affinity.clone();
    }
    let mut affinity = spec.affinity.clone().unwrap_or_default();
    let node = affinity
        .node_affinity
        .get_or_insert_with(NodeAffinity::default);
    let required = node
        .required_during_scheduling_ignored_during_execution
        .get_or_insert_with(NodeSelector::default);
    // Terms are alternatives, so each of them gets what holds for all.
    if required.node_selector_terms.is_empty() {
        required
            .node_selector_terms
            .push(NodeSelectorTerm::default());
    }
    for term in &mut required.node_selector_terms {
        term.match_expressions
            .get_or_insert_with(Vec::new)
            .extend(avoid.iter().cloned());
    }
    Some(affinity)
}

fn absent(key: String) -> NodeSelectorRequirement {
    NodeSelectorRequirement {
        key,
        operator: "DoesNotExist".to_owned(),
        values: None,
    }
}

fn model<'a>(input: &Input<'a>) -> &'a str {
    let asked = input
        .instance
        .spec
        .domain
        .cpu
        .as_ref()
        .and_then(|cpu| cpu.model.as_deref());
    asked
        .filter(|model| !model.is_empty())
        .unwrap_or(&input.config.cpu_model)
}
