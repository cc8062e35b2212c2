//! Annotations that tell which instancetype and preference an instance was made with.

use std::collections::BTreeMap;

use kubevirt_api::names::annotation;

use super::{Kind, Selection};

/// Notes the names in the annotations of an instance.
pub(super) fn note(annotations: &mut BTreeMap<String, String>, selection: &Selection) {
    let chosen = [
        selection
            .instancetype
            .as_ref()
            .map(|chosen| (chosen.kind, &chosen.name)),
        selection
            .preference
            .as_ref()
            .map(|chosen| (chosen.kind, &chosen.name)),
    ];
    for (kind, name) in chosen.into_iter().flatten() {
        let key = match kind {
            Kind::Instancetype => annotation::INSTANCETYPE_NAME,
            Kind::ClusterInstancetype => annotation::CLUSTER_INSTANCETYPE_NAME,
            Kind::Preference => annotation::PREFERENCE_NAME,
            Kind::ClusterPreference => annotation::CLUSTER_PREFERENCE_NAME,
        };
        annotations.insert(key.to_owned(), name.clone());
    }
}
