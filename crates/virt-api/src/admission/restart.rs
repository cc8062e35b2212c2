//! The warning that a change of a machine waits for the next start of its guest.

use kubevirt_api::VirtualMachine;
use kubevirt_core::{config::ClusterConfig, vm::template_change};

/// Most fields that the warning names.
const MOST_FIELDS: usize = 8;

/// Tells which fields of a template that changes the running guest does not follow. Nothing acts on a running guest yet,
/// so those that could act live wait too.
pub(super) fn warnings(
    old: &VirtualMachine,
    new: &VirtualMachine,
    config: &ClusterConfig,
) -> Vec<String> {
    let runs = old
        .status
        .as_ref()
        .is_some_and(|status| status.created == Some(true));
    if !runs || new.metadata.deletion_timestamp.is_some() {
        return Vec::new();
    }
    let strategy = new.spec.update_volumes_strategy.as_deref();
    let (before, after) = (&old.spec.template.spec, &new.spec.template.spec);
    // Objects that came from the API server can be written as JSON; a warning is not worth a refusal.
    let Ok(change) = template_change(before, after, strategy, config) else {
        return Vec::new();
    };
    let fields = change.all();
    if fields.is_empty() {
        return Vec::new();
    }
    let more = fields.len().saturating_sub(MOST_FIELDS);
    let named = fields[..fields.len() - more].join(", ");
    let rest = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    vec![format!("takes effect at the next restart: {named}{rest}")]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn machine(created: bool, cpu: Value) -> VirtualMachine {
        serde_json::from_value(json!({
            "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "a"},
            "spec": {"runStrategy": "Always", "template": {"spec": {"domain": {"devices": {}, "cpu": cpu}}}},
            "status": {"created": created},
        }))
        .unwrap()
    }

    #[test]
    fn a_running_guest_keeps_its_processors() {
        let config = ClusterConfig::default();
        let change = |created| {
            let old = machine(created, json!({"cores": 1}));
            warnings(
                &old,
                &machine(created, json!({"cores": 1, "model": "EPYC"})),
                &config,
            )
        };
        assert_eq!(
            change(true),
            ["takes effect at the next restart: spec.template.spec.domain.cpu.model"]
        );
        assert!(change(false).is_empty());
        let same = machine(true, json!({"cores": 1}));
        assert!(warnings(&same, &same, &config).is_empty());
    }

    #[test]
    fn many_fields_are_counted() {
        let config = ClusterConfig::default();
        let old = machine(true, json!({}));
        let mut new = old.clone();
        let labels = (0..10).map(|number| (format!("l{number}"), "a".to_owned()));
        new.spec.template.spec.node_selector = labels.collect();
        let told = warnings(&old, &new, &config);
        assert!(told[0].ends_with("nodeSelector.l7 and 2 more"), "{told:?}");
    }
}
