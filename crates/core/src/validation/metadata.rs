//! Labels and annotations.

use std::collections::BTreeMap;

use kubevirt_api::names::RESERVED_LABELS;

use super::{Fault, Faults, Path, text};
use crate::config::{Features, Gate};

/// Annotations whose features must be switched on.
const GATED_ANNOTATIONS: [(&str, Gate); 2] = [
    (
        "kubevirt.io/ignitiondata",
        Gate::ExperimentalIgnitionSupport,
    ),
    ("hooks.kubevirt.io/hookSidecars", Gate::Sidecar),
];

/// Labels at `path` that only KubeVirt's components may set.
pub fn validate_reserved_labels(path: &str, labels: &BTreeMap<String, String>) -> Vec<Fault> {
    let mut faults = Faults::default();
    reserved_labels(&mut faults, &Path::new(path), labels, &RESERVED_LABELS);
    faults.into_vec()
}

/// Annotations at `path` that have no name, or ask for a feature that is off.
pub fn validate_annotations(
    path: &str,
    given: &BTreeMap<String, String>,
    features: &Features,
) -> Vec<Fault> {
    let mut faults = Faults::default();
    annotations(&mut faults, &Path::new(path), given, features);
    faults.into_vec()
}

pub(super) fn reserved_labels(
    faults: &mut Faults,
    path: &Path,
    labels: &BTreeMap<String, String>,
    reserved: &[&str],
) {
    for name in reserved.iter().filter(|name| labels.contains_key(**name)) {
        faults.invalid(
            &path.key(name),
            "is reserved for KubeVirt's components: take it out",
        );
    }
}

/// The API server checks the labels of objects, not those of templates.
pub(super) fn labels(faults: &mut Faults, path: &Path, labels: &BTreeMap<String, String>) {
    for (name, value) in labels {
        if !text::is_label_name(name) {
            faults.invalid(
                &path.key(name),
                "is not a label name: use letters, digits, -, _ and ., at most 63 characters",
            );
        }
        if !value.is_empty() && !text::is_label_value(value) {
            faults.invalid(
                &path.key(name),
                format!("{value:?} is not a label value: use letters, digits, -, _ and ., at most 63 characters"),
            );
        }
    }
}

pub(super) fn annotations(
    faults: &mut Faults,
    path: &Path,
    annotations: &BTreeMap<String, String>,
    features: &Features,
) {
    for (name, gate) in GATED_ANNOTATIONS {
        if annotations.contains_key(name) && !features.is_on(gate) {
            faults.invalid(
                &path.key(name),
                format!(
                    "needs the feature gate {}: {}, or take the annotation out",
                    gate.name(),
                    features.remedy(gate)
                ),
            );
        }
    }
    for name in annotations
        .keys()
        .filter(|name| !text::is_label_name(&name.to_ascii_lowercase()))
    {
        faults.invalid(
            &path.key(name),
            "is not an annotation name: use letters, digits, -, _ and ., at most 63 characters",
        );
    }
}
