//! The CustomResourceDefinitions of the kinds of this crate.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps,
};
use kube::CustomResourceExt;

use crate::{GROUP, KubeVirt, VirtualMachine, VirtualMachineInstance, schema};

/// The older version that clients may still use. Same schema, so nothing is converted.
const DEPRECATED_VERSION: &str = "v1alpha3";

/// The CustomResourceDefinitions, in the order in which they are to be created.
///
/// # Errors
///
/// When a schema does not survive its way through JSON, which only a mistake in this crate's types can cause; a test
/// runs this function.
pub fn crds() -> Result<Vec<CustomResourceDefinition>, serde_json::Error> {
    let mut all = vec![
        KubeVirt::crd(),
        VirtualMachine::crd(),
        VirtualMachineInstance::crd(),
    ];
    for crd in &mut all {
        complete(crd)?;
    }
    Ok(all)
}

fn complete(crd: &mut CustomResourceDefinition) -> Result<(), serde_json::Error> {
    let kind = crd.spec.names.kind.clone();
    crd.spec.names.list_kind = Some(format!("{kind}List"));
    for version in &mut crd.spec.versions {
        if let Some(schema) = version
            .schema
            .as_mut()
            .and_then(|schema| schema.open_api_v3_schema.as_mut())
        {
            *schema = schema::structural(schema)?;
            describe_root(schema, &kind);
        }
        // Status and specification of a VirtualMachineInstance are written together, for instance when a node takes it over.
        if kind == "VirtualMachineInstance" {
            version.subresources = None;
        }
    }
    let deprecated: Vec<_> = crd
        .spec
        .versions
        .iter()
        .map(|version| {
            let mut version = version.clone();
            version.name = DEPRECATED_VERSION.to_owned();
            version.storage = false;
            version.deprecated = Some(true);
            version.deprecation_warning = Some(format!(
                "{GROUP}/{DEPRECATED_VERSION} {kind} is deprecated, use {GROUP}/{} {kind}",
                crate::VERSION
            ));
            version
        })
        .collect();
    crd.spec.versions.extend(deprecated);
    Ok(())
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
