//! Defaults of kinds around virtual machines.

use k8s_openapi::api::core::v1::TypedLocalObjectReference;
use kubevirt_api::{
    VirtualMachineClone, VirtualMachineInstanceMigration,
    names::{finalizer, label},
};
use uuid::Uuid;

use crate::launcher_pod::id_label;

/// Longest name of an object.
const NAME: usize = 253;
/// The letters that Kubernetes makes generated suffixes of.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
const SUFFIX: usize = 5;

/// Labels a new migration with the instance that it moves, so that the migrations of one instance are found, and gives it
/// the finalizer that keeps it until it has ended.
pub fn default_migration(migration: &mut VirtualMachineInstanceMigration) {
    let metadata = &mut migration.metadata;
    if let Some(vmi) = migration
        .spec
        .vmi_name
        .as_deref()
        .filter(|name| !name.is_empty())
    {
        let labels = metadata.labels.get_or_insert_default();
        labels.insert(label::VMI_NAME.to_owned(), id_label(vmi));
    }
    let finalizers = metadata.finalizers.get_or_insert_default();
    if !finalizers.iter().any(|name| name == finalizer::MIGRATION) {
        finalizers.push(finalizer::MIGRATION.to_owned());
    }
}

/// Names the target of a clone that names none.
pub fn default_clone(clone: &mut VirtualMachineClone, random: &mut impl FnMut() -> Uuid) {
    let source = &clone.spec.source.name;
    if clone.spec.target.is_some() || source.is_empty() {
        return;
    }
    let mut name: String = format!("clone-{source}")
        .chars()
        .take(NAME - SUFFIX - 1)
        .collect();
    name.push('-');
    for byte in random().as_bytes().iter().take(SUFFIX) {
        name.push(char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
    }
    clone.spec.target = Some(TypedLocalObjectReference {
        api_group: Some(kubevirt_api::GROUP.to_owned()),
        kind: "VirtualMachine".to_owned(),
        name,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn migrations_get_label_and_finalizer_once() {
        let mut migration: VirtualMachineInstanceMigration = serde_json::from_value(json!({
            "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstanceMigration",
            "metadata": {"name": "m", "labels": {"kubevirt.io/vmi-name": "other"}}, "spec": {"vmiName": "web"},
        }))
        .unwrap();
        default_migration(&mut migration);
        default_migration(&mut migration);
        let metadata = &migration.metadata;
        assert_eq!(
            metadata.labels.as_ref().unwrap()["kubevirt.io/vmi-name"],
            "web"
        );
        assert_eq!(
            metadata.finalizers.as_deref(),
            Some(&["kubevirt.io/migrationJobFinalize".to_owned()][..])
        );
        migration.spec.vmi_name = Some("a".repeat(100));
        default_migration(&mut migration);
        let labels = migration.metadata.labels.unwrap();
        assert_eq!(labels["kubevirt.io/vmi-name"].len(), 63);
    }

    #[test]
    fn clones_get_a_target() {
        let clone = |spec: serde_json::Value| -> VirtualMachineClone {
            let mut clone = serde_json::from_value(json!({
                "apiVersion": "clone.kubevirt.io/v1beta1", "kind": "VirtualMachineClone", "metadata": {"name": "c"}, "spec": spec,
            }))
            .unwrap();
            default_clone(&mut clone, &mut || Uuid::from_u128(0));
            clone
        };
        let source = json!({"apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": "web"});
        let target = clone(json!({"source": source})).spec.target.unwrap();
        assert_eq!(target.name, "clone-web-bbbbb");
        assert_eq!(target.kind, "VirtualMachine");
        assert_eq!(target.api_group.as_deref(), Some("kubevirt.io"));
        let given = clone(
            json!({"source": source, "target": {"apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": "copy"}}),
        );
        assert_eq!(given.spec.target.unwrap().name, "copy");
        let long =
            json!({"apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": "a".repeat(253)});
        assert_eq!(
            clone(json!({"source": long}))
                .spec
                .target
                .unwrap()
                .name
                .len(),
            253
        );
    }
}
