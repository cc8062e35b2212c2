//! References to objects of the same namespace.

use k8s_openapi::api::core::v1::TypedLocalObjectReference;

use super::{Faults, Path};

/// API group and kind.
pub(super) type Kind = (&'static str, &'static str);

pub(super) const VIRTUAL_MACHINE: Kind = ("kubevirt.io", "VirtualMachine");
pub(super) const SNAPSHOT: Kind = ("snapshot.kubevirt.io", "VirtualMachineSnapshot");

/// Whether a reference is to an object of a kind. An absent group is the group of Kubernetes' own kinds.
pub(super) fn is(reference: &TypedLocalObjectReference, (group, kind): Kind) -> bool {
    reference.api_group.as_deref().unwrap_or_default() == group && reference.kind == kind
}

/// A reference that must have a name and one of some kinds.
pub(super) fn reference(
    faults: &mut Faults,
    path: &Path,
    reference: &TypedLocalObjectReference,
    allowed: &[Kind],
) {
    if !allowed.iter().any(|kind| is(reference, *kind)) {
        wrong_kind(faults, path, reference, allowed);
    }
    if reference.name.is_empty() {
        faults.required(
            &path.field("name"),
            "must name the object: write its metadata.name",
        );
    }
}

fn wrong_kind(
    faults: &mut Faults,
    path: &Path,
    reference: &TypedLocalObjectReference,
    allowed: &[Kind],
) {
    let group_of = |group: &str| match group {
        "" => "no apiGroup".to_owned(),
        group => format!("apiGroup {group}"),
    };
    let right_kind = allowed.iter().find(|(_, kind)| *kind == reference.kind);
    match (right_kind, reference.api_group.as_deref()) {
        (Some((group, kind)), None) => faults.required(
            &path.field("apiGroup"),
            format!("must be {group} for kind {kind}: add it"),
        ),
        (Some((group, kind)), Some(given)) => faults.not_supported(
            &path.field("apiGroup"),
            format!("{given:?} has no {kind}: use {}", group_of(group)),
        ),
        (None, _) => {
            let kinds: Vec<_> = allowed
                .iter()
                .map(|(group, kind)| format!("{kind} with {}", group_of(group)))
                .collect();
            faults.not_supported(
                &path.field("kind"),
                format!(
                    "{:?} is not supported: use {}",
                    reference.kind,
                    kinds.join(", or ")
                ),
            );
        }
    }
}
