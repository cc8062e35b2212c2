//! Where components run, how objects of the installation are changed, and settings behind feature gates (contract 6.5).

use kubevirt_api::{CustomizeComponentsPatch, KubeVirtConfiguration, KubeVirtSpec};
use serde_json::Value;

use crate::config::{Features, Gate};
use crate::validation::{Faults, Path};

pub(super) fn components(faults: &mut Faults, path: &Path, spec: &KubeVirtSpec) {
    if spec.infra.as_ref().and_then(|infra| infra.replicas) == Some(0) {
        faults.invalid(
            &path.field("infra").field("replicas"),
            "must not be 0, nothing would answer requests then: write 1 or more",
        );
    }
    let patches = spec
        .customize_components
        .iter()
        .flat_map(|changes| &changes.patches);
    for (index, patch) in patches.enumerate() {
        let path = path
            .field("customizeComponents")
            .field("patches")
            .index(index);
        self::patch(faults, &path, patch);
    }
}

fn patch(faults: &mut Faults, path: &Path, patch: &CustomizeComponentsPatch) {
    faults.one_of(
        &path.field("type"),
        Some(patch.type_.as_str()),
        &["json", "merge", "strategic"],
    );
    let path = path.field("patch");
    match (serde_json::from_str(&patch.patch), patch.type_.as_str()) {
        (Err(error), _) => faults.invalid(
            &path,
            format!("is not JSON ({error}): write the patch as JSON"),
        ),
        (Ok(Value::Array(_)), "json") | (Ok(Value::Object(_)), "merge" | "strategic") => {}
        (Ok(_), "json") => faults.invalid(
            &path,
            "is not a list: write the operations of a JSON patch, or set the type merge or strategic",
        ),
        (Ok(_), "merge" | "strategic") => faults.invalid(
            &path,
            "is not an object: write the part of the object that changes, or set the type json",
        ),
        (Ok(_), _) => {}
    }
}

/// Settings that need a feature to be on.
pub(super) fn gated(
    faults: &mut Faults,
    path: &Path,
    configuration: &KubeVirtConfiguration,
    features: &Features,
) {
    let templates = configuration
        .virt_template_deployment
        .as_ref()
        .is_some_and(|deployment| deployment.enabled == Some(true));
    let manual = configuration.role_aggregation_strategy.as_deref() == Some("Manual");
    let migrations = path.field("migrations");
    let downtime = configuration
        .migrations
        .as_ref()
        .is_some_and(|migrations| migrations.max_downtime_ms.is_some());
    for (is_set, path, gate) in [
        (
            templates,
            path.field("virtTemplateDeployment"),
            Gate::Template,
        ),
        (
            manual,
            path.field("roleAggregationStrategy"),
            Gate::OptOutRoleAggregation,
        ),
        (
            downtime,
            migrations.field("maxDowntimeMs"),
            Gate::MigrationDowntimeTuning,
        ),
    ] {
        if is_set && !features.is_on(gate) {
            faults.not_supported(
                &path,
                format!(
                    "needs the feature gate {}: {}, or take the field out",
                    gate.name(),
                    features.remedy(gate)
                ),
            );
        }
    }
}
