//! Versions of kinds: which are served, which one is stored, and in what an older one differs.
//!
//! Nothing is converted. An older version has the schema of the stored one, without the fields that it did not have yet:
//! these are neither shown nor taken by clients that speak it.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionVersion,
};

use crate::schema;

/// A version of a kind.
pub(super) struct Version {
    name: &'static str,
    stored: bool,
    deprecated: bool,
}

impl Version {
    const fn stored(name: &'static str) -> Self {
        Self {
            name,
            stored: true,
            deprecated: false,
        }
    }

    const fn older(name: &'static str) -> Self {
        Self {
            name,
            stored: false,
            deprecated: false,
        }
    }

    const fn deprecated(self) -> Self {
        Self {
            deprecated: true,
            ..self
        }
    }
}

/// Kinds of `kubevirt.io`.
pub(super) const CORE: &[Version] = &[
    Version::stored("v1"),
    Version::older("v1alpha3").deprecated(),
];
/// The preset, which is on its way out and keeps the stored version of its days.
pub(super) const PRESET: &[Version] = &[
    Version::older("v1").deprecated(),
    Version::stored("v1alpha3").deprecated(),
];
/// Kinds that have come to their beta.
pub(super) const BETA: &[Version] = &[Version::stored("v1beta1"), Version::older("v1alpha1")];
/// The export.
pub(super) const EXPORT: &[Version] = &[
    Version::stored("v1"),
    Version::older("v1beta1").deprecated(),
];
/// Kinds with the version of their type only.
pub(super) const ONE: &[Version] = &[];

/// Fields that a version of a kind does not have: kind, version, path with dots.
const WITHOUT: [(&str, &str, &str); 6] = [
    ("VirtualMachineClone", "v1alpha1", "spec.patches"),
    ("VirtualMachineClone", "v1alpha1", "spec.volumeNamePolicy"),
    (
        "VirtualMachineRestore",
        "v1alpha1",
        "spec.targetReadinessPolicy",
    ),
    (
        "VirtualMachineRestore",
        "v1alpha1",
        "spec.volumeOwnershipPolicy",
    ),
    (
        "VirtualMachineRestore",
        "v1alpha1",
        "spec.volumeRestoreOverrides",
    ),
    (
        "VirtualMachineRestore",
        "v1alpha1",
        "spec.volumeRestorePolicy",
    ),
];

/// Gives a kind its versions. The first one is what clients use when they are free to choose, and has all descriptions.
pub(super) fn apply(crd: &mut CustomResourceDefinition, versions: &[Version]) {
    let Some(derived) = crd.spec.versions.first().cloned() else {
        return;
    };
    if versions.is_empty() {
        return;
    }
    let (group, kind) = (crd.spec.group.clone(), crd.spec.names.kind.clone());
    let newest = versions.first().map_or("", |version| version.name);
    crd.spec.versions = versions
        .iter()
        .map(|version| {
            let warning = match version.name == newest {
                true => format!("{group}/{newest} {kind} is deprecated"),
                false => format!(
                    "{group}/{} {kind} is deprecated, use {group}/{newest} {kind}",
                    version.name
                ),
            };
            let mut made = CustomResourceDefinitionVersion {
                name: version.name.to_owned(),
                storage: version.stored,
                deprecated: version.deprecated.then_some(true),
                deprecation_warning: version.deprecated.then_some(warning),
                ..derived.clone()
            };
            if version.name != newest {
                make_older(&mut made, &kind);
            }
            made
        })
        .collect();
}

/// Takes out of a version what it does not have, and the descriptions: two sets of them would be too much.
fn make_older(version: &mut CustomResourceDefinitionVersion, kind: &str) {
    let Some(schema) = version
        .schema
        .as_mut()
        .and_then(|schema| schema.open_api_v3_schema.as_mut())
    else {
        return;
    };
    schema::strip_descriptions(schema);
    for (_, _, path) in WITHOUT
        .iter()
        .filter(|(of, name, _)| *of == kind && *name == version.name)
    {
        if let Some((parent, name)) = path.rsplit_once('.')
            && let Some(parent) = schema::part(schema, parent)
            && let Some(properties) = &mut parent.properties
        {
            properties.remove(name);
        }
    }
}
