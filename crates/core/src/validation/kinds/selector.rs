//! Selectors of what makes other objects from a template.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::core::{Selector, SelectorExt};

use super::{Faults, Path};

/// A selector at `path` that must match the labels of the template, which are at `template`: its owner would not know what
/// it made.
pub(super) fn selects(
    faults: &mut Faults,
    path: &Path,
    selector: &LabelSelector,
    template: &str,
    labels: &BTreeMap<String, String>,
) {
    match Selector::try_from(selector.clone()) {
        Ok(selector) if selector.selects_all() => faults.required(
            path,
            format!("must select something: write matchLabels that {template}.labels has too"),
        ),
        Ok(selector) if !selector.matches(labels) => faults.invalid(
            path,
            format!("does not match {template}.labels, so what is made would not be found again: give both the same labels"),
        ),
        Ok(_) => {}
        Err(error) => faults.invalid(
            path,
            format!("is not a selector ({error}): use the operators In and NotIn with values, Exists and DoesNotExist"),
        ),
    }
}
