//! What only KubeVirt's components may change.

use kubevirt_api::{VirtualMachineInstance, names::RESERVED_LABELS};

/// Undoes what a user who is not a component of KubeVirt changes of a VirtualMachineInstance's status and reserved labels:
/// the object has no status subresource that Kubernetes could guard.
pub fn restore_protected(old: &VirtualMachineInstance, new: &mut VirtualMachineInstance) {
    new.status.clone_from(&old.status);
    let had = |name: &str| {
        old.metadata
            .labels
            .as_ref()
            .and_then(|labels| labels.get(name))
    };
    let labels = new.metadata.labels.get_or_insert_default();
    for name in RESERVED_LABELS {
        match had(name) {
            Some(value) => labels.insert(name.to_owned(), value.clone()),
            None => labels.remove(name),
        };
    }
    if labels.is_empty() {
        new.metadata.labels = None;
    }
}
