//! The CustomResourceDefinitions of the kinds of this crate.

mod versions;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceConversion, CustomResourceDefinition, JSONSchemaProps,
};
use kube::CustomResourceExt;

use crate::*;
use versions::{BETA, CORE, EXPORT, ONE, PRESET, Version};

/// Parts of a VirtualMachineSnapshotContent that are copies of other kinds: what their fields mean is said there.
const COPIES: [&str; 2] = [
    "spec.source.virtualMachine.spec",
    "spec.source.virtualMachine.status",
];

/// Kinds whose status is written with the rest: that of a VirtualMachineInstance changes together with its specification,
/// for instance when a node takes it over, and that of a Plugin is empty.
const WITHOUT_SUBRESOURCES: [&str; 2] = ["VirtualMachineInstance", "Plugin"];

/// The CustomResourceDefinitions, in the order in which they are to be created.
///
/// # Errors
///
/// When a schema does not survive its way through JSON, which only a mistake in this crate's types can cause; a test
/// runs this function.
pub fn crds() -> Result<Vec<CustomResourceDefinition>, serde_json::Error> {
    [
        complete(KubeVirt::crd(), CORE),
        complete(VirtualMachine::crd(), CORE),
        complete(VirtualMachineInstance::crd(), CORE),
        complete(VirtualMachineInstanceMigration::crd(), CORE),
        complete(VirtualMachineInstanceReplicaSet::crd(), CORE),
        complete(VirtualMachineInstancePreset::crd(), PRESET),
        complete(VirtualMachinePool::crd(), BETA),
        complete(VirtualMachineSnapshot::crd(), BETA),
        complete(VirtualMachineSnapshotContent::crd(), BETA),
        complete(VirtualMachineRestore::crd(), BETA),
        complete(VirtualMachineExport::crd(), EXPORT),
        complete(VirtualMachineClone::crd(), BETA),
        complete(MigrationPolicy::crd(), ONE),
        complete(VirtualMachineInstancetype::crd(), ONE),
        complete(VirtualMachineClusterInstancetype::crd(), ONE),
        complete(VirtualMachinePreference::crd(), ONE),
        complete(VirtualMachineClusterPreference::crd(), ONE),
        complete(VirtualMachineBackup::crd(), ONE),
        complete(VirtualMachineBackupTracker::crd(), ONE),
        complete(Plugin::crd(), ONE),
    ]
    .into_iter()
    .collect()
}

/// Completes what the derived definition of a kind says: its schema, its versions, and what the API server would fill in.
fn complete(
    mut crd: CustomResourceDefinition,
    versions: &[Version],
) -> Result<CustomResourceDefinition, serde_json::Error> {
    let kind = crd.spec.names.kind.clone();
    crd.spec.names.list_kind = Some(format!("{kind}List"));
    crd.spec.conversion = Some(CustomResourceConversion {
        strategy: "None".to_owned(),
        webhook: None,
    });
    for version in &mut crd.spec.versions {
        if let Some(schema) = version
            .schema
            .as_mut()
            .and_then(|schema| schema.open_api_v3_schema.as_mut())
        {
            *schema = schema::structural(&kind, schema)?;
            describe_root(schema, &kind);
            if kind == "VirtualMachineSnapshotContent" {
                for copy in COPIES {
                    schema::part(schema, copy).map(schema::strip_descriptions);
                }
            }
        }
        if WITHOUT_SUBRESOURCES.contains(&kind.as_str()) {
            version.subresources = None;
        }
    }
    versions::apply(&mut crd, versions);
    Ok(crd)
}

/// Names the parts that every object has.
fn describe_root(schema: &mut JSONSchemaProps, kind: &str) {
    let properties = schema.properties.get_or_insert_default();
    let part = |type_: &str, description: Option<String>| JSONSchemaProps {
        type_: Some(type_.to_owned()),
        description,
        ..Default::default()
    };
    let version = format!("Group and version that the {kind} is written in.");
    properties.insert("apiVersion".to_owned(), part("string", Some(version)));
    properties.insert(
        "kind".to_owned(),
        part("string", Some(format!("Always {kind}."))),
    );
    // The API server knows what metadata are and does not want to be told.
    properties.insert("metadata".to_owned(), part("object", None));
    for (name, description) in [
        ("spec", "What it is to be."),
        ("status", "What is known about it."),
    ] {
        if let Some(part) = properties.get_mut(name) {
            part.description = Some(description.to_owned());
        }
    }
}
